import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { partialPk } from '../../src/counts/keys.ts'
import { MEASURES, SUMS } from '../../src/counts/measures.ts'
import { newLane } from '../../src/lanes/lane-state.ts'
import { suite } from '../support/suite.ts'
import type { SegmentSpec, TripSpec } from './batches.ts'
import { batchOf, counterFor, MINUTE, progressOf, seqOf, T0 } from './batches.ts'
import { CounterTable, feed, flushAll, GENERATION } from './counter-harness.ts'

const test = suite('the counter of a shard')

const slots = new DistrictSlots(['a', 'b', 'c'], false)
const trips = (count: number, trip: TripSpec = {}): TripSpec[] =>
  Array.from({ length: count }, () => trip)

/** The counts of a block of run `r` after `segments`, read from its partial. */
function countsAfter(segments: readonly SegmentSpec[], block = T0, run = 'r'): BlockCounts {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(counter, batchOf(segments), table)
  assert.ok(flushAll(counter, table))
  const item = table.get(partialPk(GENERATION, run, block), 'shardId-000000000000')
  assert.ok(item?.counts instanceof Uint8Array, 'no partial')
  return BlockCounts.unpack(item.counts, slots)
}

function sums(counts: BlockCounts, pane: number, slot: number): Record<string, number> {
  const at = counts.row(pane, slot)
  return Object.fromEntries(SUMS.map((name, i) => [name, counts.values[at + i]]))
}

function picked(segments: readonly SegmentSpec[]): number {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(counter, batchOf(segments), table)
  return counter.tripsCounted
}

test('counts a trip at both its ends, with its measures at the pickup', () => {
  const trip: TripSpec = {
    ...{ at: 6 * MINUTE, off: 14 * MINUTE, from: 1, to: 2 },
    ...{ passengers: 3, distance: 250, fare: 700, tip: 200, total: 1_000 },
  }
  const counts = countsAfter([{ seq: 1, control: {}, trips: [trip, trip] }])
  assert.equal(sums(counts, 1, 1), {
    pickups: 2,
    dropoffs: 0,
    passengers: 6,
    distance: 500,
    fare: 1_400,
    tip: 400,
    total: 2_000,
  })
  assert.is(sums(counts, 2, 2).dropoffs, 2)
  const row = counts.row(1, 1)
  const tiers = [...counts.values.subarray(row + SUMS.length, row + MEASURES)]
  assert.is(
    tiers.reduce((sum, count) => sum + count, 0),
    2,
  )
})

test('counts an end without a district by its reason', () => {
  const counts = countsAfter([
    {
      seq: 1,
      control: {},
      trips: [
        { from: -1 - 5, to: -1 - 3 },
        { from: -1 - 5, to: 0 },
      ],
    },
  ])
  assert.is(counts.unclassified[5], 2)
  assert.is(counts.unclassified[8 + 3], 1)
  assert.is(sums(counts, 0, 0).dropoffs, 1)
})

test('counts a dropoff without a time in the pane of its pickup', () => {
  const counts = countsAfter([
    { seq: 1, control: {}, trips: [{ at: 7 * MINUTE, off: null, to: -1 }] },
  ])
  assert.is(counts.unclassified[16 + 8], 1)
})

test('puts the borders of panes and blocks on the later side, before 1970 too', () => {
  for (const shift of [0, -T0 - 30 * 60 * MINUTE]) {
    const table = new CounterTable()
    const counter = counterFor({ slots })
    const at = [0, 5 * MINUTE - 1, 5 * MINUTE, 15 * MINUTE - 1, 15 * MINUTE]
    feed(
      counter,
      batchOf([{ seq: 1, control: {}, trips: at.map((time) => ({ at: shift + time })) }]),
      table,
    )
    flushAll(counter, table)
    const block = (start: number): BlockCounts => {
      const item = table.get(partialPk(GENERATION, 'r', T0 + shift + start), 'shardId-000000000000')
      assert.ok(item?.counts instanceof Uint8Array)
      return BlockCounts.unpack(item.counts, slots)
    }
    const panes = [0, 1, 2].map((pane) => sums(block(0), pane, 0).pickups)
    assert.equal(panes, [2, 1, 1])
    assert.is(sums(block(15 * MINUTE), 0, 0).pickups, 1)
  }
})

test('trips that were seen before are duplicates, however the aggregate was cut', () => {
  const first = { seq: 1, control: { firstOrdinal: 0 }, trips: trips(10) }
  assert.is(picked([first, { seq: 2, control: { firstOrdinal: 0 }, trips: trips(10) }]), 10)
  assert.is(picked([first, { seq: 2, control: { firstOrdinal: 4 }, trips: trips(10) }]), 14)
  assert.is(picked([first, { seq: 2, control: { firstOrdinal: 3 }, trips: trips(4) }]), 10)
  assert.is(picked([first, { seq: 2, control: { firstOrdinal: 10 }, trips: trips(5) }]), 15)
})

test('a missing ordinal is a gap, and what fills it later comes too late to count', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(
    counter,
    batchOf([
      { seq: 1, control: { firstOrdinal: 0 }, trips: trips(3) },
      { seq: 2, control: { firstOrdinal: 8 }, trips: trips(2) },
      { seq: 3, control: { firstOrdinal: 3 }, trips: trips(5) },
    ]),
    table,
  )
  flushAll(counter, table)
  const lane = table.progress().lanes.get('r')?.get(0)
  assert.is(lane?.gap, 5)
  assert.equal(lane?.holes, [[3, 7]])
  assert.is(lane?.next, 10)
  assert.is(counter.tripsCounted, 5)
  assert.is(table.progress().duplicates, 5)
})

test('a lane that was cut off stays so whatever comes, because that may be an old copy', () => {
  const cut = { ...newLane(0, 1), next: 10, watermark: T0, cut: true }
  const table = new CounterTable()
  const progress = progressOf({ lanes: new Map([['r', new Map([[0, cut]])]]) })
  const counter = counterFor({ slots, progress })
  feed(
    counter,
    batchOf([
      { seq: 1, control: { firstOrdinal: 10 }, trips: trips(5) },
      { seq: 2, control: { firstOrdinal: 18, watermark: T0 + 1 } },
    ]),
    table,
  )
  flushAll(counter, table)
  const lane = table.progress().lanes.get('r')?.get(0)
  assert.equal([lane?.cut, lane?.next, lane?.holes], [true, 18, [[15, 17]]])
})

test('a heartbeat that is further than the trips shows a gap too', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(counter, batchOf([{ seq: 1, control: { firstOrdinal: 4 } }]), table)
  flushAll(counter, table)
  assert.is(table.progress().lanes.get('r')?.get(0)?.gap, 4)
})

test('a lane first met in its middle is a gap only where the stream is read from its beginning', () => {
  for (const [fromBeginning, gap] of [
    [true, 700],
    [false, 0],
  ] as const) {
    const table = new CounterTable()
    const counter = counterFor({ slots, fromBeginning })
    feed(counter, batchOf([{ seq: 1, control: { firstOrdinal: 700 }, trips: trips(2) }]), table)
    flushAll(counter, table)
    assert.is(table.progress().lanes.get('r')?.get(0)?.gap, gap)
    assert.is(counter.tripsCounted, 2)
  }
})

test('a lane that ended stays ended: what comes after is a duplicate', () => {
  assert.is(
    picked([
      { seq: 1, control: { firstOrdinal: 0, ended: true }, trips: trips(3) },
      { seq: 2, control: { firstOrdinal: 3 }, trips: trips(4) },
    ]),
    3,
  )
})

test('a lane that was given up ends where it is, without a gap', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(
    counter,
    batchOf([
      { seq: 1, control: { firstOrdinal: 0, watermark: T0 }, trips: trips(3) },
      { seq: 2, control: { ended: true, abandoned: true } },
      { seq: 3, control: { firstOrdinal: 3, watermark: T0 + MINUTE }, trips: trips(4) },
    ]),
    table,
  )
  flushAll(counter, table)
  assert.equal(table.progress().lanes.get('r')?.get(0), {
    ...newLane(0, 1),
    next: 3,
    watermark: T0,
    ended: true,
    abandoned: true,
  })
  assert.is(counter.tripsCounted, 3)
})

test('lanes and runs do not know each other', () => {
  assert.is(
    picked([
      { seq: 1, control: { lane: 0, lanes: 2 }, trips: trips(3) },
      { seq: 2, control: { lane: 1, lanes: 2 }, trips: trips(3) },
      { seq: 3, control: { runId: 's' }, trips: trips(3) },
      { seq: 4, trips: trips(2) },
      { seq: 5, trips: trips(2) },
    ]),
    13,
  )
})

test('a watermark never goes back', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(
    counter,
    batchOf([
      { seq: 1, control: { watermark: T0 + MINUTE } },
      { seq: 2, control: { watermark: T0 } },
    ]),
    table,
  )
  flushAll(counter, table)
  assert.is(table.progress().lanes.get('r')?.get(0)?.watermark, T0 + MINUTE)
})

test('records of other producers set a watermark behind their latest end', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots, outOfOrdernessMillis: MINUTE })
  feed(
    counter,
    batchOf([
      { seq: 1, trips: [{ at: 9 * MINUTE }, { at: MINUTE, off: 10 * MINUTE }] },
      { seq: 2, trips: [{ at: 5 * MINUTE, off: null }] },
    ]),
    table,
  )
  flushAll(counter, table)
  assert.is(table.progress().foreignWatermark, T0 + 9 * MINUTE)
})

test('records of a complete run that was forgotten are duplicates, all of them', () => {
  const counter = counterFor({ slots })
  const batch = batchOf([{ seq: 1, control: { firstOrdinal: 0 }, trips: trips(3) }])
  assert.equal(counter.unknownRuns(batch), ['r'])
  for (const ref of counter.missingBlocks(batch)) counter.install(ref)
  counter.absorb(batch, new Set(['r']))
  assert.is(counter.tripsCounted, 0)
  assert.equal(counter.beginFlush().blocks, [])
  assert.is(counter.beginFlush().progress.duplicates, 3)
})

test('a run is forgotten only once every lane of it has ended here', () => {
  const counter = counterFor({ slots })
  const lanes = (ended: boolean): SegmentSpec[] => [
    { seq: 1, control: { lane: 0, lanes: 2, ended: true } },
    { seq: ended ? 3 : 2, control: { lane: 1, lanes: 2, ended } },
  ]
  counter.absorb(batchOf(lanes(false)))
  assert.equal(counter.endedRuns(), [])
  counter.absorb(batchOf(lanes(true)))
  assert.equal(counter.endedRuns(), ['r'])
  counter.forgetRun('r')
  assert.equal(counter.unknownRuns(batchOf(lanes(false))), ['r'])
})

test('a record that was counted already is left out, whatever batch it comes in', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  const one = { seq: 5, trips: trips(2) }
  feed(counter, batchOf([one]), table)
  feed(counter, batchOf([one, { seq: 6, trips: trips(1) }]), table)
  assert.is(counter.tripsCounted, 3)
})

test('what a partial held already is not added again, but its block is listed as touched', () => {
  const table = new CounterTable()
  const full = [
    { seq: 1, control: { firstOrdinal: 0 }, trips: trips(2) },
    { seq: 2, control: { firstOrdinal: 2 }, trips: trips(3) },
  ]
  const before = counterFor({ slots })
  feed(before, batchOf(full), table)
  // Partials written, progress not: the worker was killed in between.
  const { blocks } = before.beginFlush()
  const partial = before.partial(blocks[0])
  assert.ok(partial)
  const pk = partialPk(GENERATION, 'r', T0)
  table.items.set(`${pk}|shardId-000000000000`, { pk, sk: 'shardId-000000000000', ...partial })

  const after = counterFor({ slots })
  feed(after, batchOf(full.slice(0, 1)), table)
  const early = after.beginFlush()
  assert.equal(early.blocks, [{ run: 'r', block: T0 }])
  assert.is(
    after.partial(early.blocks[0]),
    undefined,
    'a partial from behind the one that is there',
  )
  assert.equal(early.progress.touched[0].blocks.get('r'), [T0])
  feed(after, batchOf([full[1], { seq: 3, control: { firstOrdinal: 5 }, trips: trips(1) }]), table)
  flushAll(after, table)
  const item = table.get(pk, 'shardId-000000000000')
  assert.ok(item?.counts instanceof Uint8Array)
  assert.is(sums(BlockCounts.unpack(item.counts, slots), 0, 0).pickups, 6)
  assert.is(after.tripsCounted, 6)
})

test('a clean block may be forgotten and is read back; a dirty one stays', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(counter, batchOf([{ seq: 1, trips: trips(2) }]), table)
  const ref = { run: 'foreign', block: T0 }
  counter.forget(ref)
  assert.is(counter.inMemory.blocks, 1)
  assert.equal(counter.cleanBlocks(), [])
  flushAll(counter, table)
  assert.equal(counter.cleanBlocks(), [ref])
  counter.forget(ref)
  assert.is(counter.inMemory.blocks, 0)
  assert.is(counter.partial(ref), undefined)
  feed(counter, batchOf([{ seq: 2, trips: trips(3) }]), table)
  flushAll(counter, table)
  const item = table.get(partialPk(GENERATION, 'foreign', T0), 'shardId-000000000000')
  assert.ok(item?.counts instanceof Uint8Array)
  assert.is(sums(BlockCounts.unpack(item.counts, slots), 0, 0).pickups, 5)
})

test('zone ids get slots as they come, and the partial names them', () => {
  const zones = new DistrictSlots([], true)
  const table = new CounterTable()
  const counter = counterFor({ slots: zones })
  const batch = batchOf([
    { seq: 1, trips: [{ from: zones.slotOf('264'), to: zones.slotOf('999x') }] },
  ])
  feed(counter, batch, table)
  flushAll(counter, table)
  const item = table.get(partialPk(GENERATION, 'foreign', T0), 'shardId-000000000000')
  assert.ok(item?.counts instanceof Uint8Array)
  const others = new DistrictSlots(['1'], true)
  const counts = BlockCounts.unpack(item.counts, others)
  assert.is(sums(counts, 0, others.slotOf('264')).pickups, 1)
  assert.is(sums(counts, 0, others.slotOf('999x')).dropoffs, 1)
})

test('an end of the shard that brought nothing is written by itself', () => {
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(counter, batchOf([{ seq: 4, trips: trips(1) }]), table)
  assert.ok(flushAll(counter, table))
  counter.end()
  assert.ok(flushAll(counter, table))
  assert.is(table.progress().ended, true)
  assert.is(table.progress().seq, seqOf(4))
  assert.not.ok(flushAll(counter, table), 'the same progress twice')
})

test('begins with what its parents knew of the lanes', () => {
  const lane = { ...newLane(0, 1), next: 5, watermark: T0 }
  const counter = counterFor({
    slots,
    progress: progressOf({ lanes: new Map([['r', new Map([[0, lane]])]]) }),
  })
  counter.absorb(batchOf([{ seq: 1, control: { firstOrdinal: 5, ended: true } }]))
  const { lanes } = counter.beginFlush().progress
  assert.is(lanes.get('r')?.get(0)?.ended, true)
  assert.is(lane.ended, false, 'the parents own their state')
})

test.run()
