/** What a program is given by the command line: its surroundings, and how it is asked to stop. */
import type { Readable, Writable } from 'node:stream'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { Terminal } from './terminal.ts'

export interface Program {
  environment: Readonly<Record<string, string | undefined>>
  stdin: Readable
  /** Data. */
  stdout: Writable & { isTTY?: boolean; columns?: number; rows?: number }
  /** Talk. */
  stderr: Writable & { isTTY?: boolean; columns?: number }
  clock: Clock
  random: Random
  /** The first Ctrl-C: finish what is under way. The second one ends the process. */
  drain: AbortSignal
  /** ANSI colours may be used on a TTY. */
  colour: boolean
  /** Takes the screen and the keyboard for a live view; undefined where there is no terminal. */
  openTerminal?(): Terminal | undefined
}

/** Where a command's stream and tables are. */
export interface Names {
  stream: string
  table: string
  application: string
}

export const DEFAULT_NAMES: Names = {
  stream: 'hailstream',
  table: 'hailstream-counts',
  application: 'hailstream',
}

/** 0 done, 1 failed or not equal, 2 usage, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130

/** One line of talk. */
export function say(program: Pick<Program, 'stderr'>, text: string): void {
  program.stderr.write(`${text}\n`)
}

/** One line of data. */
export function print(program: Pick<Program, 'stdout'>, value: unknown): void {
  program.stdout.write(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`)
}

/** Digits in groups: 12,345. */
export function count(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`
}

/** `0:07`, `12:30`, `3:02:10`. */
export function stopwatch(millis: number): string {
  const seconds = Math.max(0, Math.round(millis / 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${minutes}:${two(seconds % 60)}`
}
