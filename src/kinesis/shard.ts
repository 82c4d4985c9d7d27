import type { HashKeyRange } from './hash-key.ts'

/** One shard of a stream, as ListShards describes it. */
export interface Shard {
  shardId: string
  /** None for a shard the stream was made with, one after a split, two after a merge. */
  parentShardIds: string[]
  /** Decimal, 0 … 2^128-1, inclusive. */
  startingHashKey: string
  endingHashKey: string
  startingSequenceNumber: string
  /**
   * Present when the shard is closed. Only its presence means anything: an emulator's value may lie
   * below the sequence numbers of the shard's own records.
   */
  endingSequenceNumber?: string
}

/** Whether the shard still takes records. */
export function isOpen(shard: Shard): boolean {
  return shard.endingSequenceNumber === undefined
}

export function hashKeyRangeOf(shard: Shard): HashKeyRange {
  return { start: BigInt(shard.startingHashKey), end: BigInt(shard.endingHashKey) }
}

/** The listed shards made by splitting or merging `shardId`. */
export function childrenOf(shards: Iterable<Shard>, shardId: string): Shard[] {
  return [...shards].filter((shard) => shard.parentShardIds.includes(shardId))
}

/** Every ancestor of `shardId` that is still listed, nearest first. */
export function ancestorsOf(shards: Iterable<Shard>, shardId: string): Shard[] {
  const listed = byId(shards)
  const found = new Map<string, Shard>()
  let generation = [shardId]
  while (generation.length > 0) {
    const parents = generation.flatMap((id) => listed.get(id)?.parentShardIds ?? [])
    generation = []
    for (const id of parents) {
      const parent = listed.get(id)
      if (parent === undefined || found.has(id)) continue
      found.set(id, parent)
      generation.push(id)
    }
  }
  return [...found.values()]
}

/** The shards none of whose parents is listed: first of the stream, or with trimmed parents. */
export function rootsOf(shards: Iterable<Shard>): Shard[] {
  const listed = byId(shards)
  return [...listed.values()].filter((shard) => !shard.parentShardIds.some((id) => listed.has(id)))
}

/**
 * The shards in waves: each shard comes in a later wave than all of its listed parents. Within a
 * wave the order is that of the listing.
 */
export function generationsOf(shards: Iterable<Shard>): Shard[][] {
  const waiting = byId(shards)
  const generations: Shard[][] = []
  while (waiting.size > 0) {
    const wave = [...waiting.values()].filter(
      (shard) => !shard.parentShardIds.some((id) => waiting.has(id)),
    )
    // A listing in which shards are their own ancestors cannot be; it must not hang us either.
    if (wave.length === 0) wave.push(...waiting.values())
    for (const shard of wave) waiting.delete(shard.shardId)
    generations.push(wave)
  }
  return generations
}

export function byId(shards: Iterable<Shard>): Map<string, Shard> {
  const index = new Map<string, Shard>()
  for (const shard of shards) index.set(shard.shardId, shard)
  return index
}
