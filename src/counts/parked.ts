/**
 * A note for people, that a shard is parked: handling its records throws. It is true as long as the
 * shard has not gone beyond `seq`, whoever counts it by then; so nobody has to take it away.
 */
import { numberOf, textOf } from './item-values.ts'
import { parkedPk } from './keys.ts'
import type { Progress } from './progress.ts'
import type { Item } from './table-port.ts'

export interface ParkedShard {
  shardId: string
  /** Padded sequence number of the shard's progress; '' where there is none. */
  seq: string
  /** Wall clock of the first failure, epoch ms. */
  since: number
  attempts: number
  reason: string
  worker: string
}

export function parkedItem(generation: string, { shardId, ...note }: ParkedShard): Item {
  return { pk: parkedPk(generation), sk: shardId, ...note }
}

export function parseParked(item: Item): ParkedShard {
  return {
    shardId: item.sk,
    seq: textOf(item.seq),
    since: numberOf(item.since),
    attempts: numberOf(item.attempts),
    reason: textOf(item.reason),
    worker: textOf(item.worker),
  }
}

/** The notes that are still true, by shard. */
export function parkedNow(
  notes: readonly ParkedShard[],
  shards: readonly Progress[],
): Map<string, ParkedShard> {
  const progress = new Map(shards.map((shard) => [shard.shardId, shard]))
  const standing = notes.filter(({ shardId, seq }) => {
    const shard = progress.get(shardId)
    return (shard?.seq ?? '') === seq && shard?.ended !== true
  })
  return new Map(standing.map((note) => [note.shardId, note]))
}
