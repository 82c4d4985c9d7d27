import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { REASONS } from '../../src/counts/measures.ts'
import { RouteCounts } from '../../src/counts/route-counts.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { batchOf, counterFor, MINUTE, T0 } from './batches.ts'

const test = suite('the routes of a block')

type Route = readonly [pane: number, origin: string, destination: string, trips: number]

const ids = Array.from({ length: 30 }, (_, i) => `z${i}`)

function routes(seed: number, count: number): Route[] {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random() ** 2 * n)
  return Array.from({ length: count }, () => [
    below(12),
    ids[below(30)],
    ids[below(30)],
    random() < 0.8 ? 1 : 1 + below(100_000),
  ])
}

function countsOf(list: readonly Route[], slots: DistrictSlots): BlockCounts {
  const counts = new BlockCounts(12, slots.size)
  for (const [pane, origin, destination, trips] of list) {
    counts.routes.add(pane, slots.slotOf(origin), slots.slotOf(destination), trips)
  }
  return counts
}

/** As a reader would add them up, without any table. */
function plain(list: readonly Route[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [pane, origin, destination, trips] of list) {
    const name = `${pane} ${origin} ${destination}`
    sums.set(name, (sums.get(name) ?? 0) + trips)
  }
  return Object.fromEntries(sums)
}

function found(counts: RouteCounts, slots: DistrictSlots): Record<string, number> {
  const sums: Record<string, number> = {}
  counts.each((pane, origin, destination, trips) => {
    const name = `${pane} ${slots.ids[origin]} ${slots.ids[destination]}`
    assert.not.ok(name in sums, `${name} is there twice`)
    sums[name] = trips
  })
  return sums
}

/** By `pane origin destination`, in slots. */
function tripsIn(counts: RouteCounts): Map<string, number> {
  const trips = new Map<string, number>()
  counts.each((pane, origin, destination, count) => {
    const name = `${pane} ${origin} ${destination}`
    assert.not.ok(trips.has(name), `${name} is there twice`)
    trips.set(name, count)
  })
  return trips
}

test('are the sums of what was added, however many there are', () => {
  for (const count of [0, 1, 50, 5_000]) {
    const slots = new DistrictSlots(ids, false)
    const list = routes(count, count)
    const counts = countsOf(list, slots)
    assert.equal(found(counts.routes, slots), plain(list))
    assert.is(counts.routes.size, Object.keys(plain(list)).length)
  }
})

test('come back from their packed form, into any order of slots', () => {
  for (const count of [0, 1, 40, 3_000]) {
    const list = routes(count + 1, count)
    const slots = new DistrictSlots([], true)
    const packed = countsOf(list, slots).pack(slots)
    const others = new DistrictSlots(['other', ...[...ids].reverse()], true)
    const unpacked = BlockCounts.unpack(packed, others)
    assert.equal(found(unpacked.routes, others), plain(list))
    assert.equal([...unpacked.pack(others)], [...packed])
  }
})

test('pack to the same bytes in whatever order they were added', () => {
  const list = routes(7, 500)
  const slots = new DistrictSlots([], true)
  const others = new DistrictSlots(['never used', ...ids], true)
  const backwards = countsOf([...list].reverse(), others)
  assert.equal([...backwards.pack(others)], [...countsOf(list, slots).pack(slots)])
})

test('keep trips between districts that counted nothing else in the block', () => {
  const slots = new DistrictSlots(ids, false)
  const counts = countsOf([[3, 'z8', 'z29', 2]], slots)
  assert.is(counts.rows, 0)
  const others = new DistrictSlots(ids, false)
  const unpacked = BlockCounts.unpack(counts.pack(slots), others)
  assert.equal(found(unpacked.routes, others), { '3 z8 z29': 2 })
})

test('add up over shards, and into an hour at an offset', () => {
  const slots = new DistrictSlots(ids, false)
  const early = routes(2, 200).filter(([pane]) => pane < 6)
  const late = routes(3, 200).filter(([pane]) => pane < 6)
  const hour = new BlockCounts(12, slots.size)
  hour.add(countsOf(early, slots))
  hour.add(countsOf(late, slots))
  hour.add(countsOf(late, slots), 6)
  const moved = late.map(([pane, ...rest]): Route => [pane + 6, ...rest])
  assert.equal(found(hour.routes, slots), plain([...early, ...late, ...moved]))
})

test('tell slots apart that are as far from each other as there may be', () => {
  const counts = new RouteCounts(60, 30)
  const most = 2 ** 22 - 1
  const pairs = [0, 1, 8_192, most].flatMap((a) => [0, 1, 8_192, most].map((b) => [a, b] as const))
  for (const pane of [0, 59]) for (const [a, b] of pairs) counts.add(pane, a, b, a + b + pane + 1)
  assert.is(counts.size, 32)
  const trips = tripsIn(counts)
  for (const pane of [0, 59]) {
    for (const [a, b] of pairs) assert.is(trips.get(`${pane} ${a} ${b}`), a + b + pane + 1)
  }
})

test('stay right when districts are met that nobody knew of', () => {
  const counts = new RouteCounts(2, 10)
  const all = (slots: number): readonly (readonly [number, number, number])[] =>
    Array.from({ length: 2 * slots * slots }, (_, i) => [
      Math.floor(i / slots / slots),
      Math.floor(i / slots) % slots,
      i % slots,
    ])
  for (const slots of [10, 11, 12, 40]) for (const route of all(slots)) counts.add(...route, 1)
  assert.is(counts.size, 2 * 40 * 40)
  const trips = tripsIn(counts)
  for (const [pane, origin, destination] of all(40)) {
    const times = [10, 11, 12, 40].filter((slots) => Math.max(origin, destination) < slots).length
    assert.is(trips.get(`${pane} ${origin} ${destination}`), times)
  }
})

test('are the same whenever they are read', () => {
  const random = seededRandom(3)
  for (const districts of [6, 300, 5_000]) {
    const counts = new RouteCounts(4, 10)
    const expected = new Map<string, number>()
    for (let i = 0; i < 20_000; i++) {
      const [pane, origin, destination] = [4, districts, districts].map((below) =>
        Math.floor(random() ** 3 * below),
      )
      const name = `${pane} ${origin} ${destination}`
      expected.set(name, (expected.get(name) ?? 0) + 1)
      counts.add(pane, origin, destination, 1)
      if (i % 4_001 === 0) assert.is(counts.size, expected.size)
    }
    assert.equal([...tripsIn(counts)].sort(), [...expected].sort())
  }
})

test('of many districts take room for those that meet, of a few for all', () => {
  const bytesOf = (slots: number, routes: number): number => {
    const counts = new RouteCounts(12, slots)
    for (let i = 0; i < routes; i++) counts.add(i % 12, i % slots, (i * 7) % slots, 1)
    return counts.bytes
  }
  const forAll = 12 * 10 * 10 * 4
  assert.ok(bytesOf(10, 1_000) >= forAll && bytesOf(10, 1_000) < forAll + 500)
  assert.ok(bytesOf(2_000, 1_000) < 50_000)
})

test('are counted in the pane of the dropoff, where both ends are in a district', () => {
  const slots = new DistrictSlots(['a', 'b', 'c'], false)
  const counter = counterFor({ slots })
  const outside = -1 - REASONS.indexOf('outside')
  const batch = batchOf([
    {
      seq: 1,
      control: {},
      trips: [
        { at: 1 * MINUTE, off: 12 * MINUTE, from: 2, to: 0 },
        { at: 9 * MINUTE, off: 12 * MINUTE, from: 2, to: 0 },
        { at: 9 * MINUTE, off: 11 * MINUTE, from: 1, to: 1 },
        { at: 14 * MINUTE, off: 16 * MINUTE, from: 0, to: 1 },
        { at: 1 * MINUTE, off: 2 * MINUTE, from: outside, to: 0 },
        { at: 1 * MINUTE, off: 2 * MINUTE, from: 0, to: outside },
        { at: 1 * MINUTE, off: null, from: 0, to: -1 },
      ],
    },
  ])
  for (const ref of counter.missingBlocks(batch)) counter.install(ref)
  counter.absorb(batch)
  const routesAt = (minute: number): Record<string, number> => {
    const partial = counter.partial({ run: 'r', block: T0 + minute * MINUTE })
    assert.ok(partial)
    return found(BlockCounts.unpack(partial.counts, slots).routes, slots)
  }
  assert.equal(routesAt(0), { '2 c a': 2, '2 b b': 1 })
  assert.equal(routesAt(15), { '0 a b': 1 })
})

test('take at most three bytes a pair that 16,000 trips went between', () => {
  const slots = new DistrictSlots(ids, false)
  const counts = new BlockCounts(1, slots.size)
  const empty = counts.pack(slots).length
  for (let a = 0; a < 30; a++) for (let b = 0; b < 30; b++) counts.routes.add(0, a, b, 16_000)
  const names = ids.reduce((sum, id) => sum + id.length + 1, 0)
  assert.ok(counts.pack(slots).length - empty - names <= 900 * 3 + 4)
})

test.run()
