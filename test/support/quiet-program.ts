import { PassThrough } from 'node:stream'
import type { Program } from '../../src/program/program.ts'
import type { Clock } from '../../src/time/clock.ts'
import { systemClock } from '../../src/time/clock.ts'

export interface QuietProgram extends Program {
  /** What was said and printed since it was last asked for. */
  heard(): string
}

/** What a command runs in, in this process: without a terminal, and nobody stops it. */
export function quietProgram(
  environment: Record<string, string>,
  clock: Clock = systemClock,
): QuietProgram {
  const stdout = new PassThrough()
  const stderr = new PassThrough()
  return {
    environment,
    stdin: new PassThrough(),
    stdout,
    stderr,
    clock,
    random: () => 0,
    drain: new AbortController().signal,
    colour: false,
    heard: () => `${String(stderr.read() ?? '')}${String(stdout.read() ?? '')}`,
  }
}
