/**
 * The lag of a run from trip to table: from the put of a trip into the stream until a merged item
 * that shows it was written. Weighed by trips, so that p99 is that of trips.
 */
import type { PutEntry } from '../counts/put-times.ts'
import { LagHistogram } from '../time/lag-histogram.ts'
import type { Percentiles } from '../time/lag-histogram.ts'

export const LAG_WINDOW_MILLIS = 300_000
/** Entries that wait for their pane to open; more than that only where a lane hangs. */
const MAX_WAITING = 10_000

export class LagMeter {
  readonly #histogram = new LagHistogram(LAG_WINDOW_MILLIS)
  #waiting: PutEntry[] = []

  /** Trips that are in the partials from now on. */
  note(entries: readonly PutEntry[]): void {
    this.#waiting.push(...entries)
    if (this.#waiting.length > MAX_WAITING) this.#waiting = this.#waiting.slice(-MAX_WAITING)
  }

  /**
   * Merged items were written that show all panes that start before `openTo` (event time).
   * `now` is Unix ms, `at` monotonic ms.
   */
  shown(openTo: number, now: number, at: number): void {
    const waiting: PutEntry[] = []
    for (const entry of this.#waiting) {
      const [putTime, trips, pane] = entry
      if (pane < openTo) this.#histogram.add(at, now - putTime, trips)
      else waiting.push(entry)
    }
    this.#waiting = waiting
  }

  percentiles(): Percentiles | undefined {
    return this.#histogram.percentiles()
  }
}
