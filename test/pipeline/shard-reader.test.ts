import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import type { ReadPosition, ReadReply } from '../../src/kinesis/kinesis-port.ts'
import { ShardReader } from '../../src/pipeline/shard-reader.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('the reader of a shard')

type Answer = ReadReply | 'expired' | Error

const records = (...sequenceNumbers: number[]): ReadReply => ({
  records: sequenceNumbers.map((sequenceNumber) => ({
    sequenceNumber: String(sequenceNumber),
    partitionKey: 'k',
    data: new Uint8Array(0),
    arrivalTime: 0,
  })),
  nextIterator: 'more',
  millisBehindLatest: 0,
})

const passing = new HailstreamError(
  'ENDPOINT',
  { subject: 's', got: 'a throttle', expected: 'success' },
  { retryable: true },
)

function stage(answers: Answer[]): {
  clock: FakeClock
  reader: ShardReader
  positions: ReadPosition[]
  reads: number[]
  limits: number[]
  stop: AbortController
  next(): Promise<number[]>
} {
  const clock = new FakeClock({ monotonicMillis: 0 })
  const positions: ReadPosition[] = []
  const reads: number[] = []
  const limits: number[] = []
  const stop = new AbortController()
  const reader = new ShardReader(
    's',
    { type: 'TRIM_HORIZON' },
    {
      kinesis: {
        shardIterator: (_shard, position) => {
          positions.push(position)
          return Promise.resolve('iterator')
        },
        getRecords: (_iterator, limit) => {
          reads.push(clock.monotonicMillis())
          limits.push(limit)
          const answer = answers.shift() ?? records()
          return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
        },
      },
      clock,
      random: () => 0,
    },
    { idleMillis: 1_000, readMillis: 250, readLimit: 1_000 },
  )
  const next = async (): Promise<number[]> => {
    let ended = false
    const reading = reader.next(stop.signal).finally(() => (ended = true))
    reading.catch(() => undefined)
    await clock.advanceUntil(() => ended, 10_000)
    return (await reading).records.map(({ sequenceNumber }) => Number(sequenceNumber))
  }
  return { clock, reader, positions, reads, limits, stop, next }
}

test('reads on with the iterator it was given, at its pace', async () => {
  const { next, positions, reads } = stage([records(1, 2), records(3), records(), records(4)])
  const read = [await next(), await next(), await next(), await next()]
  assert.equal(read, [[1, 2], [3], [], [4]])
  assert.equal(positions, [{ type: 'TRIM_HORIZON' }])
  assert.equal(reads, [0, 250, 500, 1_500])
})

test('looks often when it has just begun, until there is something or it has looked enough', async () => {
  const early = stage([records(), records(), records(1), records(), records()])
  for (let i = 0; i < 5; i++) await early.next()
  assert.equal(early.reads, [0, 250, 500, 750, 1_750])

  const quiet = stage([])
  for (let i = 0; i < 12; i++) await quiet.next()
  assert.equal(quiet.reads.slice(8), [2_000, 2_250, 3_250, 4_250])
})

test('asks for a new iterator after the last record, when the old one has expired', async () => {
  const { next, positions } = stage([records(1, 2), 'expired', records(3), 'expired', records(4)])
  assert.equal([await next(), await next(), await next()], [[1, 2], [3], [4]])
  assert.equal(positions, [
    { type: 'TRIM_HORIZON' },
    { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '2' },
    { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '3' },
  ])
})

test('an iterator that expired before the first record begins where it began', async () => {
  const { next, positions } = stage([records(), 'expired', records(1)])
  assert.equal([await next(), await next()], [[], [1]])
  assert.equal(positions, [{ type: 'TRIM_HORIZON' }, { type: 'TRIM_HORIZON' }])
})

test('iterators that are over at once are asked for after pauses, not as fast as it goes', async () => {
  const over = Array.from({ length: 6 }, () => 'expired' as const)
  const { next, reads } = stage([...over, records(1)])
  assert.equal(await next(), [1])
  assert.is(new Set(reads).size, 7)
})

test('the end of a closed shard comes with its last records', async () => {
  const { nextIterator: _more, ...last } = records(7)
  const { next, reader, reads } = stage([records(6), last])
  assert.equal([await next(), reader.ended], [[6], false])
  assert.equal([await next(), reader.ended], [[7], true])
  assert.equal(await next(), [])
  assert.is(reads.length, 2)
})

test('tries again what may pass, and reads nothing twice', async () => {
  const { next, positions } = stage([records(1), passing, passing, records(2)])
  assert.equal([await next(), await next()], [[1], [2]])
  assert.is(positions.length, 1)
})

test('fails with what will not pass', async () => {
  const forGood = new HailstreamError('STREAM', { subject: 's', got: 'nothing', expected: 'one' })
  const { next } = stage([forGood])
  assert.is(await next().catch((error: unknown) => error), forGood)
})

test('comes back at once with nothing when it is interrupted', async () => {
  const { clock, reader, stop, next } = stage([records(1), records(2)])
  await next()
  const waiting = reader.next(stop.signal)
  stop.abort()
  assert.equal((await waiting).records, [])
  assert.is(clock.sleepers, 0)
})

test('asks for about 600 kB at a time, by the size of the last records', async () => {
  const sized = (...sizes: number[]): ReadReply => {
    const reply = records(...sizes.map((_, i) => i))
    reply.records.forEach((record, i) => (record.data = new Uint8Array(sizes[i])))
    return reply
  }
  const answers = [sized(40_000, 60_000), sized(20_000), records(), sized(10, 20), sized(3e6)]
  const { next, limits } = stage(answers)
  for (let i = 0; i < 6; i++) await next()
  assert.equal(limits, [20, 12, 30, 30, 1_000, 1])
})

test.run()
