import * as assert from 'uvu/assert'
import {
  hashKeyOf,
  hashKeySlice,
  MAX_HASH_KEY,
  partitionKeyFor,
  rangeContains,
  rangesOverlap,
} from '../../src/kinesis/hash-key.ts'
import { suite } from '../support/suite.ts'

const test = suite('a hash key')

test('is the MD5 of the partition key as an unsigned number', () => {
  // The first three from RFC 1321 A.5; all computed with Python's hashlib and int(…, 16).
  const known: [string, bigint][] = [
    ['', 281949768489412648962353822266799178366n],
    ['a', 16955237001963240173058271559858726497n],
    ['abc', 191415658344158766168031473277922803570n],
    ['Ünïcode ключ 鍵', 139285102277497137692979856313939850592n],
  ]
  for (const [partitionKey, hashKey] of known) assert.is(hashKeyOf(partitionKey), hashKey)
})

test('lies in a range at both of its ends', () => {
  const range = { start: 10n, end: 20n }
  assert.equal(
    [9n, 10n, 20n, 21n].map((hashKey) => rangeContains(range, hashKey)),
    [false, true, true, false],
  )
})

test('ranges overlap when they share a single key', () => {
  assert.ok(rangesOverlap({ start: 0n, end: 5n }, { start: 5n, end: 9n }))
  assert.ok(rangesOverlap({ start: 0n, end: 9n }, { start: 3n, end: 4n }))
  assert.not(rangesOverlap({ start: 0n, end: 4n }, { start: 5n, end: 9n }))
})

for (const count of [1, 2, 3, 7, 64]) {
  test(`${count} slices tile the whole hash space`, () => {
    let next = 0n
    for (let index = 0; index < count; index++) {
      const { start, end } = hashKeySlice(index, count)
      assert.is(start, next)
      next = end + 1n
    }
    assert.is(next, MAX_HASH_KEY + 1n)
  })
}

test('a partition key is found for every slice, the same one each time', () => {
  const keys = Array.from({ length: 16 }, (_, index) =>
    partitionKeyFor(hashKeySlice(index, 16), 'lane-'),
  )
  keys.forEach((key, index) => {
    assert.ok(rangeContains(hashKeySlice(index, 16), hashKeyOf(key)), key)
    assert.is(partitionKeyFor(hashKeySlice(index, 16), 'lane-'), key)
    assert.match(key, /^lane-[0-9a-z]{1,3}$/)
  })
  assert.is(new Set(keys).size, 16)
})

test('a partition key that hashes exactly onto an end of the range is in it', () => {
  const hashKey = hashKeyOf('x0')
  assert.is(partitionKeyFor({ start: hashKey, end: MAX_HASH_KEY }, 'x'), 'x0')
  assert.is(partitionKeyFor({ start: 0n, end: hashKey }, 'x'), 'x0')
  assert.is.not(partitionKeyFor({ start: hashKey + 1n, end: MAX_HASH_KEY }, 'x'), 'x0')
})

test.run()
