/**
 * A Kinesis with a feed in it, to load a worker as AWS would: replies of up to 10 MB, or of as many
 * records as are asked for. Forked with a number of trips, the span of their times in ms and a number
 * of shards, it sends the port it listens on. An iterator is a shard and a position in it.
 */
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Shard } from '../../src/kinesis/shard.ts'
import { readCities } from '../classify/cities.ts'
import { FEED_START, feedOf, shardsOf, tripRecords } from '../feed.ts'

interface Request {
  ShardId?: string
  ShardIterator?: string
  Limit?: number
}

/** docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html */
const REPLY_BYTES = 10 * 1024 * 1024

const [trips, spanMillis, shardCount] = process.argv.slice(2).map(Number)
const [city] = readCities()
const shards = shardsOf(shardCount)
const feeds = feedOf(tripRecords(city.places, trips, spanMillis), { shards: shardCount }).map(
  (records) =>
    records.map(({ sequenceNumber, partitionKey, data, arrivalTime }) => ({
      bytes: data.length,
      json: JSON.stringify({
        ApproximateArrivalTimestamp: arrivalTime / 1000,
        Data: Buffer.from(data).toString('base64'),
        PartitionKey: partitionKey,
        SequenceNumber: sequenceNumber,
      }),
    })),
)

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? ''
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(reply(operation, body))
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port })
})
process.on('disconnect', () => process.exit())

function reply(operation: string, request: Request): string {
  switch (operation) {
    case 'ListShards':
      return JSON.stringify({ Shards: shards.map(described) })
    case 'GetShardIterator':
      return JSON.stringify({
        ShardIterator: `${shards.findIndex(({ shardId }) => shardId === request.ShardId)}:0`,
      })
    case 'GetRecords':
      return records(request.ShardIterator ?? '', request.Limit ?? 10_000)
    default:
      return JSON.stringify({
        StreamDescriptionSummary: {
          StreamStatus: 'ACTIVE',
          StreamCreationTimestamp: FEED_START / 1000,
          OpenShardCount: shardCount,
        },
      })
  }
}

function records(iterator: string, limit: number): string {
  const [shard, from] = iterator.split(':').map(Number)
  const feed = feeds[shard]
  let to = from
  let bytes = 0
  while (to < feed.length && to - from < limit && bytes + feed[to].bytes <= REPLY_BYTES) {
    bytes += feed[to++].bytes
  }
  const list = feed.slice(from, to).map(({ json }) => json)
  return `{"MillisBehindLatest":0,"NextShardIterator":"${shard}:${to}","Records":[${list.join(',')}]}`
}

function described({ shardId, startingHashKey, endingHashKey }: Shard): unknown {
  return {
    ShardId: shardId,
    HashKeyRange: { StartingHashKey: startingHashKey, EndingHashKey: endingHashKey },
    SequenceNumberRange: { StartingSequenceNumber: '0' },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as Request
}
