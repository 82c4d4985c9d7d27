/** The rolling item: the last closed panes up to the watermark, and the open pane beside them. */
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import type { BlockCounts } from '../counts/block-counts.ts'
import { rollingPk } from '../counts/keys.ts'
import type { Item, ItemKey } from '../counts/table-port.ts'
import { formatEventTime, HOUR_MILLIS } from '../time/units.ts'
import { hourStartOf, spanStart } from '../windows/pane.ts'
import type { DistrictSums } from './columns.ts'
import type { Attributes } from '../counts/item-values.ts'
import { measuresOf, sumPanes, sumUnclassified, totalOf, unclassifiedOf } from './columns.ts'
import type { Merging } from './hour-item.ts'
import { asOf } from './hour-item.ts'

/** Windows are named in minutes: `15m`, `60m`. */
export function rollingKey(generation: string, run: string, windowMillis: number): ItemKey {
  return { pk: rollingPk(generation, run), sk: `${windowMillis / 60_000}m` }
}

/** The counts of an hour by its start. */
export type CountsOf = (hourStart: number) => BlockCounts | undefined

export interface RollingSpan {
  /** The closed panes [from, to), and the open pane [to, openTo). */
  from: number
  to: number
  openTo: number
}

export function rollingSpan(merging: Merging, windowMillis: number): RollingSpan {
  const { watermark, paneMillis, ended } = merging
  const open = spanStart(watermark, paneMillis)
  // Once the run has ended its last pane is closed as well.
  const to = ended ? open + paneMillis : open
  return { from: to - windowMillis, to, openTo: to + paneMillis }
}

/** Starts of the hours that a rolling item needs. */
export function hoursOf(span: RollingSpan): number[] {
  const hours: number[] = []
  for (let hour = hourStartOf(span.from); hour < span.openTo; hour += HOUR_MILLIS) hours.push(hour)
  return hours
}

export function rollingItem(
  merging: Merging,
  windowMillis: number,
  countsOf: CountsOf,
  previous: Item | undefined,
): Item {
  const span = rollingSpan(merging, windowMillis)
  const closed = collect(merging, span.from, span.to, countsOf)
  const open = collect(merging, span.to, span.openTo, countsOf)
  return {
    ...rollingKey(merging.generation, merging.run, windowMillis),
    asOf: asOf(merging.watermark),
    from: formatEventTime(span.from),
    to: formatEventTime(span.to),
    final: merging.ended,
    revision: 0,
    version: Number(previous?.version ?? 0) + 1,
    ...closed,
    open: { from: formatEventTime(span.to), to: formatEventTime(span.openTo), ...open },
  }
}

function collect(merging: Merging, from: number, to: number, countsOf: CountsOf): Attributes {
  const sums: DistrictSums = new Map()
  const unclassified = new Float64Array(UNCLASSIFIED_COLUMNS)
  const panesPerHour = HOUR_MILLIS / merging.paneMillis
  for (let hour = hourStartOf(from); hour < to; hour += HOUR_MILLIS) {
    const counts = countsOf(hour)
    if (counts === undefined) continue
    const first = Math.max(0, (from - hour) / merging.paneMillis)
    const end = Math.min(panesPerHour, (to - hour) / merging.paneMillis)
    sumPanes(counts, merging.slots, first, end, sums)
    sumUnclassified(counts, first, end, unclassified)
  }
  return {
    districts: Object.fromEntries([...sums].map(([id, row]) => [id, measuresOf(row)])),
    all: measuresOf(totalOf(sums)),
    unclassified: unclassifiedOf(unclassified),
  }
}
