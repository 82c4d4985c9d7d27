import { readFileSync, statSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { cityText, makeCity, SAMPLE_CITY_NOTE, type SampleDistrict } from '../../samples/city.ts'
import { NEIGHBOURHOODS } from '../../samples/neighbourhoods.ts'
import { ringHas, signedArea, type Position } from '../../samples/ring.ts'
import { readDistricts } from '../../src/geo/district-file.ts'
import { seededRandom } from '../../src/time/random.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, readSharedCsv } from '../geo/shared-data.ts'
import { suite } from '../support/suite.ts'

const test = suite('the sample city')
const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

const city = makeCity()
const text = readFileSync(sampleCityPath(), 'utf8')

function ringsOf({ geometry }: SampleDistrict): Position[][] {
  return geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat()
}

const shapes = city.features.map((feature) => ({
  id: feature.properties.id,
  borough: feature.properties.borough,
  rings: ringsOf(feature),
  west: Math.min(...ringsOf(feature).flatMap((ring) => ring.map(([lon]) => lon))),
  east: Math.max(...ringsOf(feature).flatMap((ring) => ring.map(([lon]) => lon))),
}))

function districtsAt(lon: number, lat: number): string[] {
  const found: string[] = []
  for (const { id, rings, west, east } of shapes) {
    if (lon < west || lon > east) continue
    if (rings.some((ring) => ringHas(ring, lon, lat))) found.push(id)
  }
  return found
}

const boroughOf = new Map(shapes.map(({ id, borough }) => [id, borough]))

const key = (from: Position, to: Position): string => `${from.join()} ${to.join()}`

test('is, in the file, what the generator draws', () => {
  assert.ok(text === cityText(city), 'run `npm run build && node dist/samples/make-city.js`')
  assert.ok(statSync(sampleCityPath()).size < 400_000)
})

test('says in the file that it is approximate, who drew it, and where the official files are', () => {
  const file = JSON.parse(text) as { note: string; name: string }
  assert.is(file.note, SAMPLE_CITY_NOTE)
  for (const part of ['pproximate', 'hailstream', 'not official', 'data.cityofnewyork.us']) {
    assert.match(file.note, part)
  }
  assert.match(file.name, 'approximate')
})

test('has one district for each neighbourhood of the five boroughs, with ids of their own', () => {
  assert.is(city.features.length, NEIGHBOURHOODS.length)
  assert.is(new Set(shapes.map(({ id }) => id)).size, shapes.length)
  assert.is(new Set(shapes.map(({ borough }) => borough)).size, 5)
  for (const { properties } of city.features) assert.match(properties.id, /^(MN|BK|QN|BX|SI)-\w+$/)
})

test('is read by the reader of district files without a complaint', async () => {
  const set = await readDistricts(sampleCityPath())
  assert.is(set.idProperty, 'id')
  assert.equal(set.warnings, [])
  assert.is(set.names[set.ids.indexOf('MN-14')], 'East Village')
  assert.is(set.ids[set.index.locate(-73.9857, 40.7577)], 'MN-29')
})

test('has closed counter-clockwise rings of positions with at most 6 decimals', () => {
  for (const { id, rings } of shapes) {
    assert.ok(rings.length > 0, id)
    for (const ring of rings) {
      assert.ok(ring.length >= 4, id)
      assert.equal(ring[0], ring[ring.length - 1])
      assert.ok(signedArea(ring.slice(1)) > 1e-7, id)
      for (const degrees of ring.flat()) assert.is(degrees, Number(degrees.toFixed(6)))
    }
  }
})

test('borders neighbours with the identical edge, and else only water', () => {
  const edges = new Map<string, [Position, Position]>()
  for (const { id, rings } of shapes) {
    for (const ring of rings) {
      for (let i = 1; i < ring.length; i++) {
        assert.not(edges.has(key(ring[i - 1], ring[i])), `an edge of ${id} is another's too`)
        edges.set(key(ring[i - 1], ring[i]), [ring[i - 1], ring[i]])
      }
    }
  }
  let shared = 0
  for (const [from, to] of edges.values()) {
    if (edges.has(key(to, from))) {
      shared++
      continue
    }
    // A metre to the right of the middle of a counter-clockwise edge is outside.
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]]
    const metre = 1e-5 / Math.hypot(dx, dy)
    const lon = (from[0] + to[0]) / 2 + dy * metre
    const lat = (from[1] + to[1]) / 2 - dx * metre
    assert.equal(districtsAt(lon, lat), [], `beside ${key(from, to)}`)
  }
  assert.ok(shared > 800, `${shared} shared edges`)
})

test('has no place in two districts, and water in none', () => {
  const random = seededRandom(7)
  let inside = 0
  for (let i = 0; i < 20_000; i++) {
    const lon = -74.26 + random() * 0.57
    const lat = 40.49 + random() * 0.43
    const found = districtsAt(lon, lat)
    assert.ok(found.length <= 1, `${lon} ${lat}: ${found.join()}`)
    inside += found.length
  }
  assert.ok(inside > 5_000 && inside < 10_000, `${inside} of 20000 on land`)
  for (const [lon, lat] of [
    [-74.03, 40.74], // the Hudson
    [-74.04, 40.66], // the Upper Bay
    [-73.965, 40.735], // the East River
    [-73.79, 40.83], // the Sound
    [-73.85, 40.61], // Jamaica Bay
    [-73.95, 40.5], // the ocean
  ]) {
    assert.equal(districtsAt(lon, lat), [], `${lon} ${lat}`)
  }
})

test('joins the cells of a neighbourhood with several centres into one shape', () => {
  for (const { id, centres } of NEIGHBOURHOODS) {
    if (centres.length === 1) continue
    assert.is(shapes.find((shape) => shape.id === id)?.rings.length, 1, id)
  }
})

test('holds every centre in its own district', () => {
  for (const { id, centres } of NEIGHBOURHOODS) {
    for (const [lon, lat] of centres) assert.equal(districtsAt(lon, lat), [id])
  }
})

withData('agrees with the official boroughs about nearly all real trips', () => {
  const trips = readSharedCsv('trips/trips_2016-01_20k_sorted.csv.gz')
  const truth = readSharedCsv('truth/trips_2016-01_20k_sorted-rows.csv.gz')
  assert.is(trips.length, truth.length)
  let known = 0
  let agreed = 0
  trips.forEach((trip, row) => {
    const official = truth[row].pickup_borough
    if (official === 'NONE') return
    known++
    const [id] = districtsAt(Number(trip.pickup_longitude), Number(trip.pickup_latitude))
    if (boroughOf.get(id) === official) agreed++
  })
  assert.ok(known > 19_000, `${known} known`)
  assert.ok(agreed / known > 0.985, `${agreed} of ${known}`)
})

test.run()
