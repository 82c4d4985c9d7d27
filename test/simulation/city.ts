/** A toy city of nine square districts, and trips in it of which all is known beforehand. */
import type { CountedDistricts } from '../../src/counts/generation.ts'
import { REASONS } from '../../src/counts/measures.ts'
import type { Reason } from '../../src/counts/measures.ts'
import type { Locator } from '../../src/pipeline/classify.ts'
import type { Random } from '../../src/time/random.ts'
import type { Place, ReleaseOrder, Trip } from '../../src/trips/trip.ts'
import { encodeTrip, FIELD, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'

const WEST = -74
const SOUTH = 40
const CELL = 0.25
const SIDE = 3

/** Of trip records that no release can read yet. */
export const UNKNOWN_VERSION = 9

export const CITY: CountedDistricts = {
  name: 'city',
  ids: Array.from({ length: SIDE * SIDE }, (_, i) => `d${i}`),
  names: Array.from({ length: SIDE * SIDE }, (_, i) => `District ${i}`),
  fingerprint: 'toy',
  zones: true,
}

export const LOCATOR: Locator = {
  locate,
  locateMany(lons, lats, out = new Int32Array(lons.length)) {
    for (let i = 0; i < lons.length; i++) out[i] = locate(lons[i], lats[i])
    return out
  },
}

function locate(lon: number, lat: number): number {
  const column = Math.floor((lon - WEST) / CELL)
  const row = Math.floor((lat - SOUTH) / CELL)
  const inside = column >= 0 && column < SIDE && row >= 0 && row < SIDE
  return inside ? row * SIDE + column : -1
}

/** Where an end of a trip is counted: a district's id, or the index of a reason. */
export type Counted = string | number

/** A trip, and what has to become of it. */
export interface TripFact {
  trip: Trip
  /** A record that nobody can read. */
  unreadable: boolean
  release: number
  pickup: Counted
  dropoff: Counted
}

export interface TripOptions {
  count: number
  firstTime: number
  spanMillis: number
  order: ReleaseOrder
  /** Longest ordinary trip, ms. */
  longestMillis: number
  /** Chance that a record cannot be read. */
  unreadable: number
}

/** In release order; ties happen. */
export function makeTrips(options: TripOptions, random: Random): TripFact[] {
  const { count, firstTime, spanMillis, order, longestMillis } = options
  const facts = Array.from({ length: count }, () => {
    const pickupTime = firstTime + Math.floor((random() * spanMillis) / 20_000) * 20_000
    const dropoffTime = dropoffAfter(pickupTime, longestMillis, random)
    return makeFact(pickupTime, dropoffTime, order, random() < options.unreadable, random)
  })
  return facts.sort((a, b) => a.release - b.release)
}

function dropoffAfter(pickupTime: number, longestMillis: number, random: Random): number {
  const chance = random()
  if (chance < 0.04) return NaN
  const millis = 1_000 * Math.floor((random() ** 2 * longestMillis) / 1_000)
  return chance < 0.07 ? pickupTime - millis : pickupTime + millis
}

function makeFact(
  pickupTime: number,
  dropoffTime: number,
  order: ReleaseOrder,
  unreadable: boolean,
  random: Random,
): TripFact {
  const pickup = makePlace(random)
  const dropoff = makePlace(random)
  const total = random() < 0.03 ? 0 : 300 + Math.floor(random() * 9_000)
  const fare = Math.floor(total * (0.5 + random() / 2))
  const noDropoff = Number.isNaN(dropoffTime)
  return {
    trip: {
      pickupTime,
      dropoffTime,
      pickup: pickup.place,
      dropoff: dropoff.place,
      passengers: Math.floor(random() * 6),
      distance: Math.floor(random() * 3_000),
      fare,
      tip: Math.floor((total - fare) * random()),
      total,
    },
    unreadable,
    release: order === 'dropoff' && !noDropoff ? dropoffTime : pickupTime,
    pickup: pickup.counted,
    dropoff: noDropoff ? REASONS.indexOf('missing-time') : dropoff.counted,
  }
}

function makePlace(random: Random): { place: Place; counted: Counted } {
  const chance = random()
  const column = Math.floor(random() * SIDE)
  const row = Math.floor(random() * SIDE)
  const lon = WEST + (column + 0.1 + 0.8 * random()) * CELL
  const lat = SOUTH + (row + 0.1 + 0.8 * random()) * CELL
  const at = (x: number, y: number): Place => ({ kind: 'position', lon: x, lat: y })
  const reason = (name: Reason): number => REASONS.indexOf(name)
  if (chance < 0.86) return { place: at(lon, lat), counted: `d${row * SIDE + column}` }
  if (chance < 0.88) return { place: at(NaN, NaN), counted: reason('missing-position') }
  if (chance < 0.9) return { place: at(0, 0), counted: reason('zero-position') }
  if (chance < 0.92) return { place: at(lon, 91), counted: reason('off-planet') }
  if (chance < 0.94) return { place: at(lat, lon), counted: reason('swapped') }
  if (chance < 0.96) return { place: at(lon + 2, lat), counted: reason('outside') }
  const zone = `z${Math.floor(random() * 4)}`
  return { place: { kind: 'zone', zone }, counted: zone }
}

/** The facts as 80-byte records; an unreadable one keeps its times, which release it. */
export function recordsOf(facts: readonly TripFact[]): Uint8Array {
  const bytes = new Uint8Array(facts.length * TRIP_RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  facts.forEach(({ trip, unreadable }, i) => {
    encodeTrip(trip, view, i * TRIP_RECORD_BYTES)
    view.setFloat64(i * TRIP_RECORD_BYTES + FIELD.ordinal, i, true)
    if (unreadable) view.setUint8(i * TRIP_RECORD_BYTES, UNKNOWN_VERSION)
  })
  return bytes
}
