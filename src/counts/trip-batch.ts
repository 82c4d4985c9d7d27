/** What one read of a shard brought, in columns: the unit that flows through the pipeline. */
import type { ControlRecord } from '../lanes/control-record.ts'

/** The run that records without a lane belong to: those of other producers. */
export const FOREIGN_RUN = 'foreign'

/** The user records of one Kinesis record. */
export interface Segment {
  /** Padded sequence number of the Kinesis record. */
  seq: string
  /** Epoch ms at which Kinesis took it. */
  arrivalTime: number
  /** Absent for a foreign producer's record. */
  control?: ControlRecord
  /** Rows [first, end) of the batch's columns. */
  first: number
  end: number
}

export interface TripBatch {
  segments: Segment[]
  rows: number
  /** Wall-clock ms of the event clock; NaN = missing. Pickup times of readable rows are finite. */
  pickupTime: Float64Array
  dropoffTime: Float64Array
  /** Degrees; NaN = missing or a zone. */
  pickupLon: Float64Array
  pickupLat: Float64Array
  dropoffLon: Float64Array
  dropoffLat: Float64Array
  /**
   * Where the end is: a district slot (≥ 0), `−1 − reason` (index in REASONS), or `UNPLACED` while
   * it has a position that nobody looked up yet.
   */
  pickupPlace: Int32Array
  dropoffPlace: Int32Array
  passengers: Int32Array
  distance: Int32Array
  fare: Int32Array
  tip: Int32Array
  total: Int32Array
  /** 1 for a user record that is not a trip. */
  dead: Uint8Array
  deadLetters: DeadLetter[]
}

/** A user record that could not be read; kept whole, so that nothing is lost. */
export interface DeadLetter {
  seq: string
  /** Position of the user record in its Kinesis record. */
  index: number
  run: string
  /** Where it stands in its lane; absent for a foreign producer's record. */
  place?: LanePlace
  /** Its row in the batch. */
  row: number
  reason: string
  data: Uint8Array
}

export interface LanePlace {
  /** `REDRIVE_LANE` for a letter that was put back and is dead again. */
  lane: number
  ordinal: number
}

/** The lane by which dead letters of a run are put back. */
export const REDRIVE_LANE = -1

export const UNPLACED = 0x7fffffff

export function emptyBatch(capacity: number): TripBatch {
  return {
    segments: [],
    rows: 0,
    pickupTime: new Float64Array(capacity),
    dropoffTime: new Float64Array(capacity),
    pickupLon: new Float64Array(capacity),
    pickupLat: new Float64Array(capacity),
    dropoffLon: new Float64Array(capacity),
    dropoffLat: new Float64Array(capacity),
    pickupPlace: new Int32Array(capacity),
    dropoffPlace: new Int32Array(capacity),
    passengers: new Int32Array(capacity),
    distance: new Int32Array(capacity),
    fare: new Int32Array(capacity),
    tip: new Int32Array(capacity),
    total: new Int32Array(capacity),
    dead: new Uint8Array(capacity),
    deadLetters: [],
  }
}
