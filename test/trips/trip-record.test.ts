import * as assert from 'uvu/assert'
import type { Place, Trip } from '../../src/trips/trip.ts'
import {
  decodeTrip,
  encodeTrip,
  FIELD,
  TRIP_RECORD_BYTES,
  zoneAt,
} from '../../src/trips/trip-record.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { TRIP, ZONE_TRIP } from './trips.ts'

const test = suite('the trip record')

function encoded(trip: Trip, offset = 0): DataView {
  // Dirty on purpose: every byte of the record has to be written.
  const view = new DataView(new Uint8Array(offset + TRIP_RECORD_BYTES + 8).fill(0xee).buffer)
  encodeTrip(trip, view, offset)
  return view
}

test('is 80 bytes, each at the place that the wire format gives', () => {
  const view = encoded(TRIP)
  const bytes = new Uint8Array(view.buffer)
  assert.is(TRIP_RECORD_BYTES, 80)
  assert.equal([...bytes.subarray(0, 8)], [1, 0, 5, 0, 0, 0, 0, 0])
  assert.is(view.getFloat64(8, true), TRIP.pickupTime)
  assert.is(view.getFloat64(16, true), TRIP.dropoffTime)
  assert.is(view.getFloat64(24, true), -73.98765432101234)
  assert.is(view.getFloat64(32, true), 40.75)
  assert.is(view.getFloat64(40, true), -73.78)
  assert.is(view.getFloat64(48, true), 40.64)
  assert.is(view.getInt32(56, true), 1_721)
  assert.is(view.getInt32(60, true), 5_200)
  assert.is(view.getInt32(64, true), 1_000)
  assert.is(view.getInt32(68, true), -6_630)
  assert.equal(
    [...bytes.subarray(72)],
    [...Array<number>(8).fill(0), ...Array<number>(8).fill(0xee)],
  )
})

test('carries zone ids where positions would be', () => {
  const view = encoded(ZONE_TRIP)
  const bytes = new Uint8Array(view.buffer)
  assert.is(view.getUint8(FIELD.flags), 3)
  assert.equal([...bytes.subarray(24, 29)], [3, 0x32, 0x36, 0x34, 0])
  assert.is(zoneAt(view, FIELD.pickup), '264')
  assert.is(zoneAt(view, FIELD.dropoff), 'Zürich-Nord 1')
})

test('is read as it was written, at any offset', () => {
  const random = seededRandom(6)
  const below = (n: number): number => Math.floor(random() * n)
  const place = (): Place =>
    random() < 0.3
      ? { kind: 'zone', zone: 'é'.repeat(below(8)) }
      : { kind: 'position', lon: random() < 0.1 ? NaN : (random() - 0.5) * 400, lat: random() * 90 }
  for (let i = 0; i < 500; i++) {
    const trip: Trip = {
      pickupTime: Math.round((random() - 0.3) * 4e12),
      dropoffTime: random() < 0.2 ? NaN : Math.round(random() * 4e12),
      pickup: place(),
      dropoff: place(),
      passengers: below(256),
      distance: below(2 ** 31),
      fare: -below(2 ** 31),
      tip: below(10_000),
      total: 2 ** 31 - 1,
    }
    const offset = below(50)
    assert.equal(decodeTrip(encoded(trip, offset), offset), trip)
  }
})

test('keeps a zone id of 15 bytes and refuses a longer one', () => {
  const zone = (text: string): Trip => ({ ...TRIP, pickup: { kind: 'zone', zone: text } })
  assert.equal(decodeTrip(encoded(zone('a'.repeat(15))), 0).pickup, zone('a'.repeat(15)).pickup)
  assert.throws(() => encoded(zone('a'.repeat(16))), RangeError)
  assert.throws(() => encoded(zone('é'.repeat(8))), RangeError)
})

test('of another version is refused, with what to do', () => {
  const view = encoded(TRIP)
  view.setUint8(0, 2)
  assert.throws(
    () => decodeTrip(view, 0),
    /Trip record: got version 2, expected version 1\. Read the stream with the release/,
  )
})

test('a zone id of an impossible length reads no further than its field', () => {
  const view = encoded(ZONE_TRIP)
  view.setUint8(FIELD.dropoff, 200)
  assert.is(zoneAt(view, FIELD.dropoff).length, 14)
})

test.run()
