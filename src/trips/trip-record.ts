/**
 * The 80-byte trip record and its JSON sibling; docs/wire-format.md is the specification.
 * All numbers are little-endian. The first byte tells the codecs apart: 1 here, `{` for JSON.
 */
import { HailstreamError } from '../errors.ts'
import type { Place, Trip } from './trip.ts'

export const TRIP_RECORD_BYTES = 80
export const TRIP_RECORD_VERSION = 1
/** Longest zone id the record can carry, in bytes of UTF-8. */
export const MAX_ZONE_BYTES = 15

/** Byte offset of each field in the record. */
export const FIELD = {
  version: 0, // u8
  flags: 1, // u8
  passengers: 2, // u8
  reserved: 3, // 5 bytes, zero
  pickupTime: 8, // f64, wall-clock ms
  dropoffTime: 16, // f64, wall-clock ms, NaN = missing
  pickup: 24, // f64 lon + f64 lat, or u8 length + 15 bytes zone id
  dropoff: 40, // the same
  distance: 56, // i32, hundredths of a mile
  fare: 60, // i32, cents
  tip: 64, // i32, cents
  total: 68, // i32, cents
  ordinal: 72, // f64, 0-based position of the trip in its run
} as const

export const PICKUP_IS_ZONE = 1
export const DROPOFF_IS_ZONE = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Writes `trip` at `offset`, every one of the 80 bytes. `ordinal` is left 0: the producer sets it. */
export function encodeTrip(trip: Trip, view: DataView, offset: number): void {
  view.setUint32(offset, 0)
  view.setUint32(offset + 4, 0)
  view.setUint8(offset + FIELD.version, TRIP_RECORD_VERSION)
  view.setUint8(
    offset + FIELD.flags,
    (trip.pickup.kind === 'zone' ? PICKUP_IS_ZONE : 0) |
      (trip.dropoff.kind === 'zone' ? DROPOFF_IS_ZONE : 0),
  )
  view.setUint8(offset + FIELD.passengers, trip.passengers)
  view.setFloat64(offset + FIELD.pickupTime, trip.pickupTime, true)
  view.setFloat64(offset + FIELD.dropoffTime, trip.dropoffTime, true)
  encodePlace(trip.pickup, view, offset + FIELD.pickup)
  encodePlace(trip.dropoff, view, offset + FIELD.dropoff)
  view.setInt32(offset + FIELD.distance, trip.distance, true)
  view.setInt32(offset + FIELD.fare, trip.fare, true)
  view.setInt32(offset + FIELD.tip, trip.tip, true)
  view.setInt32(offset + FIELD.total, trip.total, true)
  view.setFloat64(offset + FIELD.ordinal, 0, true)
}

function encodePlace(place: Place, view: DataView, offset: number): void {
  if (place.kind === 'position') {
    view.setFloat64(offset, place.lon, true)
    view.setFloat64(offset + 8, place.lat, true)
    return
  }
  const target = new Uint8Array(view.buffer, view.byteOffset + offset, 16).fill(0)
  const { read, written } = encoder.encodeInto(place.zone, target.subarray(1))
  if (read !== place.zone.length) {
    throw new RangeError(`zone id: got ${place.zone.length} characters, expected ≤ 15 bytes`)
  }
  target[0] = written
}

/** Reads the record at `offset`; throws `CORRUPT` for another version. */
export function decodeTrip(view: DataView, offset: number): Trip {
  const version = view.getUint8(offset + FIELD.version)
  if (version !== TRIP_RECORD_VERSION) {
    throw new HailstreamError('CORRUPT', {
      subject: 'Trip record',
      got: `version ${version}`,
      expected: `version ${TRIP_RECORD_VERSION}`,
      fix: 'Read the stream with the release of hailstream that wrote it.',
    })
  }
  const flags = view.getUint8(offset + FIELD.flags)
  return {
    pickupTime: view.getFloat64(offset + FIELD.pickupTime, true),
    dropoffTime: view.getFloat64(offset + FIELD.dropoffTime, true),
    pickup: decodePlace(view, offset + FIELD.pickup, (flags & PICKUP_IS_ZONE) !== 0),
    dropoff: decodePlace(view, offset + FIELD.dropoff, (flags & DROPOFF_IS_ZONE) !== 0),
    passengers: view.getUint8(offset + FIELD.passengers),
    distance: view.getInt32(offset + FIELD.distance, true),
    fare: view.getInt32(offset + FIELD.fare, true),
    tip: view.getInt32(offset + FIELD.tip, true),
    total: view.getInt32(offset + FIELD.total, true),
  }
}

function decodePlace(view: DataView, offset: number, isZone: boolean): Place {
  return isZone
    ? { kind: 'zone', zone: zoneAt(view, offset) }
    : {
        kind: 'position',
        lon: view.getFloat64(offset, true),
        lat: view.getFloat64(offset + 8, true),
      }
}

/** The zone id stored in the 16 bytes at `offset`; empty when missing. */
export function zoneAt(view: DataView, offset: number): string {
  const length = Math.min(view.getUint8(offset), MAX_ZONE_BYTES)
  return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + offset + 1, length))
}
