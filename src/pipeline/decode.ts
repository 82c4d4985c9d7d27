/**
 * Kinesis records → columns: deaggregates, tells the codecs apart, and keeps what cannot be read
 * as dead letters. Places that are zone ids are settled here, positions are left to `classify`.
 */
import type { DistrictSlots } from '../counts/district-slots.ts'
import { REASONS } from '../counts/measures.ts'
import type { Reason } from '../counts/measures.ts'
import type { Segment, TripBatch } from '../counts/trip-batch.ts'
import { emptyBatch, FOREIGN_RUN, UNPLACED } from '../counts/trip-batch.ts'
import { messageOf } from '../errors.ts'
import { UserRecords } from '../kinesis/aggregated-record.ts'
import type { HashKeyRange } from '../kinesis/hash-key.ts'
import { hashKeyOf, rangeContains } from '../kinesis/hash-key.ts'
import type { KinesisRecord } from '../kinesis/kinesis-port.ts'
import { padSequenceNumber } from '../kinesis/sequence-number.ts'
import { decodeControl, isControl } from '../lanes/control-record.ts'
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
const WITHOUT_ZONES = unclassified('zone-id-without-zones')

/** Decodes the records of one shard; reuses its scratch space from batch to batch. */
export class Decoder {
  readonly #slots: DistrictSlots
  readonly #range: HashKeyRange
  readonly #userRecords = new UserRecords()

  constructor(slots: DistrictSlots, range: HashKeyRange) {
    this.#slots = slots
    this.#range = range
  }

  decode(records: readonly KinesisRecord[]): TripBatch {
    let bytes = 0
    for (const record of records) bytes += record.data.length
    // Any user record that is a trip takes 80 bytes and more, a JSON one twice that; the rest are
    // controls and dead letters, of which there may be one in any few bytes.
    let batch = emptyBatch(records.length + Math.ceil(bytes / TRIP_RECORD_BYTES))
    for (const record of records) {
      const aggregated = this.#userRecords.read(record.data)
      if (aggregated && !this.#belongsHere()) continue
      const rows = aggregated ? this.#userRecords.count : 1
      if (batch.rows + rows > batch.dead.length) batch = enlarged(batch, batch.rows + rows)
      this.#decodeRecord(record, aggregated, batch)
    }
    return batch
  }

  /**
   * KCL's rule against the copies that KPL makes after a reshard: an aggregate with one user record
   * that hashes outside the shard is dropped whole, because its producer sends it again.
   */
  #belongsHere(): boolean {
    const { count, partitionKeys, explicitHashKeys, keyIndexes, hashKeyIndexes } = this.#userRecords
    for (let i = 0; i < count; i++) {
      const explicit = hashKeyIndexes[i]
      const key = keyIndexes[i]
      // Most aggregates have one key, or long runs of one: it is hashed once.
      if (i > 0 && explicit === hashKeyIndexes[i - 1] && key === keyIndexes[i - 1]) continue
      const hashKey =
        explicit >= 0 ? BigInt(explicitHashKeys[explicit]) : hashKeyOf(partitionKeys[key])
      if (!rangeContains(this.#range, hashKey)) return false
    }
    return true
  }

  #decodeRecord(record: KinesisRecord, aggregated: boolean, batch: TripBatch): void {
    const { data } = record
    const { count, offsets, lengths } = this.#userRecords
    const total = aggregated ? count : 1
    const segment: Segment = {
      seq: padSequenceNumber(record.sequenceNumber),
      arrivalTime: record.arrivalTime,
      first: batch.rows,
      end: batch.rows,
    }
    const view = new DataView(data.buffer, data.byteOffset, data.length)
    for (let i = 0; i < total; i++) {
      const offset = aggregated ? offsets[i] : 0
      const length = aggregated ? lengths[i] : data.length
      if (i === 0 && isControl(data, offset, length)) {
        try {
          const control = decodeControl(data, offset, length)
          if (control.count !== total - 1) {
            throw new Error(`a control record of ${control.count} trips leads ${total - 1}`)
          }
          segment.control = control
          continue
        } catch (error) {
          this.#deadLetter(batch, segment, i, data.slice(offset, offset + length), error)
          continue
        }
      }
      try {
        this.#decodeTrip(view, offset, length, batch)
      } catch (error) {
        this.#deadLetter(batch, segment, i, data.slice(offset, offset + length), error)
      }
    }
    segment.end = batch.rows
    batch.segments.push(segment)
  }

  #deadLetter(
    batch: TripBatch,
    segment: Segment,
    index: number,
    data: Uint8Array,
    error: unknown,
  ): void {
    batch.dead[batch.rows++] = 1
    const run = segment.control?.runId ?? FOREIGN_RUN
    batch.deadLetters.push({ seq: segment.seq, index, run, reason: messageOf(error), data })
  }

  #decodeTrip(view: DataView, offset: number, length: number, batch: TripBatch): void {
    const row = batch.rows
    const first = length > 0 ? view.getUint8(offset) : -1
    if (length === TRIP_RECORD_BYTES && first === TRIP_RECORD_VERSION) {
      this.#decodeBinary(view, offset, batch, row)
    } else if (first === JSON_FIRST_BYTE) {
      this.#decodeJson(new Uint8Array(view.buffer, view.byteOffset + offset, length), batch, row)
    } else {
      throw new Error(`${length} bytes that begin with ${first} are not a trip`)
    }
    const { pickupTime, dropoffTime } = batch
    if (!inYears(pickupTime[row])) throw new Error('pickup time is outside the years 0 to 9999')
    if (!inYears(dropoffTime[row])) {
      dropoffTime[row] = NaN
      batch.dropoffPlace[row] = unclassified('missing-time')
    }
    batch.rows = row + 1
  }

  #decodeBinary(view: DataView, at: number, batch: TripBatch, row: number): void {
    const flags = view.getUint8(at + FIELD.flags)
    batch.pickupTime[row] = view.getFloat64(at + FIELD.pickupTime, true)
    batch.dropoffTime[row] = view.getFloat64(at + FIELD.dropoffTime, true)
    if ((flags & PICKUP_IS_ZONE) === 0) {
      batch.pickupLon[row] = view.getFloat64(at + FIELD.pickup, true)
      batch.pickupLat[row] = view.getFloat64(at + FIELD.pickup + 8, true)
      batch.pickupPlace[row] = UNPLACED
    } else {
      batch.pickupLon[row] = NaN
      batch.pickupLat[row] = NaN
      batch.pickupPlace[row] = this.#zonePlace(zoneAt(view, at + FIELD.pickup))
    }
    if ((flags & DROPOFF_IS_ZONE) === 0) {
      batch.dropoffLon[row] = view.getFloat64(at + FIELD.dropoff, true)
      batch.dropoffLat[row] = view.getFloat64(at + FIELD.dropoff + 8, true)
      batch.dropoffPlace[row] = UNPLACED
    } else {
      batch.dropoffLon[row] = NaN
      batch.dropoffLat[row] = NaN
      batch.dropoffPlace[row] = this.#zonePlace(zoneAt(view, at + FIELD.dropoff))
    }
    batch.passengers[row] = view.getUint8(at + FIELD.passengers)
    batch.distance[row] = view.getInt32(at + FIELD.distance, true)
    batch.fare[row] = view.getInt32(at + FIELD.fare, true)
    batch.tip[row] = view.getInt32(at + FIELD.tip, true)
    batch.total[row] = view.getInt32(at + FIELD.total, true)
  }

  #decodeJson(data: Uint8Array, batch: TripBatch, row: number): void {
    const trip = decodeTripJson(data)
    batch.pickupTime[row] = trip.pickupTime
    batch.dropoffTime[row] = trip.dropoffTime
    const { pickup, dropoff } = trip
    batch.pickupLon[row] = pickup.kind === 'position' ? pickup.lon : NaN
    batch.pickupLat[row] = pickup.kind === 'position' ? pickup.lat : NaN
    batch.dropoffLon[row] = dropoff.kind === 'position' ? dropoff.lon : NaN
    batch.dropoffLat[row] = dropoff.kind === 'position' ? dropoff.lat : NaN
    batch.pickupPlace[row] = this.#place(pickup)
    batch.dropoffPlace[row] = this.#place(dropoff)
    batch.passengers[row] = trip.passengers
    batch.distance[row] = trip.distance
    batch.fare[row] = trip.fare
    batch.tip[row] = trip.tip
    batch.total[row] = trip.total
  }

  #place(place: Place): number {
    return place.kind === 'position' ? UNPLACED : this.#zonePlace(place.zone)
  }

  #zonePlace(zone: string): number {
    if (zone === '') return MISSING_POSITION
    return this.#slots.zones ? this.#slots.slotOf(zone) : WITHOUT_ZONES
  }
}

/** Other times have no place in the table's keys, and no trip file has them. */
function inYears(time: number): boolean {
  return time >= MIN_TIME && time <= MAX_TIME
}

/** A batch with room for `rows`, and everything that was in the smaller one. */
function enlarged(batch: TripBatch, rows: number): TripBatch {
  const larger = emptyBatch(rows * 2)
  larger.pickupTime.set(batch.pickupTime)
  larger.dropoffTime.set(batch.dropoffTime)
  larger.pickupLon.set(batch.pickupLon)
  larger.pickupLat.set(batch.pickupLat)
  larger.dropoffLon.set(batch.dropoffLon)
  larger.dropoffLat.set(batch.dropoffLat)
  larger.pickupPlace.set(batch.pickupPlace)
  larger.dropoffPlace.set(batch.dropoffPlace)
  larger.passengers.set(batch.passengers)
  larger.distance.set(batch.distance)
  larger.fare.set(batch.fare)
  larger.tip.set(batch.tip)
  larger.total.set(batch.total)
  larger.dead.set(batch.dead)
  return { ...larger, segments: batch.segments, rows: batch.rows, deadLetters: batch.deadLetters }
}
