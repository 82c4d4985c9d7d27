import * as assert from 'uvu/assert'
import { percentile, survivedLines } from '../../../bin/chaos/survived.ts'
import { TakeOvers } from '../../../bin/chaos/take-overs.ts'
import { suite } from '../../support/suite.ts'

const test = suite('take-overs')

const shard = (shardId: string, worker: string, seq: string, ended = false) => ({
  shardId,
  worker,
  seq,
  ended,
})

test('last from the kill of a worker until each of its shards is counted on by another', () => {
  const takeOvers = new TakeOvers()
  takeOvers.observe([shard('s0', 'a', '5'), shard('s1', 'a', '5'), shard('s2', 'b', '5')], 0)
  takeOvers.hit('a', 100)
  takeOvers.observe([shard('s0', 'a', '5'), shard('s1', 'b', '6'), shard('s2', 'b', '9')], 4_100)
  assert.equal(takeOvers.millis, [4_000])
  takeOvers.observe([shard('s0', 'c', '6'), shard('s1', 'b', '6'), shard('s2', 'b', '9')], 11_100)
  assert.equal(takeOvers.millis, [4_000, 11_000])
})

test('do not end with the last write of whoever was killed', () => {
  const takeOvers = new TakeOvers()
  takeOvers.observe([shard('s0', 'a', '5')], 0)
  takeOvers.hit('a', 100)
  takeOvers.observe([shard('s0', 'a', '6')], 300)
  assert.equal(takeOvers.millis, [])
  takeOvers.observe([shard('s0', 'b', '7')], 9_100)
  assert.equal(takeOvers.millis, [9_000])
})

test('go on when the next worker is hit before it has counted', () => {
  const takeOvers = new TakeOvers()
  takeOvers.observe([shard('s0', 'a', '5')], 0)
  takeOvers.hit('a', 0)
  takeOvers.hit('a', 7_000)
  takeOvers.observe([shard('s0', 'c', '7')], 20_000)
  assert.equal(takeOvers.millis, [20_000])
})

test('end when a frozen worker wakes and counts on by itself', () => {
  const takeOvers = new TakeOvers()
  takeOvers.observe([shard('s0', 'a', '5')], 0)
  takeOvers.hit('a', 0)
  takeOvers.observe([shard('s0', 'a', '6')], 13_000)
  assert.equal(takeOvers.millis, [13_000])
})

test('are none for shards that have ended', () => {
  const takeOvers = new TakeOvers()
  takeOvers.observe([shard('s0', 'a', '5', true)], 0)
  takeOvers.hit('a', 0)
  takeOvers.observe([shard('s0', 'b', '6', true)], 13_000)
  assert.equal(takeOvers.millis, [])
})

const lines = suite('what was survived')

lines('has percentiles by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  assert.is(percentile(hundred, 0.5), 50)
  assert.is(percentile(hundred, 0.99), 99)
  assert.is(percentile([3], 0.99), 3)
  assert.is(percentile([1, 2], 0.5), 1)
  assert.ok(Number.isNaN(percentile([], 0.5)))
})

lines('is told with every number in its place', () => {
  const told = survivedLines({
    kills: { worker: 5, replay: 4, merger: 3 },
    freezes: 1,
    noticed: 1,
    splits: 2,
    merges: 1,
    cut: 1_234,
    requestsCutOff: 17,
    repliesLost: 1,
    silences: 2,
    putAgain: 6,
    triedAgain: 7,
    takeOvers: [1_000, 12_345],
    duplicates: 280,
    revisions: 1,
  })
  assert.equal(told, [
    'Survived 12 kills (5 of a worker, 4 of the replay, 3 of the merger), 1 freeze (workers noticed 1), ' +
      '3 reshards (2 splits, 1 merge).',
    'Connections: 1,234 cut; 17 requests cut off and tried again, 1 of them after it had been ' +
      'carried out; 2 silences.',
    'The replay put 6 aggregates again, workers told of 7 retries; 280 duplicate trips skipped, ' +
      '1 final pane revised by late trips.',
    'Take-over: 2 times a shard stood still, for 1.0 s (p50), 12.3 s (p99) until it was counted on.',
  ])
})

test.run()
lines.run()
