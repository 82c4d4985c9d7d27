/**
 * When the trips of a flush were put into the stream, in a few numbers: what the lag from trip to
 * table is measured from. An entry is trips of one pane that were put at about the same time.
 */
import { spanStart } from '../windows/pane.ts'

/** Wall clock of the put (Unix ms), how many trips, and the start of the pane of their pickups. */
export type PutEntry = readonly [putTime: number, trips: number, pane: number]

/** Kept of a run and a flush; neighbours are put together beyond. */
export const MAX_PUT_ENTRIES = 12

export class PutTimes {
  #ofRuns = new Map<string, PutEntry[]>()

  /** Notes rows [from, end) of one aggregate; NaN pickups are left out. */
  note(
    run: string,
    putTime: number,
    rows: { pickupTime: Float64Array; from: number; end: number },
    paneMillis: number,
  ): void {
    const { pickupTime, from, end } = rows
    if (from >= end) return
    let entries = this.#ofRuns.get(run)
    if (entries === undefined) this.#ofRuns.set(run, (entries = []))
    // The trips of a sparse file are each in a pane of their own: a dozen entries will do for them.
    const spansMany = pickupTime[end - 1] - pickupTime[from] > MAX_PUT_ENTRIES * paneMillis
    const least = spansMany ? Math.ceil((end - from) / MAX_PUT_ENTRIES) : 1
    let trips = 0
    let pane = -Infinity
    for (let row = from; row < end; row++) {
      const time = pickupTime[row]
      if (time !== time) continue
      if (time < pane || time >= pane + paneMillis) {
        if (trips >= least) {
          entries.push([putTime, trips, pane])
          trips = 0
          pane = -Infinity
        }
        // They are all seen once the last of them is.
        pane = Math.max(pane, spanStart(time, paneMillis))
      }
      trips++
    }
    if (trips > 0) entries.push([putTime, trips, pane])
    // Not at once: a batch of many aggregates would be sorted for each.
    if (entries.length > 16 * MAX_PUT_ENTRIES) this.#ofRuns.set(run, condense(entries))
  }

  /** What was noted since the last time. */
  take(): Map<string, PutEntry[]> {
    const taken = new Map([...this.#ofRuns].map(([run, entries]) => [run, condense(entries)]))
    this.#ofRuns = new Map()
    return taken
  }
}

/** At most `MAX_PUT_ENTRIES`: neighbours in time become one, put at the mean of their times. */
export function condense(entries: readonly PutEntry[]): PutEntry[] {
  const sorted = [...entries].sort((a, b) => a[0] - b[0] || a[2] - b[2])
  const size = Math.ceil(sorted.length / MAX_PUT_ENTRIES)
  const condensed: PutEntry[] = []
  for (let i = 0; i < sorted.length; i += size) {
    let weighed = 0
    let trips = 0
    let pane = -Infinity
    for (const [putTime, count, start] of sorted.slice(i, i + size)) {
      weighed += (putTime - sorted[i][0]) * count
      trips += count
      // They are all seen once the last of them is.
      pane = Math.max(pane, start)
    }
    condensed.push([Math.round(sorted[i][0] + weighed / trips), trips, pane])
  }
  return condensed
}
