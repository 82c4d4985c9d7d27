/** Counts and mergings by hand. */
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { DROPOFFS, FARE, PICKUPS } from '../../src/counts/measures.ts'
import type { Merging } from '../../src/merge/hour-item.ts'

export const T0 = Date.UTC(2016, 0, 1)
export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const slots = new DistrictSlots(['101', '20', '3'], false)

/** [pane, slot, pickups, dropoffs]; each pickup has a fare of 5 dollars. */
export type Cell = readonly [pane: number, slot: number, pickups: number, dropoffs: number]

export function hourCounts(cells: readonly Cell[], outside: readonly number[] = []): BlockCounts {
  const counts = new BlockCounts(12, slots.size)
  for (const [pane, slot, pickups, dropoffs] of cells) {
    const at = counts.row(pane, slot)
    counts.values[at + PICKUPS] += pickups
    counts.values[at + DROPOFFS] += dropoffs
    counts.values[at + FARE] += pickups * 500
  }
  for (const pane of outside) counts.addUnclassified(pane, 0, 5)
  return counts
}

export function mergingAt(minutes: number, ended = false): Merging {
  return {
    generation: 'g',
    run: 'r',
    slots,
    paneMillis: 5 * MINUTE,
    watermark: T0 + minutes * MINUTE,
    ended,
  }
}
