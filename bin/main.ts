/** The command line: which command, with which options, runs which program. */
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import type { Option } from 'commander'
import { HailstreamError, messageOf } from '../src/errors.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import type { ColumnMap } from '../src/trips/column-map.ts'
import * as options from './options.ts'

/** Runs one command and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  const program = surroundings()
  let exitCode: ExitCode = 0
  const command = build(async (run) => {
    exitCode = await run(program)
  })
  try {
    await command.parseAsync([...argv])
  } catch (error) {
    exitCode = tellFailure(error, program)
  }
  process.exitCode = exitCode
  await flushed(process.stdout)
  await flushed(process.stderr)
  process.exit(exitCode)
}

type Run = (program: Program) => Promise<ExitCode>

/** `start` is called with what the chosen command does. */
function build(start: (run: Run) => Promise<void>): Command {
  const cli = new Command('hailstream')
    .description('Replay trip history as a live feed, count it by district, and watch the counts.')
    .version(packageVersion(), '-V, --version')
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  hailstream demo                              a sample day in a sample city, all on this machine\n' +
        '  hailstream demo TRIPS.csv.gz --districts CITY.geojson --speed max --exit\n' +
        '  hailstream local --write-env .env            an emulated Kinesis and DynamoDB\n' +
        '\nEndpoints, region and credentials come from the AWS environment (AWS_ENDPOINT_URL_KINESIS,\n' +
        'AWS_ENDPOINT_URL_DYNAMODB, AWS_REGION, AWS_PROFILE …). Exit codes: 0 done, 1 failed or not\n' +
        'equal, 2 usage, 130 interrupted.',
    )
  const add = <T>(
    name: string,
    description: string,
    table: readonly Option[],
    run: (parsed: T, files: string[]) => Promise<Run>,
    files?: { required: boolean },
  ): void => {
    const command = cli.command(name).description(description).exitOverride()
    command.configureOutput({ outputError: () => undefined })
    for (const option of table) command.addOption(option)
    if (files !== undefined) {
      command.argument(
        files.required ? '<files...>' : '[files...]',
        'trip files: CSV, .csv.gz or Parquet; globs; - for standard input',
      )
    }
    command.action(async (...parts: unknown[]) => {
      const given = files === undefined ? [] : (parts[0] as string[])
      const parsed = parts[files === undefined ? 0 : 1] as T
      await start(await run(parsed, given))
    })
  }

  add<DemoOptions>(
    'demo',
    'everything on this machine: local pair, workers, replay, live counts',
    [
      ...options.input(),
      ...options.replaying(),
      ...options.counting(),
      options.shards(),
      options.workers(),
      options.topN(),
      options.option('--exit', 'end when everything sent is counted; verify, and print the totals'),
      options.option('--csv', 'print the totals as CSV, and nothing else, on standard output'),
      options.option('--data-dir <dir>', 'keep the counts there'),
    ],
    async (parsed, files) => {
      const { demo } = await import('./demo.ts')
      checkPace(checkWindow(parsed))
      // A whole file in a minute and a half, unless told otherwise.
      const pace = parsed.speed === undefined ? { duration: 90_000 } : {}
      return (program) => demo({ ...pace, ...parsed, files }, program)
    },
    { required: false },
  )
  add<{ dataDir?: string; writeEnv?: string }>(
    'local',
    'an emulated Kinesis and DynamoDB in the foreground',
    [
      options.option('--data-dir <dir>', 'keep their data there (default: in memory)'),
      options.option(
        '--write-env <file>',
        'write what the other commands need, as KEY=value lines',
      ),
    ],
    async (parsed) => {
      const { runLocal } = await import('../localstack/local-command.ts')
      return async (program) => {
        await runLocal({
          ...parsed,
          signal: program.drain,
          stdout: program.stdout,
          stderr: program.stderr,
        })
        return 0
      }
    },
  )
  add<Names & { shards: number | 'on-demand'; reset: boolean; yes: boolean }>(
    'init',
    'make the stream and the counts table, and wait until they are active',
    [
      ...options.names(),
      options.shards(),
      options.option('--reset', 'remove what is there first; all counts are lost').default(false),
      options.option('--yes', 'yes, remove it').default(false),
    ],
    async (parsed) => {
      const { init } = await import('./init.ts')
      return (program) => init(parsed, program)
    },
  )
  add<Names & { yes: boolean }>(
    'destroy',
    'remove the stream and all tables',
    [...options.names(), options.option('--yes', 'yes, remove them').default(false)],
    async (parsed) => {
      const { destroy } = await import('./init.ts')
      return (program) => destroy(parsed, program)
    },
  )
  add<Omit<ReplayOptions, 'files'>>(
    'replay',
    'send trip files into the stream in event-time order',
    [...options.names(), ...options.input(), ...options.replaying(), options.dryRun()],
    async (parsed, files) => {
      const { replay } = await import('../producers/replay.ts')
      const { columns, duration, ...rest } = checkPace(checkWindow(parsed))
      return (program) =>
        replay(
          {
            ...rest,
            files,
            ...(duration !== undefined && { durationMillis: duration }),
            ...(columns !== undefined && { columns: columns.map, columnsText: columns.text }),
          },
          program,
        )
    },
    { required: true },
  )
  add<CountOptions>(
    'count',
    'a worker: count the stream by district',
    [...options.names(), ...options.counting(), options.worker()],
    async ({ pane, outOfOrderness, flush, failover, ...rest }) => {
      const { countStream } = await import('../consumers/count.ts')
      return (program) =>
        countStream(
          {
            ...rest,
            paneMillis: pane,
            outOfOrdernessMillis: outOfOrderness,
            flushMillis: flush,
            failoverMillis: failover,
          },
          program,
        )
    },
  )
  add<
    Names &
      ViewOptions & {
        totals?: boolean
        window?: number
        from?: number
        to?: number
        district?: string
        json?: boolean
        csv?: boolean
      }
  >(
    'counts',
    'the counts as they stand: totals, or window by window',
    [
      ...options.names(),
      ...options.view(),
      options.option('--totals', 'one row a district over the whole run (the default)'),
      options.window(),
      options.bound('from', 'only panes from this event time on'),
      options.bound('to', 'only panes before this event time'),
      options.option('--district <id>', 'only this district, or NONE'),
      options.option('--json', 'NDJSON, with every measure'),
      options.option('--csv', 'CSV'),
    ],
    async ({ json, csv, totals, window, ...rest }) => {
      const { counts } = await import('../consumers/counts.ts')
      const format = json === true ? 'json' : csv === true ? 'csv' : 'text'
      checkWindow(rest)
      if (totals === true && window !== undefined) {
        throw new HailstreamError('USAGE', {
          subject: 'counts',
          got: '--totals and --window',
          expected: 'one of them',
        })
      }
      return (program) =>
        counts(
          {
            ...rest,
            format,
            totals: window === undefined,
            ...(window !== undefined && { windowMillis: window }),
          },
          program,
        )
    },
  )
  add<
    Names &
      ViewOptions & { rolling: number; by: 'pickups' | 'dropoffs'; top: number; district?: string }
  >(
    'tail',
    'follow the rolling counts',
    [
      ...options.names(),
      ...options.view(),
      options.rolling(),
      options
        .option('--by <measure>', 'sort by')
        .choices(['pickups', 'dropoffs'])
        .default('pickups'),
      options.topN(),
      options.option('--district <id>', 'only this district'),
    ],
    async ({ rolling, ...rest }) => {
      const { tail } = await import('../consumers/tail.ts')
      return (program) => tail({ ...rest, rollingMillis: rolling }, program)
    },
  )
  add<Names & ViewOptions & { json?: boolean }>(
    'status',
    'who counts what, how far behind, and what holds the run back',
    [...options.names(), ...options.view(), options.option('--json', 'NDJSON')],
    async (parsed) => {
      const { status } = await import('../consumers/status.ts')
      return (program) => status(parsed, program)
    },
  )
  add<VerifyOptions>(
    'verify',
    'recount the files in batch and compare the table with that, to the trip',
    [
      ...options.names(),
      ...options.districts(),
      ...options.view(),
      ...options.input(),
      options.timeout(),
    ],
    async ({ columns, timeout, ...rest }, files) => {
      const { verify } = await import('../consumers/verify.ts')
      checkWindow(rest)
      return (program) =>
        verify(
          {
            ...rest,
            files,
            timeoutMillis: timeout,
            ...(columns !== undefined && { columns: columns.map, columnsText: columns.text }),
          },
          program,
        )
    },
    { required: true },
  )
  addRuns(cli, start)
  return cli
}

/** `runs list`, `runs end RUN`, `runs delete RUN`. */
function addRuns(cli: Command, start: (run: Run) => Promise<void>): void {
  const quiet = { outputError: () => undefined }
  const runs = cli
    .command('runs')
    .description('list, end or delete runs')
    .exitOverride()
    .configureOutput(quiet)
  const sub = (name: string, description: string, more: readonly Option[]): Command => {
    const command = runs
      .command(name)
      .description(description)
      .exitOverride()
      .configureOutput(quiet)
    for (const option of [...options.names(), ...more]) command.addOption(option)
    return command
  }
  sub('list', 'the runs of the table, oldest first', [options.option('--json', 'NDJSON')]).action(
    async (parsed: Names & { json?: boolean }) => {
      const { listRuns } = await import('../consumers/runs.ts')
      await start((program) => listRuns(parsed, program))
    },
  )
  sub('end', 'give a run up: nothing more of it is counted, and nobody waits for it', [])
    .argument('<run>', 'its name')
    .action(async (run: string, parsed: Names) => {
      const { endRun } = await import('../producers/end-run.ts')
      await start((program) => endRun({ ...parsed, run }, program))
    })
  sub('delete', 'remove a run that has ended, with its counts', [
    options.option('--yes', 'yes, remove it').default(false),
  ])
    .argument('<run>', 'its name')
    .action(async (run: string, parsed: Names & { yes: boolean }) => {
      const { deleteRun } = await import('../consumers/runs.ts')
      await start((program) => deleteRun({ ...parsed, run }, program))
    })
}

interface VerifyOptions extends Names, ViewOptions {
  districts?: string
  districtId?: string
  columns?: { text: string; map: ColumnMap }
  from?: number
  to?: number
  order: 'pickup' | 'dropoff'
  timeout: number
}

interface ViewOptions {
  runId?: string
  generation?: string
}

export interface ReplayOptions extends Names {
  columns?: { text: string; map: ColumnMap }
  from?: number
  to?: number
  order: 'pickup' | 'dropoff'
  speed?: number
  duration?: number
  loop: boolean
  runId?: string
  newRun: boolean
  codec: 'binary' | 'json'
  lanes?: number
  quarantine?: string
  dryRun: boolean
  files: string[]
}

export interface CountOptions extends Names {
  districts?: string
  districtId?: string
  pane: number
  start: 'trim-horizon' | 'latest' | number
  writeUnits?: number
  mergeUnits?: number
  outOfOrderness: number
  flush: number
  failover: number
  deadLetters?: string
  worker?: string
}

export interface DemoOptions
  extends Omit<ReplayOptions, 'dryRun' | keyof Names>, Omit<CountOptions, 'worker' | keyof Names> {
  shards: number | 'on-demand'
  workers: number
  top: number
  exit?: boolean
  csv?: boolean
  dataDir?: string
}

function checkPace<T extends { speed?: number; duration?: number }>(parsed: T): T {
  if (parsed.speed === undefined || parsed.duration === undefined) return parsed
  throw new HailstreamError('USAGE', {
    subject: 'replay',
    got: '--speed and --duration',
    expected: 'one of them',
  })
}

function checkWindow<T extends { from?: number; to?: number }>(parsed: T): T {
  const { from, to } = parsed
  if (from !== undefined && to !== undefined && from >= to) {
    throw new HailstreamError('USAGE', {
      subject: '--from and --to',
      got: 'a start that is not before the end',
      expected: '--from before --to',
    })
  }
  return parsed
}

function surroundings(): Program {
  const drain = new AbortController()
  let signals = 0
  const onSignal = (): void => {
    signals++
    if (signals === 1) drain.abort()
    else process.exit(130)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // Started by a demo that is gone: end like it.
  process.on('disconnect', () => process.exit(130))
  process.channel?.unref()
  // A reader that goes away (`… | head`) ends a command quietly.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return {
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    random: systemRandom,
    drain: drain.signal,
    colour: process.env.NO_COLOR === undefined && process.stdout.isTTY,
  }
}

function tellFailure(error: unknown, program: Program): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    program.stderr.write(
      `${error.message.replace(/^error: /, 'hailstream: ')}\nSee hailstream --help.\n`,
    )
    return 2
  }
  if (error instanceof HailstreamError) {
    program.stderr.write(`hailstream: ${error.message}\n`)
    return error.exitCode
  }
  if (program.drain.aborted) return 130
  const trace = error instanceof Error && program.environment.HAILSTREAM_DEBUG !== undefined
  program.stderr.write(
    `hailstream: a bug, or something nobody foresaw: ${messageOf(error)}\n` +
      (trace
        ? `${error.stack ?? ''}\n`
        : 'Set HAILSTREAM_DEBUG=1 for where, and please report it.\n'),
  )
  return 1
}

function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url)
  const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'))
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed
    ? String(parsed.version)
    : '0'
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}
