/**
 * One trip → the next row of a batch's columns, from either codec. Places that are zone ids are
 * settled here, positions are left to `classify`.
 */
import type { DistrictSlots } from '../counts/district-slots.ts'
import { REASONS } from '../counts/measures.ts'
import type { Reason } from '../counts/measures.ts'
import type { TripBatch } from '../counts/trip-batch.ts'
import { UNPLACED } from '../counts/trip-batch.ts'
import { NONE } from '../geo/district-id.ts'
import type { Place } from '../trips/trip.ts'
import { decodeTripJson, JSON_FIRST_BYTE } from '../trips/trip-json.ts'
import {
  DROPOFF_IS_ZONE,
  FIELD,
  PICKUP_IS_ZONE,
  TRIP_RECORD_BYTES,
  TRIP_RECORD_VERSION,
  zoneAt,
} from '../trips/trip-record.ts'
import { MAX_TIME, MIN_TIME } from '../trips/wall-clock.ts'

export const unclassified = (reason: Reason): number => -1 - REASONS.indexOf(reason)
const MISSING_POSITION = unclassified('missing-position')
const MISSING_TIME = unclassified('missing-time')
const WITHOUT_ZONES = unclassified('zone-id-without-zones')
const OUT_OF_YEARS = 'pickup time is outside the years 0 to 9999'

/** Trip files write `NONE` where they have no zone, and totals call the unclassified so. */
export function isNoZone(zone: string): boolean {
  return zone === '' || zone === NONE
}

export class RowDecoder {
  readonly #slots: DistrictSlots
  readonly #zonePlaces = new Map<number, number>()

  constructor(slots: DistrictSlots) {
    this.#slots = slots
  }

  /** A trip in JSON, or none at all: then it throws. */
  addOther(data: Uint8Array, batch: TripBatch): void {
    const row = batch.rows
    if (data[0] !== JSON_FIRST_BYTE) throw new Error(noTrip(data))
    this.#decodeJson(data, batch, row)
    if (!inYears(batch.pickupTime[row])) throw new Error(OUT_OF_YEARS)
    batch.rows = row + 1
  }

  /** The 80 bytes at `at`; false where their pickup time is none. */
  addBinary(view: DataView, at: number, batch: TripBatch): boolean {
    const row = batch.rows
    const pickupTime = view.getFloat64(at + FIELD.pickupTime, true)
    if (!inYears(pickupTime)) return false
    const flags = view.getUint8(at + FIELD.flags)
    batch.pickupTime[row] = pickupTime
    const dropoffTime = view.getFloat64(at + FIELD.dropoffTime, true)
    if ((flags & PICKUP_IS_ZONE) === 0) {
      batch.pickupLon[row] = view.getFloat64(at + FIELD.pickup, true)
      batch.pickupLat[row] = view.getFloat64(at + FIELD.pickup + 8, true)
      batch.pickupPlace[row] = UNPLACED
    } else {
      batch.pickupLon[row] = NaN
      batch.pickupLat[row] = NaN
      batch.pickupPlace[row] = this.#zoneAt(view, at + FIELD.pickup)
    }
    if ((flags & DROPOFF_IS_ZONE) === 0) {
      batch.dropoffLon[row] = view.getFloat64(at + FIELD.dropoff, true)
      batch.dropoffLat[row] = view.getFloat64(at + FIELD.dropoff + 8, true)
      batch.dropoffPlace[row] = UNPLACED
    } else {
      batch.dropoffLon[row] = NaN
      batch.dropoffLat[row] = NaN
      batch.dropoffPlace[row] = this.#zoneAt(view, at + FIELD.dropoff)
    }
    this.#setDropoffTime(batch, row, dropoffTime)
    batch.passengers[row] = view.getUint8(at + FIELD.passengers)
    batch.distance[row] = view.getInt32(at + FIELD.distance, true)
    batch.fare[row] = view.getInt32(at + FIELD.fare, true)
    batch.tip[row] = view.getInt32(at + FIELD.tip, true)
    batch.total[row] = view.getInt32(at + FIELD.total, true)
    batch.rows = row + 1
    return true
  }

  #decodeJson(data: Uint8Array, batch: TripBatch, row: number): void {
    const trip = decodeTripJson(data)
    batch.pickupTime[row] = trip.pickupTime
    const { pickup, dropoff } = trip
    batch.pickupLon[row] = pickup.kind === 'position' ? pickup.lon : NaN
    batch.pickupLat[row] = pickup.kind === 'position' ? pickup.lat : NaN
    batch.dropoffLon[row] = dropoff.kind === 'position' ? dropoff.lon : NaN
    batch.dropoffLat[row] = dropoff.kind === 'position' ? dropoff.lat : NaN
    batch.pickupPlace[row] = this.#place(pickup)
    batch.dropoffPlace[row] = this.#place(dropoff)
    this.#setDropoffTime(batch, row, trip.dropoffTime)
    batch.passengers[row] = trip.passengers
    batch.distance[row] = trip.distance
    batch.fare[row] = trip.fare
    batch.tip[row] = trip.tip
    batch.total[row] = trip.total
  }

  /** A time that no calendar has is a missing one. */
  #setDropoffTime(batch: TripBatch, row: number, time: number): void {
    const known = inYears(time)
    batch.dropoffTime[row] = known ? time : NaN
    if (!known) batch.dropoffPlace[row] = MISSING_TIME
  }

  /** A zone id of up to three bytes is known by its number, without making a string of it. */
  #zoneAt(view: DataView, at: number): number {
    const head = view.getUint32(at, true)
    const length = head & 0xff
    if (length > 3) return this.#zonePlace(zoneAt(view, at))
    const key = head & (0xffffffff >>> (24 - 8 * length))
    let place = this.#zonePlaces.get(key)
    if (place === undefined) {
      this.#zonePlaces.set(key, (place = this.#zonePlace(zoneAt(view, at))))
    }
    return place
  }

  #place(place: Place): number {
    return place.kind === 'position' ? UNPLACED : this.#zonePlace(place.zone)
  }

  #zonePlace(zone: string): number {
    if (isNoZone(zone)) return MISSING_POSITION
    return this.#slots.zones ? this.#slots.slotOf(zone) : WITHOUT_ZONES
  }
}

function noTrip(data: Uint8Array): string {
  if (data.length === TRIP_RECORD_BYTES && data[0] === TRIP_RECORD_VERSION) return OUT_OF_YEARS
  return `${data.length} bytes that begin with ${data.length > 0 ? data[0] : -1} are not a trip`
}

/** Other times have no place in the table's keys, and no trip file has them. */
function inYears(time: number): boolean {
  return time >= MIN_TIME && time <= MAX_TIME
}
