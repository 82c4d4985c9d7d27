/** Which shards to split or to merge. Pure. */
import type { ReshardRequest } from '../../src/aws/resharding.ts'
import type { Shard } from '../../src/kinesis/shard.ts'

/** What is asked for if it can be done, else the other; `draw` from [0, 1) chooses. */
export function chooseReshard(
  shards: readonly Shard[],
  wanted: 'split' | 'merge',
  draw: number,
): ReshardRequest | undefined {
  const open = shards
    .filter((shard) => shard.endingSequenceNumber === undefined)
    .map(({ shardId, startingHashKey, endingHashKey }) => ({
      shardId,
      first: BigInt(startingHashKey),
      last: BigInt(endingHashKey),
    }))
    .sort((a, b) => (a.first < b.first ? -1 : 1))
  const pairs = open
    .slice(1)
    .map((right, i) => ({ left: open[i], right }))
    .filter(({ left, right }) => left.last + 1n === right.first)
  const wide = open.filter(({ first, last }) => last > first)
  const split = (): ReshardRequest | undefined => {
    if (wide.length === 0) return undefined
    const at = draw * wide.length
    const { shardId, first, last } = wide[Math.floor(at)]
    // Anywhere in the middle half, so that lanes are not always shared out evenly.
    const percent = BigInt(25 + Math.floor((at % 1) * 50))
    const key = first + ((last - first) * percent) / 100n + 1n
    return { what: 'split', shardId, newStartingHashKey: key.toString() }
  }
  const merge = (): ReshardRequest | undefined => {
    if (pairs.length === 0) return undefined
    const { left, right } = pairs[Math.floor(draw * pairs.length)]
    return { what: 'merge', shardId: left.shardId, adjacentShardId: right.shardId }
  }
  return wanted === 'split' ? (split() ?? merge()) : (merge() ?? split())
}
