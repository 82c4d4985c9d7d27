/**
 * A Kinesis that replies with what it has prepared, to measure a consumer and not an emulator. It is
 * a process of its own: forked with a number of trips, it sends the port it listens on.
 *
 * Iterators are the number of the next reply; the last reply ends the shard.
 */
import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { KinesisRecord } from '../src/kinesis/kinesis-port.ts'
import { readCities } from './classify/cities.ts'
import { feedOf, tripRecords } from './feed.ts'

/** About 2 MB of data: what a shard that is far behind gives out in a second. */
const RECORDS_PER_REPLY = 40

const [city] = readCities()
const [feed] = feedOf(tripRecords(city.places, Number(process.argv[2])))
const replies = Array.from({ length: Math.ceil(feed.length / RECORDS_PER_REPLY) }, (_, i) => {
  const at = i * RECORDS_PER_REPLY
  return replyOf(feed.slice(at, at + RECORDS_PER_REPLY), i)
})

const server = createServer((request, response) => {
  void bodyOf(request).then((body) => {
    const { ShardIterator } = body
    const isRead = String(request.headers['x-amz-target']).endsWith('.GetRecords')
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(isRead ? replies[Number(ShardIterator)] : '{"ShardIterator":"0"}')
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object' && address !== null) process.send?.({ port: address.port })
})
process.on('disconnect', () => process.exit())

function replyOf(records: readonly KinesisRecord[], index: number): Buffer {
  const isLast = (index + 1) * RECORDS_PER_REPLY >= feed.length
  return Buffer.from(
    JSON.stringify({
      MillisBehindLatest: 0,
      ...(!isLast && { NextShardIterator: String(index + 1) }),
      Records: records.map(({ sequenceNumber, partitionKey, data, arrivalTime }) => ({
        ApproximateArrivalTimestamp: arrivalTime / 1000,
        Data: Buffer.from(data).toString('base64'),
        PartitionKey: partitionKey,
        SequenceNumber: sequenceNumber,
      })),
    }),
  )
}

async function bodyOf(request: IncomingMessage): Promise<{ ShardIterator?: string }> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return JSON.parse(Buffer.concat(chunks).toString()) as { ShardIterator?: string }
}
