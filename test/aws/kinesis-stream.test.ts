import * as assert from 'uvu/assert'
import { createClients } from '../../src/aws/clients.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { deleteStream, ensureStream } from '../../src/aws/provision.ts'
import { HailstreamError } from '../../src/errors.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'
import type { ScriptedKinesis } from './scripted-kinesis.ts'
import { failure, startScriptedKinesis } from './scripted-kinesis.ts'

const test = suite('a stream in Kinesis')

let kinesis: ScriptedKinesis
let stream: KinesisStream

test.before(async () => {
  kinesis = await startScriptedKinesis()
  stream = new KinesisStream(kinesis.client, 'trips')
})

test.after(() => kinesis.close())

const summary = (status: string, openShards = 2): { body: unknown } => ({
  body: {
    StreamDescriptionSummary: {
      StreamName: 'trips',
      StreamStatus: status,
      StreamCreationTimestamp: 1_700_000_000.5,
      OpenShardCount: openShards,
    },
  },
})

async function errorOf(work: Promise<unknown>): Promise<HailstreamError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, HailstreamError)
  return error as HailstreamError
}

test('is described by its name, when it was made, and its open shards', async () => {
  kinesis.play(() => summary('UPDATING'))
  assert.equal(await stream.describe(), {
    name: 'trips',
    creationTime: 1_700_000_000_500,
    openShards: 2,
  })
})

test('that is being deleted, or is not there, is an error that says what to do', async () => {
  kinesis.play(() => summary('DELETING'))
  const deleting = await errorOf(stream.describe())
  assert.is(
    deleting.message,
    'Kinesis stream trips: got a stream that is being deleted, expected an active one. ' +
      'Wait until it is gone, then run `hailstream init`.',
  )
  kinesis.play(() => failure('ResourceNotFoundException'))
  const missing = await errorOf(stream.describe())
  assert.equal([missing.code, missing.exitCode, missing.retryable], ['STREAM', 1, false])
  assert.match(missing.message, /got nothing of that name, expected one\. Run `hailstream init`/)
})

test('that is not the counted one comes with the advice it was given', async () => {
  const letters = new KinesisStream(kinesis.client, 'letters', 'Name another.')
  for (const reply of [summary('DELETING'), failure('ResourceNotFoundException')]) {
    kinesis.play(() => reply)
    const { message } = await errorOf(letters.describe())
    assert.match(message, /^Kinesis stream letters: got .* Name another\.$/)
  }
})

test('lists its shards page by page, by name only on the first', async () => {
  const shard = (id: number, more: object = {}): object => ({
    ShardId: `shardId-${id}`,
    HashKeyRange: { StartingHashKey: '0', EndingHashKey: '99' },
    SequenceNumberRange: { StartingSequenceNumber: '7' },
    ...more,
  })
  const calls = kinesis.play((_operation, { NextToken }) =>
    NextToken === undefined
      ? { body: { Shards: [shard(0)], NextToken: 't' } }
      : {
          body: {
            Shards: [
              shard(1, {
                ParentShardId: 'shardId-0',
                AdjacentParentShardId: 'shardId-9',
                SequenceNumberRange: { StartingSequenceNumber: '7', EndingSequenceNumber: '8' },
              }),
            ],
          },
        },
  )
  const shards = await stream.listShards()
  assert.equal(
    calls.map(({ input }) => input),
    [{ StreamName: 'trips' }, { NextToken: 't' }],
  )
  assert.equal(shards, [
    {
      shardId: 'shardId-0',
      parentShardIds: [],
      startingHashKey: '0',
      endingHashKey: '99',
      startingSequenceNumber: '7',
    },
    {
      shardId: 'shardId-1',
      parentShardIds: ['shardId-0', 'shardId-9'],
      startingHashKey: '0',
      endingHashKey: '99',
      startingSequenceNumber: '7',
      endingSequenceNumber: '8',
    },
  ])
})

test('takes records, and tells of each whether it was taken', async () => {
  const calls = kinesis.play(() => ({
    body: {
      FailedRecordCount: 1,
      Records: [
        // As kinesis-local says it.
        { SequenceNumber: '5', ShardId: 's0', ErrorCode: null, ErrorMessage: null },
        { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' },
      ],
    },
  }))
  const fresh = new KinesisStream(kinesis.client, 'trips')
  // The SDK's way, and the short one after it.
  for (const way of [0, 1]) {
    const outcomes = await fresh.putRecords([
      { partitionKey: 'a', data: Uint8Array.of(9, 1, 2, 9).subarray(1, 3) },
      { partitionKey: 'b "東京"', data: new Uint8Array(0) },
    ])
    assert.equal(outcomes, [
      { ok: true, sequenceNumber: '5', shardId: 's0' },
      { ok: false, errorCode: 'ProvisionedThroughputExceededException' },
    ])
    assert.equal(calls[way].input, {
      StreamName: 'trips',
      Records: [
        { PartitionKey: 'a', Data: 'AQI=' },
        { PartitionKey: 'b "東京"', Data: '' },
      ],
    })
  }
})

test('is called once for records that it takes, whichever the way', async () => {
  const calls = kinesis.play(() => ({ body: { Records: [] } }))
  const fresh = new KinesisStream(kinesis.client, 'trips')
  for (let put = 1; put <= 3; put++) {
    await fresh.putRecords([])
    assert.is(calls.length, put)
  }
})

test('is sent the same records by an attempt that the SDK makes again', async () => {
  const data = new Uint8Array(100_000).map((_, i) => i * 7)
  const calls = kinesis.play(() =>
    calls.length === 1
      ? failure('InternalFailure', 'no', 500)
      : { body: { Records: [{ SequenceNumber: '5', ShardId: 's0' }] } },
  )
  const clients = createClients({
    AWS_ENDPOINT_URL: kinesis.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })
  const retrying = new KinesisStream(clients.kinesis, 'trips')
  const [outcome] = await retrying.putRecords([{ partitionKey: 'a', data }])
  clients.destroy()
  assert.equal(outcome, { ok: true, sequenceNumber: '5', shardId: 's0' })
  const sent = [{ PartitionKey: 'a', Data: Buffer.from(data).toString('base64') }]
  assert.equal(
    calls.map(({ input }) => input.Records),
    [sent, sent],
  )
})

test('a call that fails as a whole is worth another attempt, or is not', async () => {
  const retryable = async (name: string, status = 400): Promise<boolean> => {
    const fresh = new KinesisStream(kinesis.client, 'trips')
    kinesis.play(() => failure(name, 'no', status))
    const bySdk = (await errorOf(fresh.putRecords([]))).retryable
    kinesis.play(() => ({ body: { Records: [] } }))
    await fresh.putRecords([])
    kinesis.play(() => failure(name, 'no', status))
    assert.is((await errorOf(fresh.putRecords([]))).retryable, bySdk)
    return bySdk
  }
  assert.ok(await retryable('ProvisionedThroughputExceededException'))
  assert.ok(await retryable('KMSThrottlingException'))
  assert.ok(await retryable('InternalFailure', 500))
  assert.ok(await retryable('SomethingNew', 503))
  assert.not.ok(await retryable('InvalidArgumentException'))
  assert.not.ok(await retryable('AccessDeniedException'))
  assert.not.ok(await retryable('ResourceNotFoundException'))
})

test('is read from any position', async () => {
  const calls = kinesis.play(() => ({ body: { ShardIterator: 'it' } }))
  assert.is(await stream.shardIterator('s', { type: 'TRIM_HORIZON' }), 'it')
  await stream.shardIterator('s', { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '17' })
  await stream.shardIterator('s', { type: 'AT_TIMESTAMP', timestamp: 1_700_000_000_250 })
  const base = { StreamName: 'trips', ShardId: 's' }
  assert.equal(
    calls.map(({ input }) => input),
    [
      { ...base, ShardIteratorType: 'TRIM_HORIZON' },
      { ...base, ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: '17' },
      { ...base, ShardIteratorType: 'AT_TIMESTAMP', Timestamp: 1_700_000_000.25 },
    ],
  )
})

test('a time that the clock of Kinesis has not reached is asked for again', async () => {
  kinesis.play(() => failure('InvalidArgumentException', 'greater than the current'))
  const from = { type: 'AT_TIMESTAMP', timestamp: 1_700_000_000_000 } as const
  const error = await errorOf(stream.shardIterator('s', from))
  assert.ok(error.retryable)
  assert.match(error.message, /got no start at 2023-11-14T22:13:20\.000Z: greater than/)
  const other = await errorOf(stream.shardIterator('s', { type: 'TRIM_HORIZON' }))
  assert.not.ok(other.retryable)
})

test('a shard that is gone is told from a stream that is gone', async () => {
  const position = { type: 'TRIM_HORIZON' } as const
  kinesis.play((operation) =>
    operation === 'GetShardIterator' ? failure('ResourceNotFoundException') : summary('ACTIVE'),
  )
  assert.is(await stream.shardIterator('s', position), 'gone')
  kinesis.play(() => failure('ResourceNotFoundException'))
  assert.is((await errorOf(stream.shardIterator('s', position))).code, 'STREAM')
})

test('gives records as they are, with when they arrived and how far behind they are', async () => {
  kinesis.play(() => ({
    body: {
      Records: [
        {
          SequenceNumber: '17',
          PartitionKey: 'k',
          Data: 'AQI=',
          ApproximateArrivalTimestamp: 1_700_000_000.125,
        },
      ],
      NextShardIterator: 'next',
      MillisBehindLatest: 42,
    },
  }))
  const reply = await stream.getRecords('it', 10)
  assert.ok(reply !== 'expired')
  assert.equal([reply.nextIterator, reply.millisBehindLatest], ['next', 42])
  const [record] = reply.records
  assert.equal(
    { ...record, data: [...record.data] },
    { sequenceNumber: '17', partitionKey: 'k', data: [1, 2], arrivalTime: 1_700_000_000_125 },
  )
})

test('a partition key may be any text', async () => {
  const keys = ['zone-132', 'Zürich', '千代田区 🚕']
  const Records = keys.map((PartitionKey) => ({ PartitionKey, SequenceNumber: '1', Data: '' }))
  kinesis.play(() => ({ body: { Records, MillisBehindLatest: 0 } }))
  const reply = await stream.getRecords('it', 10)
  assert.ok(reply !== 'expired')
  assert.equal(
    reply.records.map(({ partitionKey, data }) => [partitionKey, data.length]),
    keys.map((key) => [key, 0]),
  )
})

test('the end of a closed shard has no next iterator, left out or null', async () => {
  for (const end of [{}, { NextShardIterator: null }]) {
    kinesis.play(() => ({ body: { Records: [], MillisBehindLatest: 0, ...end } }))
    assert.equal(await stream.getRecords('it', 10), { records: [], millisBehindLatest: 0 })
  }
})

test('an iterator that is too old is no error', async () => {
  kinesis.play(() => failure('ExpiredIteratorException'))
  assert.is(await stream.getRecords('it', 10), 'expired')
  kinesis.play(() => failure('ProvisionedThroughputExceededException'))
  assert.ok((await errorOf(stream.getRecords('it', 10))).retryable)
})

test('a shard that goes while it is read is told as gone, and brings nobody down', async () => {
  kinesis.play((operation) =>
    operation === 'DescribeStreamSummary'
      ? summary('ACTIVE')
      : failure('ResourceNotFoundException'),
  )
  assert.is(await stream.getRecords('it', 10), 'expired')
  assert.is(await stream.shardIterator('s', { type: 'TRIM_HORIZON' }), 'gone')
})

/** A stream whose status goes through `statuses`, one at each look; the last one stays. */
function life(statuses: (string | undefined)[]): { made(): unknown[]; deleted(): number } {
  let looks = 0
  const calls = kinesis.play((operation) => {
    if (operation !== 'DescribeStreamSummary') return { body: {} }
    const status = statuses[Math.min(looks++, statuses.length - 1)]
    return status === undefined ? failure('ResourceNotFoundException') : summary(status)
  })
  const of = (name: string): unknown[] =>
    calls.filter(({ operation }) => operation === name).map(({ input }) => input)
  return { made: () => of('CreateStream'), deleted: () => of('DeleteStream').length }
}

async function inTime<T>(work: (clock: FakeClock) => Promise<T>): Promise<T> {
  const clock = new FakeClock()
  let ended = false
  const outcome = work(clock).finally(() => (ended = true))
  outcome.catch(() => undefined)
  while (!ended) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (clock.sleepers > 0) await clock.advance(250)
  }
  return outcome
}

test('is made when it is not there, and waited for', async () => {
  const shards = { kind: 'provisioned', shards: 3 } as const
  const fresh = life([undefined, undefined, 'CREATING', 'ACTIVE'])
  assert.is(await inTime((clock) => ensureStream(kinesis.client, 'trips', shards, clock)), 'made')
  assert.equal(fresh.made(), [{ StreamName: 'trips', ShardCount: 3 }])
  const there = life(['UPDATING', 'ACTIVE'])
  assert.is(await inTime((clock) => ensureStream(kinesis.client, 'trips', shards, clock)), 'found')
  assert.equal(there.made(), [])
})

test('that is on its way out is waited for, and then made afresh', async () => {
  const { made } = life(['DELETING', 'DELETING', undefined, undefined, 'CREATING', 'ACTIVE'])
  const onDemand = { kind: 'on-demand' } as const
  assert.is(await inTime((clock) => ensureStream(kinesis.client, 'trips', onDemand, clock)), 'made')
  assert.equal(made(), [{ StreamName: 'trips', StreamModeDetails: { StreamMode: 'ON_DEMAND' } }])
})

test('is deleted, and its name waited for', async () => {
  const { deleted } = life(['ACTIVE', 'DELETING', undefined])
  assert.is(await inTime((clock) => deleteStream(kinesis.client, 'trips', clock)), 'deleted')
  assert.is(deleted(), 1)
  life([undefined])
  assert.is(await inTime((clock) => deleteStream(kinesis.client, 'trips', clock)), 'absent')
})

test('that never becomes ready is given up, with what to do', async () => {
  life(['CREATING'])
  const clock = new FakeClock()
  const outcome = errorOf(ensureStream(kinesis.client, 'trips', { kind: 'on-demand' }, clock))
  while (clock.sleepers === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  clock.jump(600_001)
  await clock.advance(250)
  assert.match((await outcome).message, /got no change in 10 minutes, expected it to be ready/)
})

test.run()
