import * as assert from 'uvu/assert'
import { PUT_PAYLOAD_UNIT_BYTES, RECORD_MAX_BYTES } from '../../src/kinesis/limits.ts'
import { AWS_PACE, EMULATOR_PACE, paceFor } from '../../src/program/pace.ts'
import { count, megabytes, print, say, stopwatch } from '../../src/program/program.ts'
import { suite } from '../support/suite.ts'

const test = suite('what programs say')

test('numbers come in groups of three', () => {
  assert.equal([0, 7, 999, 1_000, 12_345, 1_234_567, 1e15].map(count), [
    '0',
    '7',
    '999',
    '1,000',
    '12,345',
    '1,234,567',
    '1,000,000,000,000,000',
  ])
  assert.is(count(1_234.6), '1,235')
  assert.is(count(-12_345), '-12,345')
  assert.is(megabytes(12_345_678), '12.3 MB')
})

test('a stopwatch shows hours only when there are any', () => {
  assert.is(stopwatch(7_000), '0:07')
  assert.is(stopwatch(750_000), '12:30')
  assert.is(stopwatch(10_930_000), '3:02:10')
  assert.is(stopwatch(3_599_600), '1:00:00')
  assert.is(stopwatch(-5), '0:00')
})

test('data is a line each: text as it is, everything else as JSON', () => {
  let written = ''
  const sink = { write: (text: string) => (written += text) !== '' }
  print({ stdout: sink as never }, 'a,b')
  print({ stdout: sink as never }, { a: [1] })
  say({ stderr: sink as never }, 'done')
  assert.is(written, 'a,b\n{"a":[1]}\ndone\n')
})

test('aggregates keep below the steps in what they cost and the limit of a record', () => {
  assert.is(Math.ceil(AWS_PACE.aggregateBytes / PUT_PAYLOAD_UNIT_BYTES), 2)
  assert.is(Math.ceil((AWS_PACE.aggregateBytes + 8) / PUT_PAYLOAD_UNIT_BYTES), 2)
  for (const pace of [AWS_PACE, EMULATOR_PACE]) assert.ok(pace.aggregateBytes < RECORD_MAX_BYTES)
  assert.is(paceFor(true), EMULATOR_PACE)
  assert.is(paceFor(false), AWS_PACE)
})

test('an emulator hears from a quiet lane at most every five seconds', () => {
  assert.ok(EMULATOR_PACE.heartbeatMillis >= 5_000)
  assert.is(AWS_PACE.heartbeatMillis, 1_000)
})

test('AWS is read no more often than a shard allows two readers', () => {
  assert.ok(1_000 / AWS_PACE.readMillis <= 5)
})

test.run()
