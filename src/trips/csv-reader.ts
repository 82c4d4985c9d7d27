/**
 * Comma-separated values (RFC 4180) to trip records, from bytes, as they come. Beyond the RFC:
 * spaces around fields, blank lines, a byte order mark, any mix of line ends, missing and extra
 * trailing fields. A quote inside a field that did not begin with one is an ordinary character.
 */
import { HailstreamError } from '../errors.ts'
import type { ColumnMap } from './column-map.ts'
import { CSV_BYTE, FieldBytes } from './csv-bytes.ts'
import { splitHeader } from './csv-header.ts'
import { CsvRow, ROW, SLACK_BYTES } from './csv-row.ts'
import { layoutOf, type Layout } from './layouts.ts'
import { MAX_RAW_BYTES, type RejectReason, type RowSink } from './row-sink.ts'
import { rowPlan } from './row-plan.ts'
import type { ZoneWriter } from './zone-id.ts'

/** A row that has not ended by then is given up, so that a stray quote cannot swallow a file. */
export const MAX_ROW_BYTES = 1 << 20

const { lineFeed: LF, carriageReturn: CR, quote: QUOTE, space: SPACE } = CSV_BYTE
const TAB = 9
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const

export interface CsvReaderOptions {
  /** Base name of the file, for messages. */
  file: string
  sink: RowSink
  zones: ZoneWriter
  columns?: ColumnMap | undefined
}

export class CsvReader {
  readonly #options: CsvReaderOptions
  #layout: Layout | undefined
  #row: CsvRow | undefined
  /** Data up to `#end`, and a line feed behind it, so that no loop has to look for the end. */
  #data = new FieldBytes(SLACK_BYTES)
  #end = 0
  #final = false
  #sawStart = false
  /** Inside a line that was given up. */
  #skipping = false
  /** 1-based number of the line at which the next row starts. */
  #line = 1

  constructor(options: CsvReaderOptions) {
    this.#options = options
  }

  /** Undefined until the header has been read. */
  get layout(): Layout | undefined {
    return this.#layout
  }

  /** Takes the next bytes of the file, cut anywhere. Throws `INPUT` for a header without use. */
  push(chunk: Uint8Array): void {
    const needed = this.#end + chunk.length + SLACK_BYTES
    if (needed > this.#data.size) {
      const data = new FieldBytes(Math.max(needed, this.#data.size * 2))
      this.#data.bytes.copy(data.bytes, 0, 0, this.#end)
      this.#data = data
    }
    this.#data.bytes.set(chunk, this.#end)
    this.#end += chunk.length
    this.#drain()
  }

  /** The file has ended: its last line may lack a line end. */
  end(): void {
    this.#final = true
    this.#drain()
  }

  /** Reads all rows that are complete and keeps the rest for the next bytes. */
  #drain(): void {
    const end = this.#end
    this.#data.bytes[end] = LF
    let position = 0
    if (this.#row === undefined) position = this.#start()
    if (this.#skipping) position = this.#skipLine(position)
    const row = this.#row
    while (row !== undefined && position < end) {
      const next = this.#isBlankish(position)
        ? this.#blankLine(position)
        : this.#next(row, position)
      if (next < 0) break
      position = next
    }
    this.#end = Math.max(0, end - position)
    this.#data.bytes.copyWithin(0, position, end)
  }

  /** Reads the byte order mark and the header; answers where the rows begin. */
  #start(): number {
    const data = this.#data.bytes
    const { file, columns } = this.#options
    let position = 0
    if (!this.#sawStart) {
      if (this.#end < BYTE_ORDER_MARK.length && !this.#final) return 0
      this.#sawStart = true
      if (BYTE_ORDER_MARK.every((byte, i) => data[i] === byte)) position = BYTE_ORDER_MARK.length
    }
    if (columns?.hasHeader === false) {
      this.#use(layoutOf([], file, columns))
      return position
    }
    for (;;) {
      const lineEnd = this.#headerEnd(position)
      if (lineEnd < 0) return position
      const header = data.toString('utf8', position, lineEnd)
      position = lineEnd + 1
      this.#line += header.split('\n').length
      if (header.trim() !== '') {
        this.#use(layoutOf(splitHeader(header), file, columns))
        return position
      }
    }
  }

  #use(layout: Layout): void {
    this.#layout = layout
    this.#row = new CsvRow(rowPlan(layout), this.#options.sink, this.#options.zones)
  }

  /** Where the line at `position` ends outside of quotes; -1 when that is not known yet. */
  #headerEnd(position: number): number {
    let quoted = false
    for (let i = position; i < this.#end; i++) {
      if (this.#data.bytes[i] === QUOTE) quoted = !quoted
      else if (this.#data.bytes[i] === LF && !quoted) return i
    }
    if (this.#end - position > MAX_ROW_BYTES) {
      throw new HailstreamError('INPUT', {
        subject: this.#options.file,
        got: `no line end in the first ${MAX_ROW_BYTES} bytes`,
        expected: 'lines of comma-separated values',
      })
    }
    return this.#final && this.#end > position ? this.#end : -1
  }

  #isBlankish(position: number): boolean {
    const byte = this.#data.bytes[position]
    return byte === LF || byte === CR || byte === SPACE || byte === TAB
  }

  /** Passes a line without anything in it; reads it as a row when there is something after all. */
  #blankLine(position: number): number {
    let i = position
    while (i < this.#end && this.#data.bytes[i] !== LF && this.#isBlankish(i)) i++
    const byte = this.#data.bytes[i]
    if (byte !== LF) return this.#row === undefined ? -1 : this.#next(this.#row, position)
    if (i >= this.#end && !this.#final) return -1
    this.#line++
    return i + 1
  }

  /** Reads one row; answers where the next starts, -1 when more bytes are needed for it. */
  #next(row: CsvRow, position: number): number {
    const data = this.#data
    const end = this.#end
    const next = row.read(data, position, end, this.#final)
    if (next >= 0) {
      if (row.rejected !== undefined) this.#reject(row.rejected, position, next - 1)
      this.#line += 1 + row.innerLines
      return next
    }
    const lineEnd = data.bytes.indexOf(LF, position)
    const hasLine = lineEnd < end || this.#final
    const waits = next === ROW.quoteBroken ? !hasLine : !this.#final
    if (waits && end - position <= MAX_ROW_BYTES) return -1
    if (!hasLine) {
      this.#reject('line-too-long', position, end)
      this.#skipping = true
      return end
    }
    // Only the first line is given up: what a stray quote seemed to hold are rows like any other.
    this.#reject(reasonOf(next), position, lineEnd)
    this.#line++
    return lineEnd + 1
  }

  /** Passes the rest of a line that was given up; answers where the next line begins. */
  #skipLine(position: number): number {
    const lineEnd = this.#data.bytes.indexOf(LF, position)
    if (lineEnd >= this.#end) return this.#end
    this.#skipping = false
    this.#line++
    return lineEnd + 1
  }

  #reject(reason: RejectReason, start: number, end: number): void {
    const lastByte = end > start && this.#data.bytes[end - 1] === CR ? end - 1 : end
    const raw = this.#data.bytes.toString('utf8', start, Math.min(lastByte, start + MAX_RAW_BYTES))
    this.#options.sink.reject(this.#line, reason, raw)
  }
}

function reasonOf(outcome: number): RejectReason {
  if (outcome === ROW.quoteBroken) return 'broken-quote'
  return outcome === ROW.quoteOpen ? 'unterminated-quote' : 'line-too-long'
}
