/** Which hours of a run are due: pure. */
import { DAY_MILLIS, HOUR_MILLIS } from '../time/units.ts'
import { dayStartOf, spanStart } from '../windows/pane.ts'
import type { Merging } from './hour-item.ts'
import { isFinal } from './hour-item.ts'

/** An hour that changed and is not in the table yet as it will stay. */
export interface PendingHour {
  /** Touched since it was last written. */
  changed: boolean
  /** Start of the open pane when it was last written; −Infinity before the first time. */
  writtenAtPane: number
}

/** How a run moves. */
export interface Pace {
  /** Event time runs so fast that an hour passes within a few ticks. */
  catchingUp: boolean
  /** Nothing has been counted for a while: whoever sent it paused, was cut off, or had no more. */
  quiet: boolean
}

/**
 * Final hours are due once; an open hour is due when a pane has closed since, but not while the run
 * is catching up: then it is written once, when it is final. What was counted before a run went
 * quiet is shown in any case, behind the watermark or ahead of it.
 */
export function dueHours(
  pending: ReadonlyMap<number, PendingHour>,
  merging: Merging,
  { catchingUp, quiet }: Pace,
): number[] {
  const openPane = spanStart(merging.watermark, merging.paneMillis)
  const due: number[] = []
  for (const [hour, { changed, writtenAtPane }] of pending) {
    if (isFinal(merging, hour + HOUR_MILLIS) || (quiet && changed)) due.push(hour)
    else if (!catchingUp && hour <= merging.watermark && openPane > writtenAtPane) due.push(hour)
  }
  return due.sort((a, b) => a - b)
}

/** The days whose hours are all in the table as far as they are due; whole days while catching up. */
export function dueDays(
  days: Iterable<number>,
  pending: ReadonlyMap<number, PendingHour>,
  merging: Merging,
  { catchingUp, quiet }: Pace,
): number[] {
  // An hour that is final and still pending was refused: its day would be called final without it.
  const incomplete = new Set<number>()
  for (const hour of pending.keys()) {
    if (isFinal(merging, hour + HOUR_MILLIS)) incomplete.add(dayStartOf(hour))
  }
  return [...days].filter((day) => {
    if (incomplete.has(day)) return false
    return !catchingUp || quiet || isFinal(merging, day + DAY_MILLIS)
  })
}

/** Event time runs so fast that an hour passes within a few ticks. */
export function isCatchingUp(watermark: number, previous: number, tickMillis: number): boolean {
  if (!Number.isFinite(previous)) return true
  const eventMillisPerTick = watermark - previous
  return eventMillisPerTick > 0 && (HOUR_MILLIS / eventMillisPerTick) * tickMillis < 2_500
}
