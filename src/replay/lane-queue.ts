/**
 * The producer's side of one lane: trips that wait, and the one aggregate that is under way. A
 * lane never has two aggregates under way, which is what keeps it in order however puts fail.
 */
import { aggregateOverhead, encodeAggregate, userRecordSize } from '../kinesis/encode-aggregate.ts'
import { controlRecordSize, encodeControl } from '../lanes/control-record.ts'
import { encodeTripJson } from '../trips/trip-json.ts'
import type { ReleaseOrder } from '../trips/trip.ts'
import { decodeTrip, FIELD, TRIP_RECORD_BYTES } from '../trips/trip-record.ts'

const AT = FIELD
const RECORD_BYTES = TRIP_RECORD_BYTES

export interface LaneSettings {
  runId: string
  lane: number
  lanes: number
  partitionKey: string
  order: ReleaseOrder
  codec: 'binary' | 'json'
  /** Most bytes of one aggregate. */
  aggregateBytes: number
}

/** Bytes that are built once and sent until they are acknowledged. */
export interface Aggregate {
  partitionKey: string
  data: Uint8Array
  count: number
  /** Last one of the lane. */
  ended: boolean
  attempts: number
}

/** JSON trips differ in length; a bound that none of them passes. */
const JSON_TRIP_BYTES = 512

export class LaneQueue {
  readonly settings: LaneSettings
  /** Trips that fill an aggregate. */
  readonly fullCount: number
  /** Position in the lane of the first waiting trip. */
  next: number
  inFlight: Aggregate | undefined
  /** Monotonic ms before which the lane rests after a failure. */
  restUntil = 0
  lastPutAt: number
  /** Monotonic ms at which the oldest waiting trip was dealt. */
  oldestDealtAt = 0
  /** The watermark of the last aggregate that was built. */
  lastWatermark = -Infinity
  /** The watermark of the last aggregate that was acknowledged. */
  acknowledgedWatermark = -Infinity
  finished = false
  /** The shard that took the last record; the lane's rate is that shard's. */
  shardId: string | undefined
  #bytes = new Uint8Array(64 * RECORD_BYTES)
  #view = new DataView(this.#bytes.buffer)
  #first = 0
  #count = 0

  constructor(settings: LaneSettings, acknowledged: number, nowMillis: number) {
    this.settings = settings
    this.next = acknowledged
    this.lastPutAt = nowMillis
    this.fullCount = tripsPerAggregate(settings)
  }

  /** Waiting trips. */
  get waiting(): number {
    return this.#count
  }

  /**
   * Copies `count` records from `offset` of `from` to the end of the queue, and writes into the
   * copies what the run decides about them: their ordinals, from `ordinal` on, and the shift in time
   * of their pass.
   */
  push(
    from: Uint8Array,
    offset: number,
    { ordinal, shift, count = 1 }: { ordinal: number; shift: number; count?: number },
    nowMillis: number,
  ): void {
    if (this.#count === 0) this.oldestDealtAt = nowMillis
    const size = count * RECORD_BYTES
    const end = (this.#first + this.#count) * RECORD_BYTES
    if (end + size > this.#bytes.length) this.#makeRoom(size)
    const start = (this.#first + this.#count) * RECORD_BYTES
    this.#bytes.set(from.subarray(offset, offset + size), start)
    const view = this.#view
    for (let i = 0; i < count; i++) {
      const at = start + i * RECORD_BYTES
      view.setFloat64(at + AT.ordinal, ordinal + i, true)
      if (shift === 0) continue
      for (const field of [AT.pickupTime, AT.dropoffTime]) {
        view.setFloat64(at + field, view.getFloat64(at + field, true) + shift, true)
      }
    }
    this.#count += count
  }

  /**
   * Takes up to an aggregate's worth of waiting trips under way. `frontier` is the release time
   * before which every trip of the run has been dealt. None waiting makes a heartbeat.
   */
  build(frontier: number, putTime: number, nowMillis: number, ended = false): Aggregate {
    const { settings } = this
    const count = Math.min(this.#count, this.fullCount)
    const left = this.#count - count
    const watermark = Math.max(
      this.lastWatermark,
      left > 0 ? Math.min(this.#releaseTime(count), frontier) : frontier,
    )
    const control = encodeControl({
      runId: settings.runId,
      lane: settings.lane,
      lanes: settings.lanes,
      firstOrdinal: this.next,
      count,
      putTime,
      watermark,
      ended,
      abandoned: false,
    })
    const aggregate: Aggregate = {
      partitionKey: settings.partitionKey,
      data: count === 0 ? control : this.#pack(control, count),
      count,
      ended,
      attempts: 0,
    }
    this.#first += count
    this.#count = left
    this.next += count
    this.oldestDealtAt = nowMillis
    this.lastWatermark = watermark
    this.inFlight = aggregate
    return aggregate
  }

  #releaseTime(index: number): number {
    const at = (this.#first + index) * RECORD_BYTES
    return releaseTimeAt(this.#view, at, this.settings.order)
  }

  #pack(control: Uint8Array, count: number): Uint8Array {
    const { partitionKey, codec } = this.settings
    const start = this.#first * RECORD_BYTES
    const end = start + count * RECORD_BYTES
    if (codec === 'binary') {
      const rows = { bytes: this.#bytes.subarray(start, end), recordBytes: RECORD_BYTES }
      return encodeAggregate(partitionKey, [control], rows)
    }
    const records = [control]
    for (let at = start; at < end; at += RECORD_BYTES) {
      const ordinal = this.#view.getFloat64(at + AT.ordinal, true)
      records.push(encodeTripJson(decodeTrip(this.#view, at), ordinal))
    }
    return encodeAggregate(partitionKey, records)
  }

  #makeRoom(bytes: number): void {
    const live = this.#count * RECORD_BYTES
    const from = this.#first * RECORD_BYTES
    if (live * 2 <= this.#bytes.length && live + bytes <= this.#bytes.length) {
      this.#bytes.copyWithin(0, from, from + live)
    } else {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, live + bytes))
      larger.set(this.#bytes.subarray(from, from + live))
      this.#bytes = larger
      this.#view = new DataView(larger.buffer)
    }
    this.#first = 0
  }
}

/** How many trips fit an aggregate of the settings' size; at least 1. */
export function tripsPerAggregate(
  settings: Pick<LaneSettings, 'runId' | 'partitionKey' | 'codec' | 'aggregateBytes'>,
): number {
  const tripBytes = settings.codec === 'json' ? JSON_TRIP_BYTES : RECORD_BYTES
  const fixed =
    aggregateOverhead(settings.partitionKey) + userRecordSize(controlRecordSize(settings.runId))
  return Math.max(1, Math.floor((settings.aggregateBytes - fixed) / userRecordSize(tripBytes)))
}

/** The release time of the record at `offset`. */
export function releaseTimeAt(view: DataView, offset: number, order: ReleaseOrder): number {
  const pickupTime = view.getFloat64(offset + AT.pickupTime, true)
  if (order === 'pickup') return pickupTime
  const dropoffTime = view.getFloat64(offset + AT.dropoffTime, true)
  return dropoffTime === dropoffTime ? dropoffTime : pickupTime
}
