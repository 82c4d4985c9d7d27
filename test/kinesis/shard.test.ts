import * as assert from 'uvu/assert'
import { MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import type { Shard } from '../../src/kinesis/shard.ts'
import {
  ancestorsOf,
  childrenOf,
  generationsOf,
  hashKeyRangeOf,
  isOpen,
  rootsOf,
} from '../../src/kinesis/shard.ts'
import { mergedStream, shard, splitThenMergedStream } from '../leases/shards.ts'
import { suite } from '../support/suite.ts'

const test = suite('a shard')

const ids = (shards: Shard[]): string[] => shards.map(({ shardId }) => shardId)

test('is open as long as it has no ending sequence number, whatever that would be', () => {
  assert.ok(isOpen(shard('A')))
  assert.not(isOpen(shard('A', { closed: true })))
})

test('covers its hash keys, both ends included', () => {
  assert.equal(hashKeyRangeOf(shard('A')), { start: 0n, end: MAX_HASH_KEY })
})

test('knows its children after a split and after a merge', () => {
  const shards = splitThenMergedStream()
  assert.equal(ids(childrenOf(shards, 'A')), ['B', 'C'])
  assert.equal(ids(childrenOf(shards, 'B')), ['D'])
  assert.equal(ids(childrenOf(shards, 'C')), ['D'])
  assert.equal(ids(childrenOf(shards, 'D')), [])
})

test('knows each listed ancestor once, the nearest first', () => {
  assert.equal(ids(ancestorsOf(splitThenMergedStream(), 'D')), ['B', 'C', 'A'])
  assert.equal(ids(ancestorsOf(splitThenMergedStream(), 'A')), [])
})

test('has no ancestors beyond a parent that was trimmed away', () => {
  const [, b, c, d] = splitThenMergedStream()
  assert.equal(ids(ancestorsOf([b, d], 'D')), ['B'])
  assert.equal(ids(rootsOf([b, c, d])), ['B', 'C'])
  assert.equal(ids(rootsOf([d])), ['D'])
})

test('comes in a later generation than all of its parents', () => {
  const shards = splitThenMergedStream().reverse()
  assert.equal(generationsOf(shards).map(ids), [['A'], ['C', 'B'], ['D']])
  assert.equal(generationsOf(mergedStream()).map(ids), [['A', 'B'], ['C']])
  assert.equal(generationsOf([]), [])
})

test('comes after its later parent when the parents are of different ages', () => {
  const shards = [
    shard('M', { parents: ['A', 'C'] }),
    shard('C', { parents: ['B'] }),
    shard('A'),
    shard('B'),
  ]
  assert.equal(generationsOf(shards).map(ids), [['A', 'B'], ['C'], ['M']])
})

test('that claims to be its own ancestor does not make the listing endless', () => {
  const shards = [shard('A', { parents: ['B'] }), shard('B', { parents: ['A'] })]
  assert.equal(generationsOf(shards).map(ids), [['A', 'B']])
  assert.equal(ids(ancestorsOf(shards, 'A')).sort(), ['A', 'B'])
})

test.run()
