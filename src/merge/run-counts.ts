/** What the partials of a run add up to over all shards: the counts of hours, and its dead letters. */
import { BlockCounts } from '../counts/block-counts.ts'
import type { DistrictSlots } from '../counts/district-slots.ts'
import { DEAD_LETTER_BLOCK } from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import type { Clock } from '../time/clock.ts'
import { slicesOf } from '../time/slices.ts'
import { HOUR_MILLIS } from '../time/units.ts'
import type { WindowGeometry } from '../windows/pane.ts'
import { hourStartOf } from '../windows/pane.ts'
import type { PartialReader } from './partial-reader.ts'

export interface RunCountsOptions {
  partials: PartialReader
  geometry: WindowGeometry
  slots: DistrictSlots
  clock: Clock
}

export class RunCounts {
  readonly #options: RunCountsOptions

  constructor(options: RunCountsOptions) {
    this.#options = options
  }

  /** The counts of whole hours; hours without any partial are left out. */
  async ofHours(
    run: string,
    hours: readonly number[],
    shards: readonly Progress[],
    which: { everyShard: boolean },
  ): Promise<Map<number, BlockCounts>> {
    const { partials, geometry, slots, clock } = this.#options
    const slices = slicesOf(clock)
    const { blockMillis, paneMillis } = geometry
    const blocks: number[] = []
    for (const hour of hours) {
      for (let block = hour; block < hour + HOUR_MILLIS; block += blockMillis) blocks.push(block)
    }
    const counts = new Map<number, BlockCounts>()
    for (const partial of await partials.read(run, blocks, shards, which)) {
      while (slices.over) await slices.pause()
      const hour = hourStartOf(partial.block)
      let ofHour = counts.get(hour)
      if (ofHour === undefined) counts.set(hour, (ofHour = this.emptyHour()))
      const ofBlock = BlockCounts.unpack(partial.counts, slots)
      ofHour.add(ofBlock, (partial.block - hour) / paneMillis)
    }
    return counts
  }

  async deadLetters(run: string, shards: readonly Progress[]): Promise<number> {
    const { partials, slots } = this.#options
    let deadLetters = 0
    for (const { counts } of await partials.read(run, [DEAD_LETTER_BLOCK], shards, {
      everyShard: true,
    })) {
      const ofShard = BlockCounts.unpack(counts, slots)
      deadLetters += ofShard.deadLetters - ofShard.redriven
    }
    // A letter may be counted where it came back before it is where it died.
    return Math.max(0, deadLetters)
  }

  emptyHour(): BlockCounts {
    const { geometry, slots } = this.#options
    return new BlockCounts(HOUR_MILLIS / geometry.paneMillis, slots.size)
  }
}
