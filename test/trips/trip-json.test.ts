import * as assert from 'uvu/assert'
import type { Trip } from '../../src/trips/trip.ts'
import { decodeTripJson, encodeTripJson } from '../../src/trips/trip-json.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { TRIP, ZONE_TRIP } from './trips.ts'

const test = suite('a trip in JSON')

const bytes = (value: unknown): Uint8Array =>
  new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value))

test('is what a person would write', () => {
  assert.is(
    new TextDecoder().decode(encodeTripJson(TRIP, 17)),
    '{"v":1,"ordinal":17,"pickupTime":"2016-01-01T00:00:03","dropoffTime":"2016-01-01T00:41:07.250",' +
      '"pickup":{"lon":-73.98765432101234,"lat":40.75},"dropoff":{"lon":-73.78,"lat":40.64},' +
      '"passengers":5,"distance":17.21,"fare":52,"tip":10,"total":-66.3}',
  )
})

test('is read as it was written', () => {
  const random = seededRandom(8)
  const cents = (): number => Math.floor((random() - 0.5) * 2 ** 32)
  const trips: Trip[] = [TRIP, ZONE_TRIP]
  for (let i = 0; i < 500; i++) {
    trips.push({
      ...TRIP,
      pickupTime: Math.round((random() - 0.3) * 4e12),
      pickup: {
        kind: 'position',
        lon: (random() - 0.5) * 400,
        lat: (random() - 0.5) * 10 ** (i % 20),
      },
      ...{ distance: cents(), fare: cents(), tip: cents(), total: cents() },
    })
  }
  for (const trip of trips) assert.equal(decodeTripJson(encodeTripJson(trip, 3)), trip)
})

test('without one of its coordinates has no position', () => {
  const half: Trip = { ...TRIP, pickup: { kind: 'position', lon: NaN, lat: 40 } }
  const { pickup } = decodeTripJson(encodeTripJson(half, 0))
  assert.equal(pickup, { kind: 'position', lon: NaN, lat: NaN })
})

test('of another producer needs a version and a pickup time, no more', () => {
  assert.equal(decodeTripJson(bytes({ v: 1, pickupTime: '2016-01-01 07:30' })), {
    pickupTime: Date.UTC(2016, 0, 1, 7, 30),
    dropoffTime: NaN,
    pickup: { kind: 'position', lon: NaN, lat: NaN },
    dropoff: { kind: 'position', lon: NaN, lat: NaN },
    passengers: 0,
    distance: 0,
    fare: 0,
    tip: 0,
    total: 0,
  })
})

test('takes odd values for missing ones, never for others', () => {
  const trip = decodeTripJson(
    bytes({
      v: 1,
      pickupTime: '2016-01-01T00:00:00Z',
      dropoffTime: 'soon',
      pickup: [1, 2],
      dropoff: { lon: '-73', lat: 40 },
      passengers: 1e9,
      fare: '12',
      tip: 1e300,
      total: null,
    }),
  )
  assert.ok(Number.isNaN(trip.dropoffTime))
  assert.equal(trip.dropoff, { kind: 'position', lon: NaN, lat: 40 })
  assert.equal([trip.passengers, trip.fare, trip.tip, trip.total], [255, 0, 0, 0])
})

test('knows the calendar: a day that is none is no time', () => {
  for (const pickupTime of ['2016-02-30T00:00:00', '2015-02-29T00:00:00', '7', 'Jan 5 2016', 5]) {
    assert.throws(() => decodeTripJson(bytes({ v: 1, pickupTime })), /a pickupTime/)
  }
})

test('is refused when it is something else', () => {
  const refused = ['', '{', '[]', '"v"', 'null', '{"v":2,"pickupTime":"2016-01-01T00:00:00"}', '{}']
  for (const text of refused) {
    assert.throws(
      () => decodeTripJson(bytes(text)),
      (error: Error & { code?: string }) => error.code === 'CORRUPT',
      text,
    )
  }
})

test.run()
