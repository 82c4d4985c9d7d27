import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { DEAD_LETTER_BLOCK, partialPk } from '../../src/counts/keys.ts'
import { suite } from '../support/suite.ts'
import type { TripSpec } from './batches.ts'
import { batchOf, counterFor } from './batches.ts'
import { CounterTable, feed, flushAll, GENERATION } from './counter-harness.ts'

const test = suite('dead letters in the counter of a shard')

const slots = new DistrictSlots(['a', 'b', 'c'], false)
const trips = (count: number, trip: TripSpec = {}): TripSpec[] =>
  Array.from({ length: count }, () => trip)

test('dead letters are counted apart, in the run of their aggregate', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  const dead = { dead: true }
  feed(
    counter,
    batchOf([
      { seq: 1, control: {}, trips: [{}, dead, {}] },
      { seq: 2, trips: [dead] },
      { seq: 3, control: { firstOrdinal: 0 }, trips: [{}, dead, {}] },
    ]),
    table,
  )
  flushAll(counter, table)
  assert.is(counter.tripsCounted, 2)
  for (const run of ['r', 'foreign']) {
    const item = table.get(partialPk(GENERATION, run, DEAD_LETTER_BLOCK), 'shardId-000000000000')
    assert.ok(item?.counts instanceof Uint8Array)
    assert.is(BlockCounts.unpack(item.counts, slots).deadLetters, 1)
  }
})

test('a letter that comes back counts once, and takes one from the dead', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  const died = { seq: 1, control: { ended: true }, trips: [{ dead: true }, {}, { dead: true }] }
  const back = { control: { redrive: 'g', firstOrdinal: 0 }, trips: trips(2) }
  const others = { seq: 4, control: { redrive: 'other', firstOrdinal: 2 }, trips: trips(5) }
  feed(counter, batchOf([died, { seq: 2, ...back }, { seq: 3, ...back }, others]), table)
  flushAll(counter, table)
  const { lanes, redrives } = table.progress()
  assert.equal([lanes.get('r')?.get(0)?.next, redrives.get('r')?.next], [3, 2])
  assert.is(counter.tripsCounted, 3)
  const item = table.get(partialPk(GENERATION, 'r', DEAD_LETTER_BLOCK), 'shardId-000000000000')
  assert.ok(item?.counts instanceof Uint8Array)
  const { deadLetters, redriven } = BlockCounts.unpack(item.counts, slots)
  assert.equal([deadLetters, redriven], [2, 2])
})

test('a letter that comes back and is dead again is one dead letter still', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(
    counter,
    batchOf([
      { seq: 1, control: {}, trips: [{ dead: true }] },
      { seq: 2, control: { redrive: 'g', firstOrdinal: 0 }, trips: [{ dead: true }] },
    ]),
    table,
  )
  flushAll(counter, table)
  const item = table.get(partialPk(GENERATION, 'r', DEAD_LETTER_BLOCK), 'shardId-000000000000')
  assert.ok(item?.counts instanceof Uint8Array)
  const { deadLetters, redriven } = BlockCounts.unpack(item.counts, slots)
  assert.equal([deadLetters, redriven], [1, 0])
})

test('letters are handed over once: none of a duplicate, none of a lane that has ended', () => {
  const batch = batchOf([
    { seq: 1, control: { firstOrdinal: 0 }, trips: [{ dead: true }, {}] },
    { seq: 2, control: { firstOrdinal: 0 }, trips: [{ dead: true }, {}, { dead: true }] },
    { seq: 3, control: { ended: true, abandoned: true } },
    { seq: 4, control: { firstOrdinal: 3 }, trips: [{ dead: true }] },
  ])
  for (let row = 0; row < batch.rows; row++) {
    if (batch.dead[row] === 0) continue
    batch.deadLetters.push({
      seq: '',
      index: row,
      run: 'r',
      row,
      reason: '',
      data: new Uint8Array(0),
    })
  }
  const counter = counterFor({ slots })
  for (const ref of counter.missingBlocks(batch)) counter.install(ref)
  assert.equal(
    counter.absorb(batch).map(({ row }) => row),
    [0, 4],
  )
  assert.equal(counter.absorb(batch), [])
})

test.run()
