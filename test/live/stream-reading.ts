/**
 * What is in a stream, read by the SDK and taken apart by an npm package that is not ours: how many
 * trips each run has put, and how many records no lane leads.
 */
import { createRequire } from 'node:module'
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import type { KinesisClient, _Record as KinesisRecord } from '@aws-sdk/client-kinesis'
import { systemClock } from '../../src/time/clock.ts'

interface AwsKinesisAgg {
  deaggregateSync(
    record: { partitionKey: string; sequenceNumber: string; data: string },
    computeChecksums: boolean,
    done: (error: Error | null | undefined, records?: { data: string }[]) => void,
  ): void
}

const { deaggregateSync } = createRequire(import.meta.url)('aws-kinesis-agg') as AwsKinesisAgg

export interface StreamContents {
  /** User records behind a control record: trips of a run. */
  trips: number
  /** User records that no control record leads. */
  foreign: number
}

const CONTROL_FIRST_BYTE = 0xc1
/** A shard may be read five times a second, and the workers read it too. */
const PAUSE_MILLIS = 400

export async function readStream(client: KinesisClient, name: string): Promise<StreamContents> {
  const contents: StreamContents = { trips: 0, foreign: 0 }
  const { Shards: shards = [] } = await client.send(new ListShardsCommand({ StreamName: name }))
  for (const { ShardId } of shards) {
    const start = await client.send(
      new GetShardIteratorCommand({ StreamName: name, ShardId, ShardIteratorType: 'TRIM_HORIZON' }),
    )
    let iterator = start.ShardIterator
    while (iterator !== undefined) {
      const read = new GetRecordsCommand({ ShardIterator: iterator, Limit: 500 })
      const {
        Records: records = [],
        NextShardIterator,
        MillisBehindLatest,
      } = await client.send(read)
      for (const record of records) addRecord(contents, record)
      iterator = records.length === 0 && MillisBehindLatest === 0 ? undefined : NextShardIterator
      if (iterator !== undefined) await systemClock.sleep(PAUSE_MILLIS)
    }
  }
  return contents
}

function addRecord(contents: StreamContents, record: KinesisRecord): void {
  const users = userRecords(record)
  if (users.at(0)?.[0] === CONTROL_FIRST_BYTE) contents.trips += users.length - 1
  else contents.foreign += users.length
}

function userRecords({ PartitionKey, SequenceNumber, Data }: KinesisRecord): Buffer[] {
  let data: Buffer[] = []
  const record = {
    partitionKey: PartitionKey ?? '',
    sequenceNumber: SequenceNumber ?? '',
    data: Buffer.from(Data ?? []).toString('base64'),
  }
  deaggregateSync(record, true, (error, records = []) => {
    if (error) throw error
    data = records.map((user) => Buffer.from(user.data, 'base64'))
  })
  return data
}
