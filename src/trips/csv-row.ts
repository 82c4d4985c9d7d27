import {
  COMMA,
  CR,
  CsvFields,
  endsField,
  fieldText,
  LF,
  NOT_PLAIN,
  QUOTE,
  SPACE,
} from './csv-fields.ts'
import { hundredths } from './hundredths.ts'
import type { RejectReason, RowSink } from './row-sink.ts'
import { FIELD_KIND, writeBlank, writeSummedTotal, type RowPlan } from './row-plan.ts'
import { MAX_ZONE_BYTES } from './trip-record.ts'
import { isMissing, numberOf, passengerCount } from './trip-values.ts'
import { parseWallClock } from './wall-clock.ts'
import type { ZoneWriter } from './zone-id.ts'

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
  readonly #fields = new CsvFields()
  readonly #sink: RowSink
  readonly #zones: ZoneWriter
  readonly #plan: RowPlan
  /** The content of the quoted field being read. */
  #content = Buffer.alloc(SLACK_BYTES)
  #contentLength = 0

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
  read(data: Buffer, position: number, end: number, final: boolean): number {
    const { kinds, targets, pickupTimeColumn, sumsTotal } = this.#plan
    const fields = this.#fields
    const { view, bytes, offset } = this.#sink
    this.rejected = undefined
    this.innerLines = 0
    writeBlank(view, offset, this.#plan)
    let charges = 0
    let zonesTooLong = 0

    let i = position
    let column = 0
    for (;;) {
      while (data[i] === SPACE) i++
      let source = data
      let at = i
      let length = -1
      if (data[i] === QUOTE) {
        i = this.#unquote(data, i, end)
        if (i < 0) return i
        source = this.#content
        at = 0
        length = this.#contentLength
      }
      fields.stop = at
      const kind = column < kinds.length ? kinds[column] : FIELD_KIND.ignored
      if (kind !== FIELD_KIND.ignored) {
        const target = offset + targets[column]
        if (kind === FIELD_KIND.degrees) {
          this.#degrees(source, at, length, view, target)
        } else if (kind === FIELD_KIND.hundredths) {
          view.setInt32(target, this.#hundredths(source, at, length), true)
        } else if (kind === FIELD_KIND.dropoffTime) {
          this.#time(source, at, length, view, target)
        } else if (kind === FIELD_KIND.pickupTime) {
          if (!this.#time(source, at, length, view, target)) {
            this.rejected = reasonOf(fieldText(source, at, length))
          }
        } else if (kind === FIELD_KIND.passengers) {
          bytes[target] = this.#passengers(source, at, length)
        } else if (kind === FIELD_KIND.zone) {
          if (!this.#zone(source, at, length, bytes, target)) zonesTooLong++
        } else {
          charges += this.#hundredths(source, at, length)
        }
      }
      if (length < 0) i = fields.stop
      let byte = data[i]
      while (byte !== COMMA && byte !== LF) byte = data[++i]
      if (byte === LF) break
      i++
      column++
    }
    if (i >= end && !final) return ROW.cut
    if (column < pickupTimeColumn) this.rejected = 'too-few-fields'
    if (this.rejected !== undefined) return i + 1

    if (sumsTotal) writeSummedTotal(view, offset, charges)
    this.#sink.keep(zonesTooLong)
    return i + 1
  }
  // Values are written where they are read: a double that is returned would be put on the heap.

  /** Writes wall-clock milliseconds; false, and NaN, when missing or unreadable. */
  #time(source: Buffer, at: number, length: number, view: DataView, target: number): boolean {
    const fields = this.#fields
    if (fields.time(source, at, length)) {
      view.setFloat64(target, fields.value[0], true)
      return true
    }
    const time = parseWallClock(fieldText(source, at, length))
    view.setFloat64(target, time, true)
    return time === time
  }

  #degrees(source: Buffer, at: number, length: number, view: DataView, target: number): void {
    const fields = this.#fields
    if (fields.decimal(source, at, length)) view.setFloat64(target, fields.value[0], true)
    else view.setFloat64(target, numberOf(fieldText(source, at, length)), true)
  }

  #passengers(source: Buffer, at: number, length: number): number {
    const hundred = this.#fields.hundredths(source, at, length)
    if (hundred !== NOT_PLAIN) return passengerCount(hundred / 100)
    return passengerCount(numberOf(fieldText(source, at, length)))
  }

  #hundredths(source: Buffer, at: number, length: number): number {
    const plain = this.#fields.hundredths(source, at, length)
    if (plain !== NOT_PLAIN) return plain
    return this.#fields.decimal(source, at, length)
      ? hundredths(this.#fields.value[0])
      : hundredths(numberOf(fieldText(source, at, length)))
  }

  /** Writes the zone id to the 16 bytes at `target`; false when it is too long for them. */
  #zone(source: Buffer, at: number, length: number, bytes: Uint8Array, target: number): boolean {
    let stop = at
    while (source[stop] >= 48 && source[stop] <= 57 && stop - at < MAX_ZONE_BYTES) stop++
    if (!endsField(source, stop, length)) {
      return this.#zones.write(fieldText(source, at, length), bytes, target)
    }
    this.#fields.stop = stop
    const size = stop - at
    bytes[target] = size
    for (let i = 0; i < MAX_ZONE_BYTES; i++) bytes[target + 1 + i] = i < size ? source[at + i] : 0
    return true
  }

  /** Puts the content of the quoted field at `at` aside; answers where its separator is, or `ROW`. */
  #unquote(data: Buffer, at: number, end: number): number {
    if (this.#content.length < end - at + SLACK_BYTES) {
      this.#content = Buffer.alloc(Math.max(end - at + SLACK_BYTES, 2 * this.#content.length))
    }
    const content = this.#content
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
