/**
 * Adds the ends of a batch's trips to the counts of their blocks. Trips of a segment are close in
 * time: the block is looked up only where it is another than that of the trip before. `countsAt` may
 * answer `undefined`: then nothing is added in that block.
 */
import type { WindowGeometry } from '../windows/pane.ts'
import type { BlockCounts } from './block-counts.ts'
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
  const panes = blockMillis / paneMillis
  let counts: BlockCounts | undefined
  let firstPane = NaN
  for (let row = from; row < end; row++) {
    if (dead[row] === 1) continue
    const pane = Math.floor(pickupTime[row] / paneMillis)
    if (!(pane >= firstPane && pane < firstPane + panes)) {
      const block = Math.floor(pane / panes)
      firstPane = block * panes
      counts = countsAt(block * blockMillis)
    }
    if (counts === undefined) continue
    const place = pickupPlace[row]
    if (place < 0) counts.addUnclassified(pane - firstPane, 0, -1 - place)
    else {
      counts.addPickup(
        pane - firstPane,
        place,
        passengers[row],
        distance[row],
        fare[row],
        tip[row],
        total[row],
      )
    }
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
  const panes = blockMillis / paneMillis
  const lately: (BlockCounts | undefined)[] = []
  const blocks = new Float64Array(LATELY).fill(NaN)
  let counts: BlockCounts | undefined
  let firstPane = NaN
  for (let row = from; row < end; row++) {
    if (dead[row] === 1) continue
    let time = dropoffTime[row]
    if (time !== time) time = pickupTime[row]
    const pane = Math.floor(time / paneMillis)
    if (!(pane >= firstPane && pane < firstPane + panes)) {
      const block = Math.floor(pane / panes)
      const cached = block & (LATELY - 1)
      if (blocks[cached] !== block) {
        blocks[cached] = block
        lately[cached] = countsAt(block * blockMillis)
      }
      firstPane = block * panes
      counts = lately[cached]
    }
    if (counts === undefined) continue
    const place = dropoffPlace[row]
    if (place < 0) counts.addUnclassified(pane - firstPane, 1, -1 - place)
    else {
      counts.addDropoff(pane - firstPane, place)
      const origin = pickupPlace[row]
      if (origin >= 0) counts.routes.add(pane - firstPane, origin, place, 1)
    }
  }
}
