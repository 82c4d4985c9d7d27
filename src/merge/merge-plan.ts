/** Which hours of a run are due: pure. */
import { HOUR_MILLIS } from '../time/units.ts'
import { spanStart } from '../windows/pane.ts'
import type { Merging } from './hour-item.ts'
import { isFinal } from './hour-item.ts'

/** An hour that changed and is not in the table yet as it will stay. */
export interface PendingHour {
  /** Touched since it was last written. */
  changed: boolean
  /** Start of the open pane when it was last written; −Infinity before the first time. */
  writtenAtPane: number
}

/**
 * Final hours are due once; an open hour is due when a pane has closed since, but not while the run
 * is catching up: then it is written once, when it is final.
 */
export function dueHours(
  pending: ReadonlyMap<number, PendingHour>,
  merging: Merging,
  catchingUp: boolean,
): number[] {
  const openPane = spanStart(merging.watermark, merging.paneMillis)
  const due: number[] = []
  for (const [hour, { writtenAtPane }] of pending) {
    if (isFinal(merging, hour + HOUR_MILLIS)) due.push(hour)
    else if (!catchingUp && hour <= merging.watermark && openPane > writtenAtPane) due.push(hour)
  }
  return due.sort((a, b) => a - b)
}

/** Event time runs so fast that an hour passes within a few ticks. */
export function isCatchingUp(watermark: number, previous: number, tickMillis: number): boolean {
  if (!Number.isFinite(previous)) return true
  const eventMillisPerTick = watermark - previous
  return eventMillisPerTick > 0 && (HOUR_MILLIS / eventMillisPerTick) * tickMillis < 2_500
}
