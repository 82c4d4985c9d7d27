/** Streams for tests of those who read: their shards bring what was put in, and take nothing. */
import { MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import type { KinesisPort, KinesisRecord } from '../../src/kinesis/kinesis-port.ts'
import type { Shard } from '../../src/kinesis/shard.ts'

export function shardOf(shardId: string, parentShardIds: string[] = []): Shard {
  return {
    shardId,
    parentShardIds,
    startingHashKey: '0',
    endingHashKey: String(MAX_HASH_KEY),
    startingSequenceNumber: '0',
  }
}

/** A stream that answers these calls, and no other. */
export function streamWith(calls: Partial<KinesisPort>): KinesisPort {
  const never = (): Promise<never> => Promise.reject(new Error('nothing calls this'))
  return {
    describe: never,
    listShards: never,
    putRecords: never,
    shardIterator: never,
    getRecords: never,
    ...calls,
  }
}

/** Shards that stay open. Their records are numbered from 1; `dataAfter` has those after the n-th. */
export function openShards(
  shardIds: readonly string[],
  dataAfter: (shardId: string, n: number) => readonly Uint8Array[],
  now: () => number = () => 0,
): KinesisPort {
  const shards = shardIds.map((shardId) => shardOf(shardId))
  return streamWith({
    listShards: () => Promise.resolve(shards),
    shardIterator: (shardId, from) =>
      Promise.resolve(
        `${shardId} ${from.type === 'AFTER_SEQUENCE_NUMBER' ? from.sequenceNumber : '0'}`,
      ),
    getRecords: (iterator) => {
      const [shardId, text] = iterator.split(' ')
      const after = Number(text)
      const records = dataAfter(shardId, after).map((data, i) => record(after + i + 1, data, now()))
      const nextIterator = `${shardId} ${after + records.length}`
      return Promise.resolve({ records, nextIterator, millisBehindLatest: 0 })
    },
  })
}

/** The reads of a shard that is closed after the last of `count` records. */
export function closedShard(count: number, dataAt: (i: number) => Uint8Array): KinesisPort {
  return streamWith({
    shardIterator: () => Promise.resolve('0'),
    getRecords: (iterator, limit) => {
      const first = Number(iterator)
      const end = Math.min(count, first + limit)
      const records = Array.from({ length: end - first }, (_, i) =>
        record(first + i + 1, dataAt(first + i), 0),
      )
      const next = end < count ? { nextIterator: String(end) } : {}
      return Promise.resolve({ records, millisBehindLatest: 0, ...next })
    },
  })
}

function record(n: number, data: Uint8Array, arrivalTime: number): KinesisRecord {
  return { sequenceNumber: String(n), partitionKey: 'k', data, arrivalTime }
}
