/**
 * Adds the ends of a batch's trips to the counts of their blocks. Trips of a segment are close in
 * time: the block is looked up only where it is another than that of the trip before. `countsAt` may
 * answer `undefined`: then nothing is added in that block.
 */
import type { WindowGeometry } from '../windows/pane.ts'
import { spanStart } from '../windows/pane.ts'
import type { BlockCounts } from './block-counts.ts'
import * as measure from './measures.ts'
import type { TripBatch } from './trip-batch.ts'

/**
 * Blocks that the dropoffs of trips of one moment are in, and a power of two. With hundreds of districts
 * a block is one pane or a few, and most dropoffs are in another one than that of the trip before.
 */
const LATELY = 8

/** Counts, in the pane of the pickup, all but the dropoffs of rows [from, end). */
export function addPickups(
  batch: TripBatch,
  from: number,
  end: number,
  { paneMillis, blockMillis }: WindowGeometry,
  countsAt: (blockStart: number) => BlockCounts | undefined,
): void {
  const { pickupTime, pickupPlace, passengers, distance, fare, tip, total, dead } = batch
  let counts: BlockCounts | undefined
  let start = NaN
  for (let row = from; row < end; row++) {
    if (dead[row] === 1) continue
    const time = pickupTime[row]
    if (!(time >= start && time < start + blockMillis)) {
      start = spanStart(time, blockMillis)
      counts = countsAt(start)
    }
    if (counts === undefined) continue
    const pane = Math.floor((time - start) / paneMillis)
    const place = pickupPlace[row]
    if (place < 0) {
      counts.addUnclassified(pane, 0, -1 - place)
      continue
    }
    // The row comes first: making it may replace `values` by a larger array.
    const at = counts.row(pane, place)
    const { values } = counts
    values[at + measure.PICKUPS]++
    values[at + measure.PASSENGERS] += passengers[row]
    values[at + measure.DISTANCE] += distance[row]
    values[at + measure.FARE] += fare[row]
    values[at + measure.TIP] += tip[row]
    values[at + measure.TOTAL] += total[row]
    values[at + measure.tierColumn(fare[row], tip[row], total[row])]++
  }
}

/**
 * Counts dropoffs, and the routes of trips with both ends in a district, of rows [from, end).
 * An end without a time is counted in the pane in which its trip was released: its pickup's, in
 * either order of release.
 */
export function addDropoffs(
  batch: TripBatch,
  from: number,
  end: number,
  { paneMillis, blockMillis }: WindowGeometry,
  countsAt: (blockStart: number) => BlockCounts | undefined,
): void {
  const { pickupTime, dropoffTime, pickupPlace, dropoffPlace, dead } = batch
  const lately: (BlockCounts | undefined)[] = []
  const starts = new Float64Array(LATELY).fill(NaN)
  let counts: BlockCounts | undefined
  let start = NaN
  for (let row = from; row < end; row++) {
    if (dead[row] === 1) continue
    let time = dropoffTime[row]
    if (time !== time) time = pickupTime[row]
    if (!(time >= start && time < start + blockMillis)) {
      start = spanStart(time, blockMillis)
      const place = (start / blockMillis) & (LATELY - 1)
      if (starts[place] !== start) {
        starts[place] = start
        lately[place] = countsAt(start)
      }
      counts = lately[place]
    }
    if (counts === undefined) continue
    const pane = Math.floor((time - start) / paneMillis)
    const place = dropoffPlace[row]
    if (place < 0) counts.addUnclassified(pane, 1, -1 - place)
    else {
      const at = counts.row(pane, place)
      counts.values[at + measure.DROPOFFS]++
      const origin = pickupPlace[row]
      if (origin >= 0) counts.routes.add(pane, origin, place, 1)
    }
  }
}
