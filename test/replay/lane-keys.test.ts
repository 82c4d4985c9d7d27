import * as assert from 'uvu/assert'
import { hashKeyOf, hashKeySlice, MAX_HASH_KEY, rangeContains } from '../../src/kinesis/hash-key.ts'
import { lanePartitionKey } from '../../src/replay/lane-keys.ts'
import { suite } from '../support/suite.ts'

const test = suite('the partition keys of lanes')

test('hash into their own slices of the hash space, which tile it', () => {
  for (const lanes of [1, 2, 3, 4, 8, 13, 64]) {
    let start = 0n
    for (let lane = 0; lane < lanes; lane++) {
      const slice = hashKeySlice(lane, lanes)
      assert.is(slice.start, start)
      assert.ok(rangeContains(slice, hashKeyOf(lanePartitionKey(lane, lanes))))
      start = slice.end + 1n
    }
    assert.is(start, MAX_HASH_KEY + 1n)
  }
})

test('are the same in every producer, and differ from lane to lane', () => {
  const keys = Array.from({ length: 32 }, (_, lane) => lanePartitionKey(lane, 32))
  assert.is(new Set(keys).size, 32)
  assert.equal(
    keys,
    Array.from({ length: 32 }, (_, lane) => lanePartitionKey(lane, 32)),
  )
  for (const key of keys) assert.ok(key.length <= 8, key)
})

test('spread evenly over the shards of a stream, split once or not', () => {
  for (const shards of [1, 2, 3, 4, 8]) {
    const perShard = Array<number>(shards).fill(0)
    for (let lane = 0; lane < shards * 2; lane++) {
      const hashKey = hashKeyOf(lanePartitionKey(lane, shards * 2))
      perShard[Number((hashKey * BigInt(shards)) / (MAX_HASH_KEY + 1n))]++
    }
    assert.equal(perShard, Array<number>(shards).fill(2))
  }
})

test.run()
