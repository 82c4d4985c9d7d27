import { HailstreamError } from '../errors.ts'

const UNITS: ReadonlyMap<string, number> = new Map([
  ['ms', 1],
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
])

export const HOUR_MILLIS = 3_600_000
export const DAY_MILLIS = 86_400_000

/** `"90s"`, `"5m"`, `"1.5h"`, `"250ms"`, `"1d"` → milliseconds. A bare number is refused. */
export function parseDuration(text: string, subject: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim())
  const unit = match === null ? undefined : UNITS.get(match[2])
  if (match === null || unit === undefined) {
    throw new HailstreamError('USAGE', {
      subject,
      got: JSON.stringify(text),
      expected: 'a duration such as 30s, 5m or 1h',
    })
  }
  return Math.round(Number(match[1]) * unit)
}

/** Milliseconds → the shortest text `parseDuration` reads back: 300000 → `"5m"`. */
export function formatDuration(millis: number): string {
  for (const [unit, size] of [...UNITS].reverse()) {
    if (millis >= size && millis % size === 0) return `${millis / size}${unit}`
  }
  return `${millis}ms`
}

/** Wall-clock milliseconds (no zone) → `2016-01-01T00:05:00`. */
export function formatEventTime(eventTime: number): string {
  return Number.isFinite(eventTime) && Math.abs(eventTime) <= 8.64e15
    ? new Date(eventTime).toISOString().replace(/(\.000)?Z$/, '')
    : String(eventTime)
}

/**
 * `2016-01-01`, `2016-01-01T07:30` or `2016-01-01 07:30:15` → wall-clock milliseconds, read without
 * a zone as the trip files are.
 */
export function parseEventTime(text: string, subject: string): number {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2}(?:\.\d{1,3})?)?)?$/.exec(
    text.trim(),
  )
  const time =
    match === null ? NaN : Date.parse(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? ':00'}Z`)
  if (Number.isNaN(time) || !isDay(match?.[1])) {
    throw new HailstreamError('USAGE', {
      subject,
      got: JSON.stringify(text),
      expected: 'a time such as 2016-01-01 or 2016-01-01T07:30:00',
    })
  }
  return time
}

/** Date.parse takes 30 February for 1 March. */
function isDay(date = ''): boolean {
  const midnight = Date.parse(date)
  return !Number.isNaN(midnight) && new Date(midnight).toISOString().startsWith(date)
}
