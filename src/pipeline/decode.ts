/**
 * Kinesis records → columns: deaggregates, tells the codecs apart, and keeps what cannot be read
 * as dead letters.
 */
import type { DistrictSlots } from '../counts/district-slots.ts'
import type { LanePlace, Segment, TripBatch } from '../counts/trip-batch.ts'
import { emptyBatch, FOREIGN_RUN, REDRIVE_LANE } from '../counts/trip-batch.ts'
import { messageOf } from '../errors.ts'
import { UserRecords } from '../kinesis/aggregated-record.ts'
import type { HashKeyRange } from '../kinesis/hash-key.ts'
import { hashKeyOf, rangeContains } from '../kinesis/hash-key.ts'
import type { KinesisRecord } from '../kinesis/kinesis-port.ts'
import { padSequenceNumber } from '../kinesis/sequence-number.ts'
import type { ControlRecord } from '../lanes/control-record.ts'
import { decodeControl, isControl } from '../lanes/control-record.ts'
import { TRIP_RECORD_BYTES, TRIP_RECORD_VERSION } from '../trips/trip-record.ts'
import { RowDecoder } from './row-decoder.ts'

/** Columns this many times as large as a batch needs are given back. */
const MOST_SPARE = 16

/** Decodes the records of one shard; reuses its columns from batch to batch. */
export class Decoder {
  readonly #rows: RowDecoder
  readonly #range: HashKeyRange
  readonly #userRecords = new UserRecords()
  #batch = emptyBatch(0)
  #knownKey: string | undefined
  #knownInside = false

  constructor(slots: DistrictSlots, range: HashKeyRange) {
    this.#rows = new RowDecoder(slots)
    this.#range = range
  }

  /** The batch is good until the next one is decoded. */
  decode(records: readonly KinesisRecord[]): TripBatch {
    let bytes = 0
    for (const record of records) bytes += record.data.length
    // Any user record that is a trip takes 80 bytes and more, a JSON one twice that; the rest are
    // controls and dead letters, of which there may be one in any few bytes.
    this.#clear(records.length + Math.ceil(bytes / TRIP_RECORD_BYTES))
    for (const record of records) {
      const aggregated = this.#userRecords.read(record.data)
      if (aggregated && !this.#belongsHere()) continue
      const rows = this.#batch.rows + (aggregated ? this.#userRecords.count : 1)
      if (rows > this.#batch.dead.length) this.#batch = enlarged(this.#batch, rows)
      this.#decodeRecord(record, aggregated, this.#batch)
    }
    return this.#batch
  }

  #clear(capacity: number): void {
    const batch = this.#batch
    const held = batch.dead.length
    if (held < capacity || held > MOST_SPARE * (capacity + 1)) {
      this.#batch = emptyBatch(capacity)
      return
    }
    if (batch.deadLetters.length > 0) batch.dead.fill(0)
    batch.rows = 0
    batch.segments = []
    batch.deadLetters = []
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
      const inside =
        explicit >= 0
          ? rangeContains(this.#range, BigInt(explicitHashKeys[explicit]))
          : this.#isInside(partitionKeys[key])
      if (!inside) return false
    }
    return true
  }

  /** Most aggregates of a shard come with the key of the one before. */
  #isInside(partitionKey: string): boolean {
    if (partitionKey !== this.#knownKey) {
      this.#knownKey = partitionKey
      this.#knownInside = rangeContains(this.#range, hashKeyOf(partitionKey))
    }
    return this.#knownInside
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
      const isBinary = length === TRIP_RECORD_BYTES && data[offset] === TRIP_RECORD_VERSION
      if (isBinary && this.#rows.addBinary(view, offset, batch)) continue
      try {
        if (i === 0 && isControl(data, offset, length)) {
          segment.control = leadingControl(data, offset, length, total - 1)
        } else {
          this.#rows.addOther(data.subarray(offset, offset + length), batch)
        }
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
    const row = batch.rows++
    batch.dead[row] = 1
    const { seq, control } = segment
    batch.deadLetters.push({
      seq,
      index,
      run: control?.runId ?? FOREIGN_RUN,
      ...(control !== undefined && { place: placeOf(control, index - 1) }),
      row,
      reason: messageOf(error),
      data,
    })
  }
}

function placeOf({ redrive, lane, firstOrdinal }: ControlRecord, index: number): LanePlace {
  return {
    lane: redrive === undefined ? lane : REDRIVE_LANE,
    ordinal: firstOrdinal + index,
  }
}

/** The control record that leads `trips` trips; throws where it says otherwise. */
function leadingControl(
  data: Uint8Array,
  offset: number,
  length: number,
  trips: number,
): ControlRecord {
  const control = decodeControl(data, offset, length)
  if (control.count !== trips) {
    throw new Error(`a control record of ${control.count} trips leads ${trips}`)
  }
  return control
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
