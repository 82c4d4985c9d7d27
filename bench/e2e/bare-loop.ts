/** What the emulated Kinesis gives to a loop that only puts and gets: the end to end's own limit. */
import { createClients } from '../../src/aws/clients.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { ensureStream } from '../../src/aws/provision.ts'
import { hashKeySlice, partitionKeyFor } from '../../src/kinesis/hash-key.ts'
import { systemClock } from '../../src/time/clock.ts'

const RECORD_BYTES = 51_100
/** User records of trips that one such record holds. */
const TRIPS_PER_RECORD = 592
const SHARDS = 4
const IDLE_MILLIS = 50

/** Trips a second, if `records` records were full of them: each put once and got once. */
export async function bareLoop(
  environment: Record<string, string>,
  stream: string,
  records: number,
): Promise<number> {
  const clients = createClients({ ...process.env, ...environment })
  try {
    await ensureStream(
      clients.kinesis,
      stream,
      { kind: 'provisioned', shards: SHARDS },
      systemClock,
    )
    const kinesis = new KinesisStream(clients.kinesis, stream)
    const rounds = Math.ceil(records / SHARDS)
    const startedAt = performance.now()
    const shards = await kinesis.listShards()
    await Promise.all([
      putAll(kinesis, rounds),
      ...shards.map(({ shardId }) => getAll(kinesis, shardId, rounds)),
    ])
    const seconds = (performance.now() - startedAt) / 1000
    return (rounds * SHARDS * TRIPS_PER_RECORD) / seconds
  } finally {
    clients.destroy()
  }
}

/** One record for each shard in a request, one request after the other. */
async function putAll(kinesis: KinesisStream, rounds: number): Promise<void> {
  const data = new Uint8Array(RECORD_BYTES).map((_, i) => i)
  const entries = Array.from({ length: SHARDS }, (_, shard) => ({
    partitionKey: partitionKeyFor(hashKeySlice(shard, SHARDS), 'b'),
    data,
  }))
  for (let round = 0; round < rounds; round++) {
    const outcomes = await kinesis.putRecords(entries)
    if (!outcomes.every(({ ok }) => ok)) throw new Error('the emulator refused a record')
  }
}

async function getAll(kinesis: KinesisStream, shardId: string, records: number): Promise<void> {
  let iterator = await kinesis.shardIterator(shardId, { type: 'TRIM_HORIZON' })
  for (let got = 0; got < records;) {
    const reply = await kinesis.getRecords(iterator, 1_000)
    if (reply === 'expired') throw new Error('an iterator expired')
    got += reply.records.length
    iterator = reply.nextIterator ?? ''
    if (reply.records.length === 0) await systemClock.sleep(IDLE_MILLIS)
  }
}
