import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { readDistricts } from '../../src/geo/district-file.ts'
import { addRoute, topRoutes } from '../../src/merge/routes-item.ts'
import type { Route, RouteSums } from '../../src/merge/routes-item.ts'
import { openTrips } from '../../src/trips/trip-source.ts'
import { routeDifferences } from '../../src/verify/compare.ts'
import { recount } from '../../src/verify/recount.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, readSharedCsv, sharedPath } from '../geo/shared-data.ts'
import { suite } from '../support/suite.ts'

const test = suite('verify, of routes', { timeoutMillis: 60_000 })
const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

const FROM = Date.UTC(2016, 0, 15, 18, 30)

function sumsOf(routes: readonly Route[]): RouteSums {
  const sums: RouteSums = new Map()
  for (const { origin, destination, trips } of routes) addRoute(sums, origin, destination, trips)
  return sums
}

const many: Route[] = Array.from({ length: 12 }, (_, i) => ({
  origin: String(i),
  destination: '1',
  trips: 20 - i,
}))

test('finds nothing where the table tells the most frequent of the truth', () => {
  assert.equal([...routeDifferences(FROM, sumsOf(many), many.slice(0, 10))], [])
  assert.equal([...routeDifferences(FROM, new Map(), [])], [])
})

test('names a route with a wrong number, one that is missing, and one that is too much', () => {
  const told = [
    ...many.slice(0, 8),
    { ...many[8], trips: 13 },
    { origin: 'x', destination: '1', trips: 3 },
  ]
  const found = [...routeDifferences(FROM, sumsOf(many), told)]
  assert.equal(
    found.map(({ pane, id, truth, table }) => [pane, id, truth, table]),
    [
      ['2016-01-15T18:30:00', '8 to 1', 12, 13],
      ['2016-01-15T18:30:00', 'x to 1', 0, 3],
      ['2016-01-15T18:30:00', '9 to 1', 11, 0],
    ],
  )
})

withData('counts those that an independent program found, row by row', async () => {
  const trips = 'trips_2016-01_20k_sorted'
  const districts = await readDistricts(sharedPath('districts/community_districts.geojson'))
  const source = await openTrips({
    files: [join(sharedPath('trips'), `${trips}.csv.gz`)],
    order: 'pickup',
    stdin: process.stdin,
  })
  try {
    const slots = new DistrictSlots(districts.ids, false)
    const window = { from: FROM, to: FROM + 24 * 3_600_000, sums: new Map() }
    await recount(source.slabs(), slots, districts.index, 300_000, window)
    const rows = readSharedCsv(`trips/${trips}.csv.gz`)
    const answers = readSharedCsv(`truth/${trips}-rows.csv.gz`)
    const expected: RouteSums = new Map()
    rows.forEach(({ dropoff_datetime: dropoff }, i) => {
      const { pickup_cd: origin, dropoff_cd: destination } = answers[i]
      const inWindow = dropoff >= '2016-01-15 18:30:00' && dropoff < '2016-01-16 18:30:00'
      if (inWindow && origin !== '' && destination !== '')
        addRoute(expected, origin, destination, 1)
    })
    assert.equal(window.sums, expected)
    assert.ok(expected.size > 20)
    assert.ok(topRoutes(expected)[0].trips > 1)
  } finally {
    await source.close()
  }
})

test.run()
