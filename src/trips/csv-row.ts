import { CSV_BYTE, endsField, FieldBytes, fieldText } from './csv-bytes.ts'
import { hundredths } from './hundredths.ts'
import * as numberFields from './number-fields.ts'
import type { RejectReason, RowSink } from './row-sink.ts'
import {
  FIELD_KIND,
  kindOf,
  targetOf,
  writeBlank,
  writeSummedTotal,
  type RowPlan,
} from './row-plan.ts'
import { TimeField } from './time-field.ts'
import { MAX_ZONE_BYTES } from './trip-record.ts'
import { isMissing, numberOf, passengerCount } from './trip-values.ts'
import { parseWallClock } from './wall-clock.ts'
import type { ZoneWriter } from './zone-id.ts'

const { comma: COMMA, lineFeed: LF, carriageReturn: CR, quote: QUOTE, space: SPACE } = CSV_BYTE
const KIND = FIELD_KIND

/** Bytes behind the data that the field readers may look at. */
export const SLACK_BYTES = 64

/** Answers of `read` when the row cannot be read to its end. */
export const ROW = {
  /** The data ends before the row does. */
  cut: -1,
  /** The data ends inside a quoted field. */
  quoteOpen: -2,
  /** Something follows a closing quote. */
  quoteBroken: -3,
} as const

/** Reads one row at a time from bytes into the record that the sink holds ready. */
export class CsvRow {
  /** Why the last row read is not a trip; undefined when it is one. */
  rejected: RejectReason | undefined
  /** Line feeds inside the quoted fields of the last row. */
  innerLines = 0
  readonly #timeField = new TimeField()
  readonly #sink: RowSink
  readonly #zones: ZoneWriter
  readonly #plan: RowPlan
  /** The content of the quoted field being read. */
  #content = new FieldBytes(SLACK_BYTES)
  #contentLength = 0
  /** For a value on its way. */
  readonly #scratch = new DataView(new ArrayBuffer(8))

  constructor(plan: RowPlan, sink: RowSink, zones: ZoneWriter) {
    this.#plan = plan
    this.#sink = sink
    this.#zones = zones
  }

  /**
   * Reads the row at `position`. `data` must hold a line feed at `end` and `SLACK_BYTES` more.
   * Answers where the next row starts, having kept the trip or set `rejected`; or one of `ROW`,
   * having done nothing. `final`: the data ends where the file does.
   */
  read(data: FieldBytes, position: number, end: number, final: boolean): number {
    const { fields, pickupTimeColumn, sumsTotal } = this.#plan
    const { view } = data
    const { view: record, bytes: recordBytes, offset } = this.#sink
    const scratch = this.#scratch
    this.rejected = undefined
    this.innerLines = 0
    writeBlank(record, offset, this.#plan)
    let charges = 0
    let zonesTooLong = 0

    let i = position
    let column = 0
    for (;;) {
      let source = data
      let at = i
      let length = -1
      let byte = view.getUint8(i)
      if (byte <= QUOTE) {
        while (view.getUint8(i) === SPACE) i++
        at = i
        if (view.getUint8(i) === QUOTE) {
          i = this.#unquote(data, i, end)
          if (i < 0) return i
          source = this.#content
          at = 0
          length = this.#contentLength
        }
      }
      const field = column < fields.length ? fields[column] : KIND.ignored
      if (field !== KIND.ignored) {
        const kind = kindOf(field)
        const target = offset + targetOf(field)
        let stop: number
        if (kind === KIND.degrees) {
          stop = this.#degrees(source, at, length, record, target)
        } else if (kind === KIND.hundredths) {
          stop = this.#hundredths(source, at, length, record, target)
        } else if (kind === KIND.dropoffTime) {
          stop = this.#time(source, at, length, record, target)
        } else if (kind === KIND.pickupTime) {
          stop = this.#time(source, at, length, record, target)
          if (stop < 0) this.rejected = reasonOf(fieldText(source, at, length))
        } else if (kind === KIND.passengers) {
          stop = this.#passengers(source, at, length, recordBytes, target)
        } else if (kind === KIND.zone) {
          stop = this.#zone(source, at, length, recordBytes, target)
          if (stop < 0) zonesTooLong++
        } else {
          stop = this.#hundredths(source, at, length, scratch, 0)
          charges += scratch.getInt32(0, true)
        }
        if (length < 0 && stop > i) i = stop
      }
      byte = view.getUint8(i)
      while (byte !== COMMA && byte !== LF) byte = view.getUint8(++i)
      if (byte === LF) break
      i++
      column++
    }
    if (i >= end && !final) return ROW.cut
    if (column < pickupTimeColumn) this.rejected = 'too-few-fields'
    if (this.rejected !== undefined) return i + 1

    if (sumsTotal) writeSummedTotal(record, offset, charges)
    this.#sink.keep(zonesTooLong)
    return i + 1
  }

  // Each writes the value where it goes (a double that is returned would be put on the heap) and
  // answers where the field ends, or where it starts when that is still to be found.

  /** Wall-clock milliseconds; NaN, answering -1, when missing or unreadable. */
  #time(source: FieldBytes, at: number, length: number, out: DataView, target: number): number {
    const stop = this.#timeField.read(source.view, at, length, out, target)
    if (stop >= 0) return stop
    const time = parseWallClock(fieldText(source, at, length))
    out.setFloat64(target, time, true)
    return time === time ? at : -1
  }

  #degrees(source: FieldBytes, at: number, length: number, out: DataView, target: number): number {
    const stop = numberFields.decimal(source.view, at, length, out, target)
    if (stop >= 0) return stop
    out.setFloat64(target, numberOf(fieldText(source, at, length)), true)
    return at
  }

  #hundredths(
    source: FieldBytes,
    at: number,
    length: number,
    out: DataView,
    target: number,
  ): number {
    const { view } = source
    let stop = numberFields.hundredths(view, at, length, out, target)
    if (stop >= 0) return stop
    const scratch = this.#scratch
    stop = this.#degrees(source, at, length, scratch, 0)
    out.setInt32(target, hundredths(scratch.getFloat64(0, true)), true)
    return stop
  }

  #passengers(
    source: FieldBytes,
    at: number,
    length: number,
    bytes: Uint8Array,
    target: number,
  ): number {
    const scratch = this.#scratch
    const stop = numberFields.hundredths(source.view, at, length, scratch, 0)
    const isPlain = stop >= 0
    bytes[target] = passengerCount(
      isPlain ? scratch.getInt32(0, true) / 100 : numberOf(fieldText(source, at, length)),
    )
    return isPlain ? stop : at
  }

  /** The zone id, in 16 bytes; answers -1 when it is too long for them. */
  #zone(source: FieldBytes, at: number, length: number, bytes: Uint8Array, target: number): number {
    const text = source.bytes
    let stop = at
    while (text[stop] >= 48 && text[stop] <= 57 && stop - at < MAX_ZONE_BYTES) stop++
    if (!endsField(source.view, stop, length)) {
      return this.#zones.write(fieldText(source, at, length), bytes, target) ? at : -1
    }
    const size = stop - at
    bytes[target] = size
    for (let i = 0; i < MAX_ZONE_BYTES; i++) bytes[target + 1 + i] = i < size ? text[at + i] : 0
    return stop
  }

  /** Puts the content of the quoted field at `at` aside; answers where its separator is, or `ROW`. */
  #unquote({ bytes: data }: FieldBytes, at: number, end: number): number {
    const needed = end - at + SLACK_BYTES
    if (this.#content.size < needed) {
      this.#content = new FieldBytes(Math.max(needed, 2 * this.#content.size))
    }
    const content = this.#content.bytes
    let length = 0
    let i = at + 1
    for (; ; i++) {
      if (i >= end) return ROW.quoteOpen
      const byte = data[i]
      // At the last byte the line feed behind the data is seen, and the row counts as cut.
      if (byte === QUOTE && data[++i] !== QUOTE) break
      if (byte === LF) this.innerLines++
      content[length++] = byte
    }
    content[length] = LF
    this.#contentLength = length
    while (data[i] === SPACE || data[i] === CR) i++
    return data[i] === COMMA || data[i] === LF ? i : ROW.quoteBroken
  }
}

function reasonOf(pickupTime: string): RejectReason {
  return isMissing(pickupTime) ? 'missing-pickup-time' : 'unreadable-pickup-time'
}
