/** The process: its surroundings, its signals, its exit code. */
import { CommanderError } from 'commander'
import { HailstreamError, messageOf } from '../src/errors.ts'
import type { ExitCode, Program } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import type { Manners } from './command-line.ts'
import { CommandLine } from './command-line.ts'
import { COMMANDS } from './commands/all.ts'
import { Talk } from './talk.ts'
import { openTerminal } from './terminal.ts'

/** Runs one command and ends the process with its exit code. */
export async function main(argv: readonly string[]): Promise<void> {
  let manners: Manners = { endMillis: 0, isVerdict: false }
  const program = surroundings(() => manners)
  let exitCode: ExitCode = 0
  const line = new CommandLine(async (run, itsManners) => {
    manners = itsManners
    exitCode = await run(program)
  })
  for (const add of COMMANDS) add(line)
  try {
    await line.root.parseAsync([...argv])
  } catch (error) {
    exitCode = tellFailure(error, line.misused, program)
  }
  process.exitCode = exitCode
  await flushed(process.stdout)
  await flushed(process.stderr)
  process.exit(exitCode)
}

function surroundings(manners: () => Manners): Program {
  const drain = new AbortController()
  let signals = 0
  const onSignal = (): void => {
    signals++
    if (signals > 1) process.exit(130)
    drain.abort()
    // What does not answer may keep a command waiting for minutes.
    setTimeout(() => process.exit(130), manners().endMillis).unref()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  // Started by a demo that is gone: end like it.
  process.on('disconnect', () => process.exit(130))
  process.channel?.unref()
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      process.stderr.write(
        `hailstream: standard output: got ${error.code ?? 'an error'}, expected room for it\n`,
      )
      process.exit(1)
    }
    // A reader that goes away (`… | head`) ends a command quietly.
    if (!manners().isVerdict) process.exit(0)
  })
  const talk = new Talk(process.stderr)
  return {
    environment: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: talk,
    clock: systemClock,
    random: systemRandom,
    drain: drain.signal,
    colour: process.env.NO_COLOR === undefined && process.stdout.isTTY,
    openTerminal: () => openTerminal(process, talk, process.env.TERM),
  }
}

function tellFailure(error: unknown, misused: string, program: Program): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0
    if (error.code === 'commander.help') return 2
    const message = error.message.replace(/^error: /, '')
    program.stderr.write(`hailstream: ${message}\nSee ${misused} --help.\n`)
    return 2
  }
  if (error instanceof HailstreamError) {
    program.stderr.write(`hailstream: ${error.message}\n`)
    return error.exitCode
  }
  if (program.drain.aborted) return 130
  const debug = program.environment.HAILSTREAM_DEBUG !== undefined
  const where =
    debug && error instanceof Error
      ? (error.stack ?? '')
      : 'Set HAILSTREAM_DEBUG=1 to see where, and please report it.'
  program.stderr.write(`hailstream: a bug, or something nobody foresaw: ${messageOf(error)}\n`)
  program.stderr.write(`${where}\n`)
  return 1
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}
