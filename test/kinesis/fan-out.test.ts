import * as assert from 'uvu/assert'
import type { SubscriptionEvent } from '../../src/kinesis/fan-out.ts'
import { FanOut } from '../../src/kinesis/fan-out.ts'
import type { ReadPosition, ReadReply } from '../../src/kinesis/kinesis-port.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('fan-out')

const record = (sequenceNumber: number): SubscriptionEvent['records'][number] => ({
  sequenceNumber: String(sequenceNumber),
  partitionKey: 'k',
  data: new Uint8Array(0),
  arrivalTime: 0,
})

const event = (numbers: number[], ended = false): SubscriptionEvent => ({
  records: numbers.map(record),
  millisBehindLatest: 7,
  ended,
})

/** What one subscription says, empty events with 200 ms before each; then it is quiet until it is stopped. */
type Script = (SubscriptionEvent | Error | 'closed')[]

interface Stage {
  clock: FakeClock
  fanOut: FanOut
  subscribed: ReadPosition[]
  stopped: number[]
  looks: ReadPosition[]
  read(iterator: string): Promise<ReadReply | 'expired'>
}

function stage(scripts: Script[], poll: ReadReply | 'gone' = quietShard): Stage {
  const clock = new FakeClock()
  const subscribed: ReadPosition[] = []
  const stopped: number[] = []
  const looks: ReadPosition[] = []
  const fanOut = new FanOut({
    clock,
    subscriptions: {
      subscribe: (_shard, from, stop) => {
        const index = subscribed.push(from) - 1
        const script = scripts[index] ?? []
        stop.addEventListener('abort', () => stopped.push(index))
        return Promise.resolve(events(script, stop, clock))
      },
    },
    polling: {
      shardIterator: (_shard, from) => {
        looks.push(from)
        return Promise.resolve(poll === 'gone' ? 'gone' : 'look')
      },
      getRecords: () => Promise.resolve(poll === 'gone' ? 'expired' : poll),
    },
  })
  const read = async (iterator: string): Promise<ReadReply | 'expired'> => {
    let over = false
    const reading = fanOut.getRecords(iterator, 10).finally(() => (over = true))
    reading.catch(() => undefined)
    await clock.advanceUntil(() => over, 10_000)
    return reading
  }
  return { clock, fanOut, subscribed, stopped, looks, read }
}

const quietShard: ReadReply = { records: [], nextIterator: 'more', millisBehindLatest: 0 }

async function* events(
  script: Script,
  stop: AbortSignal,
  clock: FakeClock,
): AsyncGenerator<SubscriptionEvent, void, undefined> {
  for (const step of script) {
    if (step === 'closed') return
    if (step instanceof Error) throw step
    if (step.records.length === 0) await clock.sleep(200, stop)
    yield await Promise.resolve(step)
  }
  await new Promise((resolve) => {
    stop.addEventListener('abort', resolve)
  })
}

async function open({ fanOut }: Stage): Promise<string> {
  return fanOut.shardIterator('s', { type: 'TRIM_HORIZON' })
}

const numbers = (reply: ReadReply | 'expired'): number[] | 'expired' =>
  reply === 'expired' ? reply : reply.records.map(({ sequenceNumber }) => Number(sequenceNumber))

test('brings the events of a subscription, one a read, in order', async () => {
  const staged = stage([[event([1, 2]), event([3])]])
  const iterator = await open(staged)
  assert.equal(await staged.read(iterator), {
    records: [record(1), record(2)],
    millisBehindLatest: 7,
    nextIterator: iterator,
  })
  assert.equal(numbers(await staged.read(iterator)), [3])
})

test('a read of a quiet shard comes back with nothing, and loses nothing that comes later', async () => {
  let tell: (value: SubscriptionEvent) => void = () => undefined
  const later = new Promise<SubscriptionEvent>((resolve) => (tell = resolve))
  const clock = new FakeClock()
  const fanOut = new FanOut({
    clock,
    subscriptions: {
      subscribe: () =>
        Promise.resolve(
          (async function* () {
            yield await later
          })(),
        ),
    },
    polling: {
      shardIterator: () => Promise.reject(new Error('not asked for')),
      getRecords: () => Promise.reject(new Error('not asked for')),
    },
  })
  const iterator = await fanOut.shardIterator('s', { type: 'TRIM_HORIZON' })
  for (let i = 0; i < 3; i++) {
    const reading = fanOut.getRecords(iterator, 10)
    await clock.advance(250)
    assert.equal(numbers(await reading), [])
  }
  tell(event([9]))
  assert.equal(numbers(await fanOut.getRecords(iterator, 10)), [9])
  assert.is(clock.sleepers, 0, 'no timer is left behind')
})

test('the end of a shard is the end of its iterator', async () => {
  const staged = stage([[event([5], true)]])
  const reply = await staged.read(await open(staged))
  assert.equal(reply, { records: [record(5)], millisBehindLatest: 7 })
  assert.equal(staged.stopped, [0])
})

test('a subscription that the service closed has expired', async () => {
  const staged = stage([[event([1]), 'closed']])
  const iterator = await open(staged)
  assert.equal(numbers(await staged.read(iterator)), [1])
  assert.is(await staged.read(iterator), 'expired')
  assert.is(await staged.read(iterator), 'expired')
})

test('a connection that breaks is told once, and has expired then', async () => {
  const broken = new Error('a connection that broke')
  const staged = stage([[broken]])
  const iterator = await open(staged)
  assert.is(await staged.read(iterator).catch((error: unknown) => error), broken)
  assert.is(await staged.read(iterator), 'expired')
  assert.equal(staged.stopped, [0])
})

async function readFor(staged: Stage, iterator: string, millis: number): Promise<unknown[]> {
  const replies: unknown[] = []
  const until = staged.clock.monotonicMillis() + millis
  while (staged.clock.monotonicMillis() < until) {
    const reply = await staged.read(iterator)
    replies.push(reply)
    if (reply === 'expired' || isEnd(reply)) break
  }
  return replies
}

test('a shard that stays quiet is looked at now and then, from where it came to', async () => {
  const staged = stage([[event([4])]])
  const iterator = await open(staged)
  await readFor(staged, iterator, 9_000)
  assert.equal(staged.looks, [])
  await readFor(staged, iterator, 12_000)
  const after4 = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '4' }
  assert.equal(staged.looks, [after4, after4])
  assert.equal(staged.stopped, [])
})

test('an end that no subscription tells is found by looking', async () => {
  const staged = stage([Array.from({ length: 100 }, () => event([]))], {
    records: [],
    millisBehindLatest: 0,
  })
  const replies = await readFor(staged, await open(staged), 10_500)
  assert.equal(
    replies.find((reply) => isEnd(reply)),
    { records: [], millisBehindLatest: 0 },
  )
  assert.equal(staged.stopped, [0])
})

test('a shard that was trimmed away while it was quiet was not read to its end', async () => {
  const staged = stage([[]], 'gone')
  const replies = await readFor(staged, await open(staged), 10_500)
  assert.ok(replies.includes('expired'))
  assert.not.ok(replies.some((reply) => isEnd(reply)))
  assert.equal(staged.stopped, [0])
})

test('a subscription that is stuck is given up for a new one, and nothing is read past it', async () => {
  const missed: ReadReply = { records: [record(8)], millisBehindLatest: 0 }
  const staged = stage([[event([4])]], missed)
  const replies = await readFor(staged, await open(staged), 11_000)
  assert.ok(replies.includes('expired'))
  assert.not.ok(replies.some((reply) => isEnd(reply)))
  assert.equal(staged.stopped, [0])
})

test('letting go of an iterator ends its subscription, once', async () => {
  const staged = stage([[event([1])]])
  const iterator = await open(staged)
  await staged.read(iterator)
  staged.fanOut.release(iterator)
  staged.fanOut.release(iterator)
  assert.equal(staged.stopped, [0])
  assert.is(await staged.read(iterator), 'expired')
})

function isEnd(reply: unknown): boolean {
  return typeof reply === 'object' && reply !== null && !('nextIterator' in reply)
}

test.run()
