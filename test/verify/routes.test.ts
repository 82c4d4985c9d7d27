import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { compareRoutes } from '../../consumers/verify-routes.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { readDistricts } from '../../src/geo/district-file.ts'
import { addRoute, topRoutes } from '../../src/merge/routes-item.ts'
import type { Route, RouteSums } from '../../src/merge/routes-item.ts'
import { openTrips } from '../../src/trips/trip-source.ts'
import { paneRouteDifferences, routeDifferences } from '../../src/verify/compare.ts'
import type { PaneRoutes } from '../../src/verify/recount.ts'
import { recount, routesBetween } from '../../src/verify/recount.ts'
import type { TripSpec } from '../counts/batches.ts'
import { controlOf, MINUTE, T0 } from '../counts/batches.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, readSharedCsv, sharedPath } from '../geo/shared-data.ts'
import { generation, MergeStage } from '../merge/merging.ts'
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

test('names every pane and route that the shards counted otherwise', () => {
  const truth: PaneRoutes = new Map([
    [FROM, sumsOf(many.slice(0, 2))],
    [FROM + 300_000, sumsOf(many.slice(0, 1))],
  ])
  assert.equal([...paneRouteDifferences(truth, new Map(truth))], [])
  const counted: PaneRoutes = new Map([
    [FROM, sumsOf([many[0], { ...many[1], trips: 18 }, many[2]])],
    [FROM - 300_000, sumsOf(many.slice(3, 4))],
  ])
  assert.equal(
    [...paneRouteDifferences(truth, counted)].map((found) => Object.values(found).join(' ')),
    [
      '2016-01-15T18:25:00 3 to 1 route 0 17',
      '2016-01-15T18:30:00 1 to 1 route 19 18',
      '2016-01-15T18:30:00 2 to 1 route 0 18',
      '2016-01-15T18:35:00 0 to 1 route 20 0',
    ],
  )
})

test('reads those of every pane from the partials of all shards', async () => {
  const stage = new MergeStage()
  const trip = (at: number, off: number, from: number, to: number): TripSpec => ({
    at: at * MINUTE,
    off: off * MINUTE,
    from,
    to,
  })
  const feeds = [
    [trip(0, 3, 0, 1), trip(1, 41, 1, 2)],
    [trip(2, 4, 0, 1), trip(3, 12, -1, 2)],
  ]
  for (const [lane, trips] of feeds.entries()) {
    const control = controlOf({ lane, lanes: 2 }, trips.length)
    await stage.count([{ seq: 1, control, trips }], { shardId: `shard-${lane}` })
  }
  const view = { generation, runId: 'r', run: undefined }
  const truth: PaneRoutes = new Map([
    [T0, sumsOf([{ origin: '101', destination: '20', trips: 2 }])],
    [T0 + 40 * MINUTE, sumsOf([{ origin: '20', destination: '3', trips: 1 }])],
  ])
  const compared = await compareRoutes(stage.table, view, truth, [T0])
  assert.equal(compared, { truth, table: truth, leftOut: 0 })
  const nothing = await compareRoutes(stage.table, view, new Map(), [T0])
  assert.equal(nothing.table, truth, 'a block that the counts name is looked at too')
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
    const panes: PaneRoutes = new Map()
    await recount(source.slabs(), slots, districts.index, 300_000, panes)
    const window = routesBetween(panes, FROM, FROM + 24 * 3_600_000)
    const rows = readSharedCsv(`trips/${trips}.csv.gz`)
    const answers = readSharedCsv(`truth/${trips}-rows.csv.gz`)
    const expected: RouteSums = new Map()
    rows.forEach(({ dropoff_datetime: dropoff }, i) => {
      const { pickup_cd: origin, dropoff_cd: destination } = answers[i]
      const inWindow = dropoff >= '2016-01-15 18:30:00' && dropoff < '2016-01-16 18:30:00'
      if (inWindow && origin !== '' && destination !== '')
        addRoute(expected, origin, destination, 1)
    })
    assert.equal(window, expected)
    assert.ok(expected.size > 20)
    assert.ok(topRoutes(expected)[0].trips > 1)
  } finally {
    await source.close()
  }
})

test.run()
