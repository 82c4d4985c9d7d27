import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { partialPk } from '../../src/counts/keys.ts'
import { MEASURES, REASONS } from '../../src/counts/measures.ts'
import { sumPanes, sumUnclassified } from '../../src/merge/columns.ts'
import { classify } from '../../src/pipeline/classify.ts'
import type { Locator } from '../../src/pipeline/classify.ts'
import { Decoder } from '../../src/pipeline/decode.ts'
import { MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Place, Trip } from '../../src/trips/trip.ts'
import { encodeTrip, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { differences, endsOf } from '../../src/verify/compare.ts'
import type { Difference } from '../../src/verify/compare.ts'
import type { PaneCounts } from '../../src/verify/recount.ts'
import { recount } from '../../src/verify/recount.ts'
import { counterFor, MINUTE, T0 } from '../counts/batches.ts'
import { CounterTable, feed, flushAll, GENERATION } from '../counts/counter-harness.ts'
import { suite } from '../support/suite.ts'

const test = suite('verify')

const IDS = ['a', 'b', 'c']

/** Three districts side by side, each a degree wide, from 1° E on. */
const stripes: Locator = {
  locate: (lon, lat) => (lon >= 1 && lon < 4 && lat > 0 && lat < 50 ? Math.floor(lon) - 1 : -1),
  locateMany: (lons, lats) => Int32Array.from(lons, (lon, i) => stripes.locate(lon, lats[i])),
}

function someTrips(seed: number, count: number): Trip[] {
  const random = seededRandom(seed)
  const below = (n: number): number => Math.floor(random() * n)
  const place = (): Place => {
    const chance = random()
    if (chance < 0.1) return { kind: 'zone', zone: chance < 0.03 ? '' : String(below(5)) }
    const lon = chance < 0.2 ? NaN : chance < 0.3 ? 0 : chance < 0.4 ? 200 : random() * 6
    return { kind: 'position', lon, lat: chance > 0.9 ? -5 : random() * 3 + 0.1 }
  }
  return Array.from({ length: count }, () => ({
    pickupTime: T0 + below(60) * MINUTE,
    dropoffTime: random() < 0.1 ? NaN : T0 + below(100) * MINUTE,
    pickup: place(),
    dropoff: place(),
    passengers: below(7),
    distance: below(1_000),
    fare: below(4_000) - 100,
    tip: below(900),
    total: below(5_000) - 100,
  }))
}

function slab(trips: readonly Trip[]): { bytes: Uint8Array; count: number } {
  const bytes = new Uint8Array(trips.length * TRIP_RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  trips.forEach((trip, i) => encodeTrip(trip, view, i * TRIP_RECORD_BYTES))
  return { bytes, count: trips.length }
}

async function truthOf(trips: readonly Trip[], slots: DistrictSlots): Promise<PaneCounts> {
  async function* slabs(): AsyncIterable<{ bytes: Uint8Array; count: number }> {
    await Promise.resolve()
    yield slab(trips.slice(0, 7))
    yield slab(trips.slice(7))
  }
  return recount(slabs(), slots, stripes, 5 * MINUTE)
}

/** The same trips through the decoder, the classifier and the counter of a shard. */
function countedBy(trips: readonly Trip[], slots: DistrictSlots): PaneCounts {
  const counter = counterFor({ slots })
  const table = new CounterTable()
  const decoder = new Decoder(slots, { start: 0n, end: MAX_HASH_KEY })
  const records = trips.map((trip, i) => ({
    sequenceNumber: String(i + 1),
    partitionKey: 'k',
    data: slab([trip]).bytes,
    arrivalTime: 0,
  }))
  feed(counter, classify(decoder.decode(records), stripes), table)
  flushAll(counter, table)
  const panes: PaneCounts = new Map()
  for (let block = T0; block < T0 + 120 * MINUTE; block += 15 * MINUTE) {
    const item = table.get(partialPk(GENERATION, 'foreign', block), 'shardId-000000000000')
    if (!(item?.counts instanceof Uint8Array)) continue
    const counts = BlockCounts.unpack(item.counts, slots)
    for (let pane = 0; pane < 3; pane++) {
      const sums = sumPanes(counts, slots, pane, pane + 1)
      const unclassified = sumUnclassified(counts, pane, pane + 1)
      if (sums.size === 0 && unclassified.every((count) => count === 0)) continue
      panes.set(block + pane * 5 * MINUTE, { sums, unclassified })
    }
  }
  return panes
}

const list = (truth: PaneCounts, table: PaneCounts): Difference[] => [...differences(truth, table)]

for (const zones of [false, true]) {
  test(`the recount agrees with the pipeline in every measure, ${zones ? 'with' : 'without'} zones`, async () => {
    for (let seed = 0; seed < 10; seed++) {
      const trips = someTrips(seed, 300)
      const truth = await truthOf(trips, new DistrictSlots(IDS, zones))
      const counted = countedBy(trips, new DistrictSlots(IDS, zones))
      assert.equal(list(truth, counted), [])
      assert.ok(truth.size >= 15)
    }
  })
}

test('every trip has two ends, each in a district or with a reason', async () => {
  const trips = someTrips(3, 500)
  const { pickup, dropoff } = endsOf(await truthOf(trips, new DistrictSlots(IDS, false)))
  for (const { districts, unclassified } of [pickup, dropoff]) {
    const reasons = [...unclassified.values()].reduce((sum, count) => sum + count, 0)
    assert.is(districts + reasons, 500)
    assert.ok(
      [...unclassified.keys()].every((reason) => (REASONS as readonly string[]).includes(reason)),
    )
  }
  const withoutTime = trips.filter(({ dropoffTime }) => Number.isNaN(dropoffTime)).length
  assert.is(dropoff.unclassified.get('missing-time'), withoutTime)
  assert.is(pickup.unclassified.get('missing-time'), undefined)
})

function paneOf(id: string, measure: number, value: number, reason = -1): PaneCounts {
  const row = new Float64Array(MEASURES)
  row[measure] = value
  const unclassified = new Float64Array(16)
  if (reason >= 0) unclassified[reason] = value
  return new Map([[T0, { sums: new Map([[id, row]]), unclassified }]])
}

test('a difference says where, in what, and how much', () => {
  assert.equal(list(paneOf('a', 0, 3), paneOf('a', 0, 2)), [
    { pane: '2016-01-01T00:00:00', id: 'a', measure: 'pickups', truth: 3, table: 2 },
  ])
  assert.equal(list(paneOf('a', 0, 0, 8 + 5), new Map()), [])
  assert.equal(list(paneOf('a', 0, 4, 8 + 5), paneOf('a', 0, 4)), [
    { pane: '2016-01-01T00:00:00', id: 'NONE', measure: 'dropoff outside', truth: 4, table: 0 },
  ])
  assert.equal(
    list(paneOf('a', 7, 1), new Map()).map(({ measure }) => measure),
    ['trips with tip<10% fare<70%'],
  )
})

test('what only one of the two has is a difference as well', () => {
  assert.is(list(paneOf('a', 1, 1), new Map()).length, 1)
  assert.is(list(new Map(), paneOf('a', 1, 1)).length, 1)
  assert.equal(
    list(paneOf('a', 1, 1), paneOf('b', 1, 1)).map(({ id, truth, table }) => [id, truth, table]),
    [
      ['a', 1, 0],
      ['b', 0, 1],
    ],
  )
  assert.equal(list(new Map(), new Map()), [])
})

test('a zero is nothing: a row of zeros equals no row', () => {
  assert.equal(list(paneOf('a', 0, 0), new Map()), [])
})

test('differences come pane by pane, district by district', () => {
  const truth: PaneCounts = new Map([
    ...[...paneOf('b', 0, 1)].map(([start, pane]) => [start + 5 * MINUTE, pane] as const),
    ...paneOf('c', 0, 1),
  ])
  const found = list(truth, paneOf('a', 0, 1)).map(({ pane, id }) => `${pane} ${id}`)
  assert.equal(found, ['2016-01-01T00:00:00 a', '2016-01-01T00:00:00 c', '2016-01-01T00:05:00 b'])
})

test.run()
