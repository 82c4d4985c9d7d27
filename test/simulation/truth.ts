/** What counts should be, from the facts alone, in the plainest way there is. */
import { BlockCounts, UNCLASSIFIED_COLUMNS } from '../../src/counts/block-counts.ts'
import type { DistrictSlots } from '../../src/counts/district-slots.ts'
import * as measure from '../../src/counts/measures.ts'
import { spanStart } from '../../src/windows/pane.ts'
import type { PaneCounts } from '../../src/verify/recount.ts'
import type { TripFact } from './city.ts'

/**
 * One end of one trip; `dead` is a record that cannot be read, which has no ends, and `redriven` says
 * of one that it has come back: its ends count from there on.
 */
export interface End {
  fact: TripFact | undefined
  kind: 'pickup' | 'dropoff' | 'dead' | 'redriven'
}

export function endsOf(fact: TripFact): End[] {
  return fact.unreadable ? [{ fact, kind: 'dead' }] : readableEndsOf(fact)
}

/** The ends of a trip that was read, sooner or later. */
export function readableEndsOf(fact: TripFact): End[] {
  return [
    { fact, kind: 'pickup' },
    { fact, kind: 'dropoff' },
  ]
}

/** When an end counts; NaN for what is dead. An end without a time counts at its trip's pickup. */
export function timeOf({ fact, kind }: End): number {
  if (fact === undefined || kind === 'dead' || kind === 'redriven') return NaN
  const { pickupTime, dropoffTime } = fact.trip
  return kind === 'pickup' || Number.isNaN(dropoffTime) ? pickupTime : dropoffTime
}

/** Adds one end to the measures of a pane. */
export function addEnd(
  { fact, kind }: End,
  sumsOf: (id: string) => Float64Array,
  unclassified: Float64Array,
): void {
  if (fact === undefined || kind === 'dead' || kind === 'redriven') return
  const counted = kind === 'pickup' ? fact.pickup : fact.dropoff
  if (typeof counted === 'number') {
    unclassified[(kind === 'pickup' ? 0 : measure.REASONS.length) + counted]++
    return
  }
  const sums = sumsOf(counted)
  if (kind === 'dropoff') {
    sums[measure.DROPOFFS]++
    return
  }
  const { passengers, distance, fare, tip, total } = fact.trip
  sums[measure.PICKUPS]++
  sums[measure.PASSENGERS] += passengers
  sums[measure.DISTANCE] += distance
  sums[measure.FARE] += fare
  sums[measure.TIP] += tip
  sums[measure.TOTAL] += total
  sums[measure.tierColumn(fare, tip, total)]++
}

export function panesOf(ends: Iterable<End>, paneMillis: number): PaneCounts {
  const panes: PaneCounts = new Map()
  for (const end of ends) {
    if (end.kind === 'dead' || end.kind === 'redriven') continue
    const start = spanStart(timeOf(end), paneMillis)
    let pane = panes.get(start)
    if (pane === undefined) {
      pane = { sums: new Map(), unclassified: new Float64Array(UNCLASSIFIED_COLUMNS) }
      panes.set(start, pane)
    }
    const { sums, unclassified } = pane
    addEnd(end, (id) => rowOf(sums, id), unclassified)
  }
  return panes
}

export function rowOf(sums: Map<string, Float64Array>, id: string): Float64Array {
  let row = sums.get(id)
  if (row === undefined) sums.set(id, (row = new Float64Array(measure.MEASURES)))
  return row
}

/** The canonical bytes of a block of panes that begins at `start`. */
export function packedBlock(
  ends: Iterable<End>,
  start: number,
  geometry: { paneMillis: number; blockMillis: number },
  slots: DistrictSlots,
): Uint8Array {
  const counts = new BlockCounts(geometry.blockMillis / geometry.paneMillis, slots.size)
  for (const end of ends) {
    if (end.kind === 'dead' || end.kind === 'redriven') {
      if (end.kind === 'dead') counts.deadLetters++
      else counts.redriven++
      continue
    }
    const pane = Math.floor((timeOf(end) - start) / geometry.paneMillis)
    const { pickup, dropoff } = end.fact ?? {}
    if (end.kind === 'dropoff' && typeof pickup === 'string' && typeof dropoff === 'string') {
      counts.routes.add(pane, slots.slotOf(pickup), slots.slotOf(dropoff), 1)
    }
    const own = new Float64Array(UNCLASSIFIED_COLUMNS)
    addEnd(
      end,
      (id) => {
        const at = counts.row(pane, slots.slotOf(id))
        return counts.values.subarray(at, at + measure.MEASURES)
      },
      own,
    )
    own.forEach((count, i) => {
      counts.unclassified[pane * UNCLASSIFIED_COLUMNS + i] += count
    })
  }
  return counts.pack(slots)
}
