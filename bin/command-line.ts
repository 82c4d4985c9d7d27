/** The table of commands that commander reads: each brings its options and what it runs. */
import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import type { Option, OptionValues } from 'commander'
import { HailstreamError } from '../src/errors.ts'
import type { ExitCode, Program } from '../src/program/program.ts'

/** What a chosen command does, once it is given its surroundings. */
export type Run = (program: Program) => Promise<ExitCode>

/** How a command is to be ended. */
export type Manners = Required<Pick<CommandEntry<OptionValues>, 'endMillis' | 'isVerdict'>>

const END_MILLIS = 2_000

export interface CommandEntry<T extends OptionValues> {
  name: string
  description: string
  options: readonly Option[]
  /** `required`: at least one file must be named. */
  files?: 'required' | 'optional'
  /** Named arguments that are not files, in order. */
  arguments?: readonly { name: string; description: string }[]
  /** Most that it may take to end after the first Ctrl-C; left out, a moment: nothing is at stake. */
  endMillis?: number
  /** Its exit code is the answer, even to who reads no more of its output (`… | head`). */
  isVerdict?: boolean
  /** Loads the program and binds the options to it; `given` are the files or arguments. */
  bind(parsed: T, given: string[]): Promise<Run>
}

const EXAMPLES = `
Examples:
  hailstream demo                              a sample day in a sample city, all on this machine
  hailstream demo TRIPS.csv.gz --districts CITY.geojson --speed max --exit
  hailstream local --write-env .env            an emulated Kinesis and DynamoDB

Endpoints, region and credentials come from the AWS environment (AWS_ENDPOINT_URL_KINESIS,
AWS_ENDPOINT_URL_DYNAMODB, AWS_REGION, AWS_PROFILE …). An endpoint on this machine is taken for an
emulator, any other for AWS; HAILSTREAM_EMULATED=yes or no says otherwise. Exit codes: 0 done,
1 failed or not equal, 2 usage, 130 interrupted.`

export class CommandLine {
  readonly root: Command
  /** The command that was used wrongly, as it is typed: its help is the one to read. */
  misused = 'hailstream'
  readonly #start: (run: Run, manners: Manners) => Promise<void>

  /** `start` is called with what the chosen command does. */
  constructor(start: (run: Run, manners: Manners) => Promise<void>) {
    this.#start = start
    this.root = this.#quiet(new Command('hailstream'))
      .description('Replay trip history as a live feed, count it by district, watch the counts.')
      .version(packageVersion(), '-V, --version')
      .addHelpText('after', EXAMPLES)
  }

  /** A command that only holds others, such as `runs`. */
  group(name: string, description: string): Command {
    return this.#quiet(this.root.command(name).description(description))
  }

  add<T extends OptionValues>(entry: CommandEntry<T>, parent: Command = this.root): void {
    const command = this.#quiet(parent.command(entry.name).description(entry.description))
    for (const option of entry.options) command.addOption(option)
    for (const { name, description } of entry.arguments ?? []) command.argument(name, description)
    if (entry.files !== undefined) {
      command.argument(
        entry.files === 'required' ? '<files...>' : '[files...]',
        'trip files: CSV, .csv.gz or Parquet; globs; - for standard input',
      )
    }
    command.action(async () => {
      const { endMillis = END_MILLIS, isVerdict = false } = entry
      await this.#start(await entry.bind(command.opts<T>(), command.args), { endMillis, isVerdict })
    })
  }

  /** Errors are thrown and told by `main`, in one way. */
  #quiet(command: Command): Command {
    return command
      .exitOverride((error) => {
        this.misused = typed(command)
        throw error
      })
      .configureOutput({ outputError: () => undefined })
  }
}

function typed(command: Command): string {
  const { parent } = command
  return parent === null ? command.name() : `${typed(parent)} ${command.name()}`
}

/** `--from` must lie before `--to`. */
export function checkWindow<T extends { from?: number; to?: number }>(parsed: T): T {
  const { from, to } = parsed
  if (from === undefined || to === undefined || from < to) return parsed
  throw new HailstreamError('USAGE', {
    subject: '--from and --to',
    got: 'a start that is not before the end',
    expected: '--from before --to',
  })
}

/** At most one of two options. */
export function checkOneOf(
  command: string,
  [first, a]: [string, unknown],
  [second, b]: [string, unknown],
): void {
  if (a === undefined || b === undefined) return
  throw new HailstreamError('USAGE', {
    subject: command,
    got: `${first} and ${second}`,
    expected: 'one of them',
  })
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed
    ? String(parsed.version)
    : 'unknown'
}
