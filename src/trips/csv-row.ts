import { COMMA, CR, CsvFields, LF, QUOTE, SPACE } from './csv-fields.ts'
import { hundredths } from './hundredths.ts'
import type { RejectReason, RowSink } from './row-sink.ts'
import { FIELD_USE, writeBlank, writeSummedTotal, type RowPlan } from './row-plan.ts'
import { FIELD, MAX_ZONE_BYTES } from './trip-record.ts'
import { isMissing, passengerCount } from './trip-values.ts'
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
    const { uses, pickupTimeColumn, sumsTotal } = this.#plan
    const fields = this.#fields
    const { view, bytes, offset } = this.#sink
    this.rejected = undefined
    this.innerLines = 0
    writeBlank(view, offset, this.#plan)
    let pickupTime = NaN
    let dropoffTime = NaN
    let charges = 0

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
      switch (column < uses.length ? uses[column] : FIELD_USE.ignore) {
        case FIELD_USE.ignore:
          break
        case FIELD_USE.pickupTime:
          pickupTime = this.#time(source, at, length)
          if (pickupTime !== pickupTime) {
            this.rejected = isMissing(fieldText(source, at, length))
              ? 'missing-pickup-time'
              : 'unreadable-pickup-time'
          }
          break
        case FIELD_USE.dropoffTime:
          dropoffTime = this.#time(source, at, length)
          view.setFloat64(offset + FIELD.dropoffTime, dropoffTime, true)
          break
        case FIELD_USE.pickupLon:
          view.setFloat64(offset + FIELD.pickup, this.#number(source, at, length), true)
          break
        case FIELD_USE.pickupLat:
          view.setFloat64(offset + FIELD.pickup + 8, this.#number(source, at, length), true)
          break
        case FIELD_USE.dropoffLon:
          view.setFloat64(offset + FIELD.dropoff, this.#number(source, at, length), true)
          break
        case FIELD_USE.dropoffLat:
          view.setFloat64(offset + FIELD.dropoff + 8, this.#number(source, at, length), true)
          break
        case FIELD_USE.pickupZone:
          this.#zone(source, at, length, bytes, offset + FIELD.pickup)
          break
        case FIELD_USE.dropoffZone:
          this.#zone(source, at, length, bytes, offset + FIELD.dropoff)
          break
        case FIELD_USE.passengers:
          bytes[offset + FIELD.passengers] = passengerCount(this.#number(source, at, length))
          break
        case FIELD_USE.distance:
          view.setInt32(offset + FIELD.distance, this.#hundredths(source, at, length), true)
          break
        case FIELD_USE.fare:
          view.setInt32(offset + FIELD.fare, this.#hundredths(source, at, length), true)
          break
        case FIELD_USE.tip:
          view.setInt32(offset + FIELD.tip, this.#hundredths(source, at, length), true)
          break
        case FIELD_USE.total:
          view.setInt32(offset + FIELD.total, this.#hundredths(source, at, length), true)
          break
        case FIELD_USE.charge:
          charges += this.#hundredths(source, at, length)
          break
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

    view.setFloat64(offset + FIELD.pickupTime, pickupTime, true)
    if (sumsTotal) writeSummedTotal(view, offset, charges)
    this.#sink.keep(pickupTime, dropoffTime)
    return i + 1
  }
  /** Wall-clock milliseconds, NaN when missing or unreadable. */
  #time(source: Buffer, at: number, length: number): number {
    const time = this.#fields.time(source, at)
    if (time === time && this.#endsField(source, length)) return time
    return parseWallClock(fieldText(source, at, length))
  }

  /** As `Number` reads it, but NaN when missing or not finite. */
  #number(source: Buffer, at: number, length: number): number {
    const value = this.#fields.decimal(source, at)
    if (this.#endsField(source, length)) return value
    const text = fieldText(source, at, length)
    const parsed = text === '' ? NaN : Number(text)
    return Number.isFinite(parsed) ? parsed : NaN
  }

  #hundredths(source: Buffer, at: number, length: number): number {
    return hundredths(this.#number(source, at, length))
  }

  /** Writes the zone id to the 16 bytes at `target`; plain digits are copied as they are. */
  #zone(source: Buffer, at: number, length: number, bytes: Uint8Array, target: number): void {
    let stop = at
    while (source[stop] >= 48 && source[stop] <= 57 && stop - at < MAX_ZONE_BYTES) stop++
    this.#fields.stop = stop
    if (!this.#endsField(source, length)) {
      this.#zones.write(fieldText(source, at, length), bytes, target)
      return
    }
    const size = stop - at
    bytes[target] = size
    for (let i = 0; i < MAX_ZONE_BYTES; i++) bytes[target + 1 + i] = i < size ? source[at + i] : 0
  }

  /** Whether a field reader took the whole field. `length` is that of quoted content, else -1. */
  #endsField(source: Buffer, length: number): boolean {
    const stop = this.#fields.stop
    if (length >= 0) return stop === length
    const byte = source[stop]
    return byte === COMMA || byte === LF || (byte === CR && source[stop + 1] === LF)
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

/** The trimmed text of a field: quoted content where `length` ≥ 0, else up to its separator. */
function fieldText(source: Buffer, at: number, length: number): string {
  let end = length
  if (end < 0) {
    end = at
    while (source[end] !== COMMA && source[end] !== LF) end++
  }
  return source.toString('utf8', at, end).trim()
}
