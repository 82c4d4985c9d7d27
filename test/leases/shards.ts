/** Streams as ListShards would show them, for tests. */
import { hashKeySlice, MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import type { Shard } from '../../src/kinesis/shard.ts'

export interface ShardParts {
  parents?: string[]
  /** In percent of the hash space, the end not included. */
  range?: [number, number]
  closed?: boolean
}

export function shard(shardId: string, parts: ShardParts = {}): Shard {
  const { parents = [], range = [0, 100], closed = false } = parts
  const [start, end] = range
  return {
    shardId,
    parentShardIds: parents,
    startingHashKey: String(hashKeySlice(start, 100).start),
    endingHashKey: String(end === 100 ? MAX_HASH_KEY : hashKeySlice(end, 100).start - 1n),
    startingSequenceNumber: '49590338271490256608559692538361571095921575989136588898',
    // What an emulator says; only its presence means anything.
    ...(closed && { endingSequenceNumber: '9223372036854775807' }),
  }
}

/** `count` open shards without history: shard-000 … */
export function openShards(count: number): Shard[] {
  return Array.from({ length: count }, (_, index) => {
    const { start, end } = hashKeySlice(index, count)
    return {
      ...shard(`shard-${String(index).padStart(3, '0')}`),
      startingHashKey: String(start),
      endingHashKey: String(end),
    }
  })
}

/** A was split into B and C. */
export function splitStream(): Shard[] {
  return [
    shard('A', { closed: true }),
    shard('B', { parents: ['A'], range: [0, 40] }),
    shard('C', { parents: ['A'], range: [40, 100] }),
  ]
}

/** A and B were merged into C. */
export function mergedStream(): Shard[] {
  return [
    shard('A', { range: [0, 50], closed: true }),
    shard('B', { range: [50, 100], closed: true }),
    shard('C', { parents: ['A', 'B'] }),
  ]
}

/** A was split into B and C, which were merged into D. */
export function splitThenMergedStream(): Shard[] {
  const [a, b, c] = splitStream()
  return [
    a,
    { ...b, endingSequenceNumber: '9223372036854775807' },
    { ...c, endingSequenceNumber: '9223372036854775807' },
    shard('D', { parents: ['B', 'C'] }),
  ]
}
