import { SplitShardCommand } from '@aws-sdk/client-kinesis'
import * as assert from 'uvu/assert'
import { startLocalPair, type LocalPair } from '../../localstack/local-pair.ts'
import { KinesisFanOut, registerConsumer } from '../../src/aws/kinesis-fan-out.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { HailstreamError } from '../../src/errors.ts'
import { FanOut } from '../../src/kinesis/fan-out.ts'
import type { ReadPosition } from '../../src/kinesis/kinesis-port.ts'
import { ShardReader } from '../../src/pipeline/shard-reader.ts'
import { systemClock } from '../../src/time/clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import { createStream, putText } from '../support/emulated.ts'
import { sdkClients, type SdkClients } from '../support/sdk.ts'
import { suite } from '../support/suite.ts'

const test = suite('enhanced fan-out of the emulated Kinesis', { timeoutMillis: 60_000 })
const SHARD = 'shardId-000000000000'

let pair: LocalPair
let sdk: SdkClients
let arn: string

test.before(async () => {
  pair = await startLocalPair()
  sdk = sdkClients(pair)
  await createStream(sdk.kinesis, 'trips')
  arn = await registerConsumer(sdk.kinesis, 'trips', 'hailstream-test', systemClock)
})

test.after(async () => {
  sdk.destroy()
  await pair.stop()
})

function reader(from: ReadPosition = { type: 'TRIM_HORIZON' }): ShardReader {
  const fanOut = new FanOut({
    subscriptions: new KinesisFanOut(sdk.kinesis, 'trips', arn),
    polling: new KinesisStream(sdk.kinesis, 'trips'),
    clock: systemClock,
    quietMillis: 1_000,
  })
  const ports = { kinesis: fanOut, clock: systemClock, random: seededRandom(1) }
  return new ShardReader(SHARD, from, ports, { idleMillis: 0, readMillis: 0, readLimit: 100 })
}

const never = new AbortController().signal

async function texts(shard: ShardReader, count: number): Promise<string[]> {
  const read: string[] = []
  while (read.length < count && !shard.ended) {
    const { records } = await shard.next(never)
    for (const { data } of records) read.push(Buffer.from(data).toString('utf8'))
  }
  return read
}

test('registers a consumer once, however often it is asked', async () => {
  assert.is(await registerConsumer(sdk.kinesis, 'trips', 'hailstream-test', systemClock), arn)
})

test('pushes what is put, in order', async () => {
  const shard = reader()
  const reading = texts(shard, 3)
  for (const text of ['one', 'two', 'three']) await putText(sdk.kinesis, 'trips', text)
  assert.equal(await reading, ['one', 'two', 'three'])
  shard.close()
})

test('gives a shard to whoever subscribes after the last subscriber has let go', async () => {
  const first = reader()
  assert.is((await texts(first, 3)).length, 3)
  first.close()
  const second = reader()
  assert.equal(await texts(second, 3), ['one', 'two', 'three'])
  second.close()
})

test('reads to the end of a shard that was split', async () => {
  const shard = reader()
  assert.equal(await texts(shard, 3), ['one', 'two', 'three'])
  await sdk.kinesis.send(
    new SplitShardCommand({
      StreamName: 'trips',
      ShardToSplit: SHARD,
      NewStartingHashKey: String(2n ** 127n),
    }),
  )
  assert.equal(await texts(shard, 1), [])
  assert.ok(shard.ended)
})

test('says what is missing when there is no such stream', async () => {
  const error = await registerConsumer(sdk.kinesis, 'none', 'hailstream-test', systemClock).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  assert.instance(error, HailstreamError)
  assert.match(String(error), /stream none: got nothing of that name, expected one/)
})

test.run()
