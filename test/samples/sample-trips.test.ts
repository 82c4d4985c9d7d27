import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { makeCity, type SampleCity } from '../../samples/city.ts'
import { ringHas } from '../../samples/ring.ts'
import {
  DEFAULT_SAMPLE_TRIPS,
  generateTrips,
  writeSampleTrips,
  type SampleTripsOptions,
} from '../../samples/sample-trips.ts'
import type { SampleTrip } from '../../samples/sample-trip.ts'
import { HailstreamError } from '../../src/errors.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the sample trips')

const DAY = Date.UTC(2016, 0, 15)
const HOUR_MILLIS = 3_600_000

const city = makeCity()
const trips = [...generateTrips({ city })]

function written(options: Partial<SampleTripsOptions>): Promise<string> {
  return withTempDir(async (folder) => {
    const path = join(folder, 'trips.csv')
    await writeSampleTrips(path, { city, ...options })
    assert.equal(readdirSync(folder), ['trips.csv'])
    return readFileSync(path, 'utf8')
  })
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const nameAt = (() => {
  const shapes = city.features.map(({ properties, geometry }) => ({
    name: properties.name,
    borough: properties.borough,
    rings: geometry.type === 'Polygon' ? geometry.coordinates : geometry.coordinates.flat(),
  }))
  return (lon: number, lat: number): { name: string; borough: string } | undefined =>
    shapes.find(({ rings }) => rings.some((ring) => ringHas(ring, lon, lat)))
})()

const places = trips.map((trip) => ({
  hour: Math.floor((trip.pickupTime - DAY) / HOUR_MILLIS),
  from: nameAt(trip.pickupLon, trip.pickupLat),
  to: nameAt(trip.dropoffLon, trip.dropoffLat),
}))

function share(has: (trip: SampleTrip) => boolean): number {
  return trips.filter(has).length / trips.length
}

function inRange(value: number, low: number, high: number, what: string): void {
  assert.ok(value >= low && value <= high, `${what}: got ${value}, expected ${low} … ${high}`)
}

test('are the same bytes for the same options, on every machine', async () => {
  const first = await written({ trips: 1000 })
  assert.is(hashOf(await written({ trips: 1000 })), hashOf(first))
  assert.is(hashOf(first), '0b66283a81bbec3d445a9888dd87ce5bb387204b443fac77aaffa086dfde797c')
})

test('are another day for another seed or date', async () => {
  const hashes = new Set<string>()
  for (const options of [{}, { seed: 2 }, { date: '2016-01-16' }]) {
    hashes.add(hashOf(await written({ trips: 100, ...options })))
  }
  assert.is(hashes.size, 3)
})

test('begin with the same trips, however many are asked for', () => {
  assert.equal([...generateTrips({ city, trips: 50 })], trips.slice(0, 50))
})

test('stand in a file under exactly the header of the yellow files of 2016', async () => {
  const lines = (await written({ trips: 3 })).split('\n')
  assert.is(
    lines[0],
    'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount',
  )
  assert.is(lines.length, 5)
  assert.is(lines[4], '')
  const time = '2016-01-1[56] \\d\\d:\\d\\d:\\d\\d'
  const money = '\\d+(\\.\\d{1,2})?'
  const row = new RegExp(
    `^[12],${time},${time},[0-6],${money},(-?\\d+\\.\\d{1,6},){2}[1-5],[NY],` +
      `(-?\\d+\\.\\d{1,6},){2}[1-4](,${money}){7}$`,
  )
  for (const line of lines.slice(1, 4)) assert.match(line, row)
})

test('make a file of its header alone when there are none', async () => {
  assert.is((await written({ trips: 0 })).split('\n').length, 2)
})

test('fill one day by default, and are not in order of time', () => {
  assert.is(trips.length, DEFAULT_SAMPLE_TRIPS.trips)
  assert.ok(trips.every(({ pickupTime }) => pickupTime >= DAY && pickupTime < DAY + 86_400_000))
  assert.ok(trips.some((trip, i) => i > 0 && trip.pickupTime < trips[i - 1].pickupTime))
})

test('have a quiet night, a morning rush and a higher evening rush', () => {
  const hours = Array.from({ length: 24 }, (_, h) => places.filter(({ hour }) => hour === h).length)
  const [night, morning, noon, evening] = [hours[4], hours[8], hours[11], hours[18]]
  assert.ok(morning > 4 * night, `${morning} at 8, ${night} at 4`)
  assert.ok(morning > noon, `${morning} at 8, ${noon} at 11`)
  assert.ok(evening > 1.2 * morning, `${evening} at 18, ${morning} at 8`)
  assert.ok(hours[16] < hours[14] && hours[16] < hours[18], 'a dip at the change of shifts')
  assert.is(Math.min(...hours), night)
})

test('start after midnight where people go out, and in the morning where they live', () => {
  const shareOf = (name: string, from: number, to: number): number => {
    const then = places.filter(({ hour }) => hour >= from && hour < to)
    return then.filter(({ from: place }) => place?.name === name).length / then.length
  }
  for (const name of ['East Village', 'Lower East Side', 'Meatpacking District', 'Williamsburg']) {
    const [night, day] = [shareOf(name, 0, 4), shareOf(name, 9, 17)]
    assert.ok(night > 2 * day, `${name}: ${night} of the night, ${day} of the day`)
  }
  for (const name of ['Upper West Side', 'Yorkville', 'Stuyvesant Town']) {
    const [morning, afternoon] = [shareOf(name, 6, 9), shareOf(name, 14, 18)]
    assert.ok(morning > 1.2 * afternoon, `${name}: ${morning} early, ${afternoon} late`)
  }
})

test('are mostly in Manhattan, serve both airports, and reach every borough', () => {
  const pickups = (name: string): number =>
    places.filter(({ from }) => from?.name === name || from?.borough === name).length / trips.length
  inRange(pickups('Manhattan'), 0.75, 0.9, 'Manhattan')
  inRange(pickups('JFK Airport'), 0.015, 0.04, 'JFK')
  inRange(pickups('LaGuardia Airport'), 0.015, 0.04, 'LaGuardia')
  for (const borough of ['Brooklyn', 'Queens', 'Bronx', 'Staten Island']) {
    assert.ok(pickups(borough) > 0, borough)
  }
})

test('are short rides with a few long ones', () => {
  const distances = trips.map(({ distance }) => distance / 100).sort((a, b) => a - b)
  inRange(distances[trips.length / 2], 1.4, 2.4, 'median miles')
  inRange(distances[trips.length * 0.95], 8, 14, 'miles of the longest 5 %')
})

test('have about 1 % of pickups in no district, with each kind of fault of real files', () => {
  const inside = places.filter(({ from }) => from !== undefined).length / trips.length
  inRange(inside, 0.98, 0.995, 'pickups in a district')
  inRange(
    share(({ pickupLon }) => pickupLon === 0),
    0.007,
    0.013,
    'zero pickups',
  )
  inRange(
    share(({ pickupLon }) => pickupLon > 40),
    0.0001,
    0.002,
    'swapped',
  )
  inRange(
    share(({ dropoffLon, dropoffLat }) => dropoffLon < -75 || dropoffLat > 90),
    0.0001,
    0.002,
    'off the map',
  )
  inRange(
    share(({ pickupTime, dropoffTime }) => dropoffTime < pickupTime),
    0.0002,
    0.003,
    'backwards',
  )
})

test('cost what the meter says: whole cents that add up, $52 between JFK and Manhattan', () => {
  let flat = 0
  trips.forEach((trip, i) => {
    const { fare, extra, mtaTax, tip, tolls, improvementSurcharge, total } = trip
    assert.ok([fare, extra, mtaTax, tip, tolls, total].every(Number.isSafeInteger))
    assert.is(total, fare + extra + mtaTax + tip + tolls + improvementSurcharge)
    assert.ok(fare >= 250)
    assert.ok(trip.paymentType === 1 || tip === 0, 'only card tips are on file')
    const names = [places[i].from?.name, places[i].to?.name]
    const boroughs = [places[i].from?.borough, places[i].to?.borough]
    if (names.includes('JFK Airport') && boroughs.includes('Manhattan')) {
      assert.is(fare, 5200)
      flat++
    }
  })
  assert.ok(flat > 100, `${flat} flat fares`)
  const rush = trips.filter((trip, i) => places[i].hour === 17 && trip.rateCode === 1)
  assert.ok(rush.length > 0 && rush.every(({ extra }) => extra === 100))
})

test('can be of any city of districts', () => {
  const ring = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
    [0, 0],
  ] as const
  const village: SampleCity = {
    type: 'FeatureCollection',
    name: 'a village',
    note: '',
    features: [
      {
        type: 'Feature',
        properties: { id: 'A', name: 'A', borough: '' },
        geometry: { type: 'Polygon', coordinates: [[...ring]] },
      },
    ],
  }
  const found = [...generateTrips({ city: village, trips: 100 })]
  assert.is(found.length, 100)
  assert.ok(found.filter(({ pickupLon }) => pickupLon > 0 && pickupLon < 1).length > 90)
})

test('refuse a number or a date that is none, before a file is made', async () => {
  for (const options of [{ trips: -1 }, { trips: 1.5 }, { date: 'yesterday' }]) {
    await withTempDir(async (folder) => {
      await writeSampleTrips(join(folder, 'trips.csv'), { city, ...options }).then(
        () => assert.unreachable(),
        (error: unknown) => {
          assert.ok(error instanceof HailstreamError && error.code === 'USAGE')
        },
      )
      assert.equal(readdirSync(folder), [])
    })
  }
})

test('say which file cannot be written, without its folder, and leave nothing behind', async () => {
  await withTempDir(async (folder) => {
    writeFileSync(join(folder, 'file'), '')
    await writeSampleTrips(join(folder, 'file', 'trips.csv'), { city, trips: 1 }).then(
      () => assert.unreachable(),
      (error: unknown) => {
        assert.ok(error instanceof HailstreamError)
        assert.match(error.message, /^trips\.csv: got ENOTDIR, expected a file that can be written/)
      },
    )
    assert.equal(readdirSync(folder), ['file'])
  })
})

test.run()
