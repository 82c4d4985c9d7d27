import { hashKeySlice, partitionKeyFor } from '../kinesis/hash-key.ts'

/**
 * The one partition key of a lane: it hashes into the lane's slice of the hash space, so that lanes
 * spread over the shards evenly, and a lane is always in one shard at a time.
 */
export function lanePartitionKey(lane: number, lanes: number): string {
  return partitionKeyFor(hashKeySlice(lane, lanes), `${lane}.`)
}
