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
  /**
   * What follows are dead letters of this generation, put back in a lane of their own (`redrive`);
   * other generations pass them over. `lane` is 0 of 1 then, and only the ordinals count.
   */
  redrive?: string
  /** Ended from outside (`runs end`): `firstOrdinal` is not known, and trips may be missing. */
  abandoned: boolean
}

export const CONTROL_VERSION = 0xc1
/** Longest run id, in bytes; run ids are ASCII. */
export const MAX_RUN_ID_BYTES = 64
const HEADER_BYTES = 48
const ENDED = 1
const ABANDONED = 2
const REDRIVE = 4

/** Far more than any stream has shards for; a bound for whoever goes through all lanes. */
const MAX_LANES = 65_536
/** Event times that a `Date` can hold, with room for a window around them. */
const MAX_WATERMARK = 8e15
const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/

/** What a run may be called: the name is a part of keys in the table. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text) && text.length <= MAX_RUN_ID_BYTES && text !== 'foreign'
}

/** Letters of other producers are put back too. */
function isRedriven({ runId, redrive = '' }: ControlRecord): boolean {
  return RUN_ID.test(redrive) && (isRunId(runId) || runId === 'foreign')
}

const encoder = new TextEncoder()
const decoder = new TextDecoder()

export function controlRecordSize(runId: string, redrive = ''): number {
  return HEADER_BYTES + runId.length + redrive.length
}

export function encodeControl(control: ControlRecord): Uint8Array {
  const { redrive } = control
  const out = new Uint8Array(controlRecordSize(control.runId, redrive))
  const view = new DataView(out.buffer)
  view.setUint8(0, CONTROL_VERSION)
  const ends = (control.ended ? ENDED : 0) | (control.abandoned ? ABANDONED : 0)
  view.setUint8(1, ends | (redrive === undefined ? 0 : REDRIVE))
  view.setUint8(2, control.runId.length)
  view.setUint8(3, redrive?.length ?? 0)
  view.setUint32(4, control.count, true)
  view.setUint32(8, control.lane, true)
  view.setUint32(12, control.lanes, true)
  view.setFloat64(16, control.firstOrdinal, true)
  view.setFloat64(24, control.putTime, true)
  view.setFloat64(32, control.watermark, true)
  encoder.encodeInto(control.runId + (redrive ?? ''), out.subarray(HEADER_BYTES))
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
  const isRedrive = (flags & REDRIVE) !== 0
  const generationLength = isRedrive ? view.getUint8(3) : 0
  const idStart = offset + HEADER_BYTES
  const idEnd = idStart + idLength
  const fits = HEADER_BYTES + idLength + generationLength <= length
  const textOf = (from: number, to: number): string =>
    fits ? decoder.decode(data.subarray(from, to)) : ''
  const control: ControlRecord = {
    runId: textOf(idStart, idEnd),
    count: view.getUint32(4, true),
    lane: view.getUint32(8, true),
    lanes: view.getUint32(12, true),
    firstOrdinal: view.getFloat64(16, true),
    putTime: view.getFloat64(24, true),
    watermark: view.getFloat64(32, true),
    ended: (flags & ENDED) !== 0,
    abandoned: (flags & ABANDONED) !== 0,
    ...(isRedrive && { redrive: textOf(idEnd, idEnd + generationLength) }),
  }
  const sane =
    (isRedrive ? isRedriven(control) : isRunId(control.runId)) &&
    control.lane < control.lanes &&
    control.lanes <= MAX_LANES &&
    Number.isSafeInteger(control.firstOrdinal + control.count) &&
    control.firstOrdinal >= 0 &&
    Number.isFinite(control.putTime) &&
    (control.watermark === -Infinity || Math.abs(control.watermark) <= MAX_WATERMARK)
  if (!sane) {
    throw new HailstreamError('CORRUPT', {
      subject: 'Control record',
      got: `${length} bytes that do not add up`,
      expected: 'a run id, a lane and ordinals',
      fix: 'It was not written by hailstream; it is kept as a dead letter.',
    })
  }
  return control
}
