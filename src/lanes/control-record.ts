/**
 * The control record: the first user record of every aggregate of a lane, and all there is in a
 * heartbeat. docs/wire-format.md is the specification; numbers are little-endian.
 */
import { HailstreamError } from '../errors.ts'

export interface ControlRecord {
  runId: string
  /** 0 … lanes − 1. */
  lane: number
  /** Lanes of the run. */
  lanes: number
  /** Position in the lane of the first trip that follows; where nothing follows, of the next. */
  firstOrdinal: number
  /** Trips that follow in the same aggregate. */
  count: number
  /** Producer's wall clock when the aggregate was built, epoch ms. */
  putTime: number
  /**
   * Wall-clock ms of the event clock: every trip of this lane that is released before it is in this
   * aggregate or an earlier one. −Infinity while nothing is known.
   */
  watermark: number
  /** Nothing of this lane follows, ever. */
  ended: boolean
  /** Ended from outside (`runs end`): `firstOrdinal` is not known, and trips may be missing. */
  abandoned: boolean
}

export const CONTROL_VERSION = 0xc1
/** Longest run id, in bytes; run ids are ASCII. */
export const MAX_RUN_ID_BYTES = 64
const HEADER_BYTES = 48
const ENDED = 1
const ABANDONED = 2

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function controlRecordSize(runId: string): number {
  return HEADER_BYTES + runId.length
}

export function encodeControl(control: ControlRecord): Uint8Array {
  const out = new Uint8Array(controlRecordSize(control.runId))
  const view = new DataView(out.buffer)
  view.setUint8(0, CONTROL_VERSION)
  view.setUint8(1, (control.ended ? ENDED : 0) | (control.abandoned ? ABANDONED : 0))
  view.setUint8(2, control.runId.length)
  view.setUint32(4, control.count, true)
  view.setUint32(8, control.lane, true)
  view.setUint32(12, control.lanes, true)
  view.setFloat64(16, control.firstOrdinal, true)
  view.setFloat64(24, control.putTime, true)
  view.setFloat64(32, control.watermark, true)
  encoder.encodeInto(control.runId, out.subarray(HEADER_BYTES))
  return out
}

/** True when the `length` bytes at `offset` begin like a control record. */
export function isControl(data: Uint8Array, offset: number, length: number): boolean {
  return length >= HEADER_BYTES && data[offset] === CONTROL_VERSION
}

/** Reads a control record; throws `CORRUPT` where its numbers cannot be. */
export function decodeControl(data: Uint8Array, offset: number, length: number): ControlRecord {
  const view = new DataView(data.buffer, data.byteOffset + offset, length)
  const flags = view.getUint8(1)
  const idLength = view.getUint8(2)
  const control: ControlRecord = {
    runId: '',
    count: view.getUint32(4, true),
    lane: view.getUint32(8, true),
    lanes: view.getUint32(12, true),
    firstOrdinal: view.getFloat64(16, true),
    putTime: view.getFloat64(24, true),
    watermark: view.getFloat64(32, true),
    ended: (flags & ENDED) !== 0,
    abandoned: (flags & ABANDONED) !== 0,
  }
  const sane =
    HEADER_BYTES + idLength <= length &&
    idLength > 0 &&
    control.lane < control.lanes &&
    Number.isInteger(control.firstOrdinal) &&
    control.firstOrdinal >= 0 &&
    !Number.isNaN(control.watermark)
  if (!sane) {
    throw new HailstreamError('CORRUPT', {
      subject: 'Control record',
      got: `${length} bytes that do not add up`,
      expected: 'a run id, a lane and ordinals',
      fix: 'It was not written by hailstream; it is kept as a dead letter.',
    })
  }
  const id = new Uint8Array(data.buffer, data.byteOffset + offset + HEADER_BYTES, idLength)
  control.runId = decoder.decode(id)
  return control
}
