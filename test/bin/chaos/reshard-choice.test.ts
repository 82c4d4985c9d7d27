import * as assert from 'uvu/assert'
import { chooseReshard } from '../../../bin/chaos/reshard-choice.ts'
import type { Shard } from '../../../src/kinesis/shard.ts'
import { seededRandom } from '../../../src/time/random.ts'
import { suite } from '../../support/suite.ts'

const test = suite('a choice of what to reshard')

function shard(shardId: string, first: bigint, last: bigint, closed = false): Shard {
  return {
    shardId,
    parentShardIds: [],
    startingHashKey: first.toString(),
    endingHashKey: last.toString(),
    startingSequenceNumber: '1',
    ...(closed && { endingSequenceNumber: '2' }),
  }
}

const MOST = 2n ** 128n - 1n
const HALF = 2n ** 127n
const TWO = [shard('a', 0n, HALF - 1n), shard('b', HALF, MOST)]

test('splits an open shard within its range', () => {
  const random = seededRandom(1)
  const closed = shard('old', 0n, MOST, true)
  for (let i = 0; i < 500; i++) {
    const choice = chooseReshard([closed, ...TWO], 'split', random())
    assert.is(choice?.what, 'split')
    if (choice?.what !== 'split') return
    const { startingHashKey, endingHashKey } = TWO[choice.shardId === 'a' ? 0 : 1]
    const at = BigInt(choice.newStartingHashKey)
    // Kinesis wants neither half to be empty.
    assert.ok(at > BigInt(startingHashKey) && at <= BigInt(endingHashKey))
  }
})

test('merges two open shards that touch, in the order of their ranges', () => {
  assert.equal(chooseReshard([...TWO].reverse(), 'merge', 0.9), {
    what: 'merge',
    shardId: 'a',
    adjacentShardId: 'b',
  })
})

test('splits where nothing can be merged, and merges where nothing can be split', () => {
  assert.is(chooseReshard([shard('only', 0n, MOST)], 'merge', 0.5)?.what, 'split')
  const apart = [shard('a', 0n, 5n), shard('gone', 6n, 9n, true), shard('b', 10n, MOST)]
  assert.is(chooseReshard(apart, 'merge', 0.5)?.what, 'split')
  const narrow = [shard('a', 0n, 0n), shard('b', 1n, 1n)]
  assert.is(chooseReshard(narrow, 'split', 0.5)?.what, 'merge')
  assert.is(chooseReshard([shard('a', 0n, 0n)], 'split', 0.5), undefined)
  assert.is(chooseReshard([], 'merge', 0), undefined)
})

test('splits a shard of two keys between them', () => {
  assert.equal(chooseReshard([shard('a', 4n, 5n)], 'split', 0.99), {
    what: 'split',
    shardId: 'a',
    newStartingHashKey: '5',
  })
})

test.run()
