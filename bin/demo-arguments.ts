/** What a demo tells its workers and its replay: its own options, as command lines. */
import { formatDuration, formatEventTime } from '../src/time/units.ts'
import type { DemoOptions } from './commands/demo.ts'

export function countArguments(input: DemoOptions, worker: string): string[] {
  return [
    'count',
    ...nameArguments(input),
    ...flag('--districts', input.districts),
    ...flag('--district-id', input.districtId),
    ...flag('--pane', formatDuration(input.pane)),
    ...flag('--out-of-orderness', formatDuration(input.outOfOrderness)),
    ...flag('--flush', formatDuration(input.flush)),
    ...flag('--failover', formatDuration(input.failover)),
    ...flag('--rolling', input.rolling?.map(formatDuration).join(',')),
    ...flag('--write-units', input.writeUnits),
    ...flag('--merge-units', input.mergeUnits),
    ...(input.deadLetter === undefined
      ? flag('--dead-letters', input.deadLetters ?? 'dead-letters.ndjson')
      : flag('--dead-letter', input.deadLetter)),
    ...flag('--start', startText(input.start)),
    ...flag('--worker', worker),
    ...(input.fanOut ? ['--fan-out'] : []),
  ]
}

export function replayArguments(input: DemoOptions): string[] {
  return [
    'replay',
    ...nameArguments(input),
    ...flag('--speed', input.speed === Infinity ? 'max' : input.speed),
    ...flag(
      '--duration',
      input.duration === undefined ? undefined : formatDuration(input.duration),
    ),
    ...flag('--order', input.order),
    ...flag('--codec', input.codec),
    ...flag('--columns', input.columns?.text),
    ...flag('--from', input.from === undefined ? undefined : formatEventTime(input.from)),
    ...flag('--to', input.to === undefined ? undefined : formatEventTime(input.to)),
    ...flag('--run-id', input.runId),
    ...flag('--lanes', input.lanes),
    ...flag('--quarantine', input.quarantine),
    ...(input.loop ? ['--loop'] : []),
    ...(input.newRun ? ['--new-run'] : []),
    // Totals that are zero are totals; without --exit there would be nothing to look at.
    ...(input.exit === true ? ['--allow-empty'] : []),
    '--',
    ...input.files,
  ]
}

export function dashboardArguments(input: DemoOptions): string[] {
  return ['dashboard', ...nameArguments(input), ...flag('--port', input.port)]
}

function nameArguments({ stream, table, application }: DemoOptions): string[] {
  return [
    ...flag('--stream', stream),
    ...flag('--table', table),
    ...flag('--application', application),
  ]
}

function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)]
}

function startText(start: DemoOptions['start']): string {
  return typeof start === 'number' ? new Date(start).toISOString() : start
}
