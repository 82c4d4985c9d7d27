import { readdir } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { seededRandom, type Random } from '../../src/time/random.ts'
import { sortOrder } from '../../src/trips/sort-order.ts'
import { encodeTrip, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { TripSorter } from '../../src/trips/trip-sorter.ts'
import { releaseTime, type ReleaseOrder, type Trip } from '../../src/trips/trip.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import { failure, tripsOf } from './reading.ts'

const test = suite('the trip sorter')

test('orders keys of any span, equal ones as given, and knows when there is nothing to do', () => {
  const random = seededRandom(5)
  for (const span of [1, 7, 2 ** 11, 2 ** 22 + 1, 2 ** 33, 3.2e14]) {
    for (const count of [2, 3, 100, 5000]) {
      const keys = Float64Array.from({ length: count }, () =>
        Math.floor(random() * span - span / 3),
      )
      const expected = [...keys.keys()].sort((a, b) => keys[a] - keys[b] || a - b)
      assert.equal([...(sortOrder(keys) ?? keys.keys())], expected, `${span} ${count}`)
    }
  }
  for (const keys of [[], [5], [5, 5, 5], [-3, 0, 0, 9]]) {
    assert.is(sortOrder(Float64Array.from(keys)), undefined)
  }
  assert.equal([...(sortOrder(Float64Array.from([5, 4])) ?? [])], [1, 0])
})

/** Trips that say in `total` which they are; many at the same time. */
function randomTrips(random: Random, count: number): Trip[] {
  return Array.from({ length: count }, (_, total) => {
    const pickupTime = Math.floor(random() * 50) * 1000
    return {
      pickupTime,
      dropoffTime: random() < 0.3 ? NaN : pickupTime + Math.floor(random() * 50) * 1000,
      pickup: { kind: 'zone', zone: String(total) },
      dropoff: { kind: 'position', lon: random(), lat: NaN },
      passengers: 1,
      distance: 2,
      fare: 3,
      tip: 4,
      total,
    }
  })
}

async function sorterOf(
  trips: readonly Trip[],
  order: ReleaseOrder,
  memoryTrips: number,
  tempDir?: string,
): Promise<TripSorter> {
  const sorter = new TripSorter({ order, memoryBytes: memoryTrips * TRIP_RECORD_BYTES, tempDir })
  for (const trip of trips) {
    encodeTrip(trip, sorter.records.view, sorter.records.offset)
    sorter.records.keep(releaseTime(trip, order))
    await sorter.relieve()
  }
  return sorter
}

for (const order of ['pickup', 'dropoff'] as const) {
  test(`orders trips by ${order}, those of one time as given, in memory and in runs alike`, async () => {
    await withTempDir(async (tempDir) => {
      for (const [count, memoryTrips] of [
        [0, 10],
        [1, 10],
        [99, 1000],
        [99, 10],
        [100, 10],
        [5000, 4999],
        [20_000, 300],
        [20_000, 30_000],
      ]) {
        const trips = randomTrips(seededRandom(count), count)
        const expected = trips
          .map((trip, i): [Trip, number] => [trip, i])
          .sort(([a, i], [b, j]) => releaseTime(a, order) - releaseTime(b, order) || i - j)
          .map(([trip]) => trip)
        const sorted = await (await sorterOf(trips, order, memoryTrips, tempDir)).finish()
        for (let pass = 0; pass < 2; pass++) {
          const got = await tripsOf(sorted.slabs())
          assert.is(got.length, count)
          const at = got.findIndex((trip, i) => trip.total !== expected[i].total)
          assert.is(at, -1, `${count} trips, ${memoryTrips} in memory, pass ${pass}`)
          if (count < 200) assert.equal(got, expected)
        }
        await sorted.close()
      }
      assert.equal(await readdir(tempDir), [])
    })
  })
}

test('gives slabs that may be written to without harm to the next pass', async () => {
  const trips = randomTrips(seededRandom(2), 500)
  for (const memoryTrips of [50, 1000]) {
    const sorted = await (await sorterOf(trips, 'pickup', memoryTrips)).finish()
    const before = await tripsOf(sorted.slabs())
    for await (const { bytes } of sorted.slabs()) bytes.fill(0)
    assert.equal(await tripsOf(sorted.slabs()), before)
    await sorted.close()
  }
})

test('has no name left in the temporary folder while its file is in use', async () => {
  await withTempDir(async (tempDir) => {
    const sorter = await sorterOf(randomTrips(seededRandom(3), 100), 'pickup', 10, tempDir)
    assert.equal(await readdir(tempDir), [])
    await sorter.abandon()
  })
})

test('says in one line that it cannot write its temporary file', async () => {
  const trips = randomTrips(seededRandom(4), 100)
  const error = await failure(() => sorterOf(trips, 'pickup', 10, '/nowhere/at/all'))
  assert.match(error.message, /^Temporary file for sorting: got .*, expected .*TMPDIR/)
  assert.not.match(error.message, /nowhere/)
})

test.run()
