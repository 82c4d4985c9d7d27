import * as assert from 'uvu/assert'
import type { PartialItem } from '../../src/counts/written-partials.ts'
import { WrittenPartials } from '../../src/counts/written-partials.ts'
import { suite } from '../support/suite.ts'
import { seqOf } from './batches.ts'

const test = suite('partials written by this process')

const partial = (pk: string, seq: number, bytes = 10): PartialItem => ({
  pk,
  sk: 'shard-a',
  seq: seqOf(seq),
  counts: new Uint8Array(bytes),
})

test('are known up to what is in them, and no further', () => {
  const written = new WrittenPartials()
  const key = { pk: 'p', sk: 'shard-a' }
  assert.is(written.upTo(key, seqOf(1)), undefined)
  const item = partial('p', 5)
  written.note(item)
  assert.is(written.upTo(key, seqOf(4)), item)
  assert.is(written.upTo(key, seqOf(5)), item)
  assert.is(written.upTo(key, seqOf(6)), undefined)
  assert.is(written.upTo({ ...key, sk: 'shard-b' }, seqOf(5)), undefined)
})

test('give way to later ones of the same block, and those of long ago to any', () => {
  const written = new WrittenPartials(10_000)
  written.note(partial('old', 1, 4_000))
  written.note(partial('kept', 1, 1_000))
  const before = written.bytes
  written.note(partial('kept', 2, 1_000))
  assert.is(written.bytes, before, 'the one before is let go')
  written.note(partial('new', 3, 4_000))
  const known = ['old', 'kept', 'new'].map((pk) =>
    written.upTo({ pk, sk: 'shard-a' }, seqOf(1)) === undefined ? 'gone' : 'known',
  )
  assert.equal(known, ['gone', 'known', 'known'])
  assert.ok(written.bytes <= 10_000)
})

test('that are larger than all the room there is are not kept', () => {
  const written = new WrittenPartials(1_000)
  written.note(partial('p', 1, 2_000))
  assert.is(written.upTo({ pk: 'p', sk: 'shard-a' }, seqOf(1)), undefined)
  assert.is(written.bytes, 0)
})

test.run()
