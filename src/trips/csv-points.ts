/**
 * A CSV file as it is, and the point in each of its rows: for programs that add to the rows and must
 * not change them. What is a row, a blank line or a field is decided as `CsvReader` does. A row that
 * cannot be read, or is too short to have a point, is a row all the same.
 */
import { CSV_BYTE, FieldBytes, fieldText } from './csv-bytes.ts'
import { splitHeader } from './csv-header.ts'
import { MAX_ROW_BYTES } from './csv-reader.ts'
import { ROW, SLACK_BYTES } from './csv-row.ts'
import { decimal } from './number-fields.ts'
import type { PointColumns } from './point-columns.ts'
import { inputError } from './trip-file.ts'
import { numberOf } from './trip-values.ts'

/** Some of a file. It holds until the next is asked for. */
export interface PointRows {
  /** The bytes that follow those given before, not cut inside a row. */
  bytes: Buffer
  /** Where in `bytes` the header ends, before its line end; -1 where it is not in them. */
  headerEnd: number
  /** Rows that end in `bytes`; blank lines are none. */
  count: number
  /** Where in `bytes` each ends, before its line end. */
  ends: Int32Array
  /** Degrees as the row has them, NaN where it has no such number. */
  lons: Float64Array
  lats: Float64Array
}

export interface CsvPointsOptions {
  /** Base name of the file, for messages. */
  file: string
  /** The columns; for a file with a header, a function of the names in it. */
  columns: PointColumns | ((names: readonly string[]) => PointColumns)
}

const { comma: COMMA, lineFeed: LF, carriageReturn: CR, quote: QUOTE, space: SPACE } = CSV_BYTE
const TAB = 9
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const
const FIRST_ROWS = 4096

export class CsvPoints {
  readonly #file: string
  readonly #resolve: CsvPointsOptions['columns']
  #columns: PointColumns | undefined
  /** Data up to `#end`, and a line feed behind it, so that no loop has to look for the end. */
  #data = new FieldBytes(SLACK_BYTES)
  readonly #scratch = new DataView(new ArrayBuffer(8))
  #end = 0
  /** What has been given already. */
  #given = 0
  #final = false
  #sawStart = false
  #sawRow = false
  /** Inside a line that was given up. */
  #skipping = false
  #count = 0
  #ends = new Int32Array(FIRST_ROWS)
  #lons = new Float64Array(FIRST_ROWS)
  #lats = new Float64Array(FIRST_ROWS)

  constructor({ file, columns }: CsvPointsOptions) {
    this.#file = file
    this.#resolve = columns
  }

  /** Takes the next bytes of the file, cut anywhere. Throws what the columns throw. */
  push(chunk: Uint8Array): PointRows {
    const rest = this.#end - this.#given
    const needed = rest + chunk.length + SLACK_BYTES
    const data = needed > this.#data.size ? new FieldBytes(2 * needed) : this.#data
    this.#data.bytes.copy(data.bytes, 0, this.#given, this.#end)
    data.bytes.set(chunk, rest)
    this.#data = data
    this.#end = rest + chunk.length
    return this.#drain()
  }

  /** The file has ended: its last row may lack a line end. Throws `INPUT` for a file without any. */
  end(): PointRows {
    this.#data.bytes.copyWithin(0, this.#given, this.#end)
    this.#end -= this.#given
    this.#final = true
    const rows = this.#drain()
    if (this.#columns !== undefined && (this.#sawRow || typeof this.#resolve === 'function')) {
      return rows
    }
    throw inputError(this.#file, 'nothing in it', 'lines of comma-separated values')
  }

  #drain(): PointRows {
    const end = this.#end
    this.#data.bytes[end] = LF
    this.#count = 0
    let position = 0
    let headerEnd = -1
    if (this.#columns === undefined) [position, headerEnd] = this.#start()
    if (this.#skipping) position = this.#skipLine(position)
    const columns = this.#columns
    while (columns !== undefined && position < end) {
      const next = this.#isBlankish(position)
        ? this.#blankLine(columns, position)
        : this.#next(columns, position)
      if (next < 0) break
      position = next
    }
    this.#given = Math.min(position, end)
    return {
      bytes: this.#data.bytes.subarray(0, this.#given),
      headerEnd,
      count: this.#count,
      ends: this.#ends,
      lons: this.#lons,
      lats: this.#lats,
    }
  }

  /** Reads the byte order mark and the header; answers where the rows begin and the header ends. */
  #start(): [position: number, headerEnd: number] {
    const data = this.#data.bytes
    let position = 0
    if (!this.#sawStart) {
      if (this.#end < BYTE_ORDER_MARK.length && !this.#final) return [0, -1]
      this.#sawStart = true
      if (BYTE_ORDER_MARK.every((byte, i) => data[i] === byte)) position = BYTE_ORDER_MARK.length
    }
    if (typeof this.#resolve !== 'function') {
      this.#columns = this.#resolve
      return [position, -1]
    }
    for (;;) {
      const lineEnd = this.#headerEnd(position)
      if (lineEnd < 0) return [position, -1]
      const header = data.toString('utf8', position, lineEnd)
      if (header.trim() !== '') {
        this.#columns = this.#resolve(splitHeader(header))
        return [lineEnd + 1, this.#contentEnd(position, lineEnd)]
      }
      position = lineEnd + 1
    }
  }

  /** Where the line at `position` ends outside of quotes; -1 when that is not known yet. */
  #headerEnd(position: number): number {
    let quoted = false
    for (let i = position; i < this.#end; i++) {
      if (this.#data.bytes[i] === QUOTE) quoted = !quoted
      else if (this.#data.bytes[i] === LF && !quoted) return i
    }
    if (this.#end - position > MAX_ROW_BYTES) {
      throw inputError(
        this.#file,
        `no line end in the first ${MAX_ROW_BYTES} bytes`,
        'lines of comma-separated values',
      )
    }
    return this.#final && this.#end > position ? this.#end : -1
  }

  #isBlankish(position: number): boolean {
    const byte = this.#data.bytes[position]
    return byte === LF || byte === CR || byte === SPACE || byte === TAB
  }

  /** Passes a line without anything in it; reads it as a row when there is something after all. */
  #blankLine(columns: PointColumns, position: number): number {
    let i = position
    while (i < this.#end && this.#data.bytes[i] !== LF && this.#isBlankish(i)) i++
    if (this.#data.bytes[i] !== LF) return this.#next(columns, position)
    return i >= this.#end && !this.#final ? -1 : i + 1
  }

  /** Notes one row; answers where the next starts, -1 when more bytes are needed for it. */
  #next(columns: PointColumns, position: number): number {
    const end = this.#end
    const next = this.#read(columns, position)
    if (next >= 0) return next
    const lineEnd = this.#data.bytes.indexOf(LF, position)
    const hasLine = lineEnd < end || this.#final
    const waits = next === ROW.quoteBroken ? !hasLine : !this.#final
    if (waits && end - position <= MAX_ROW_BYTES) return -1
    this.#skipping = true
    return hasLine ? this.#skipLine(position) : this.#skipLine(end)
  }

  /** Passes the rest of a line that was given up; answers where the next line begins. */
  #skipLine(position: number): number {
    const end = this.#end
    const lineEnd = this.#data.bytes.indexOf(LF, position)
    if (lineEnd < end || this.#final) {
      this.#skipping = false
      this.#note(position, lineEnd, NaN, NaN)
      return lineEnd + 1
    }
    // A carriage return may belong to the line end.
    return end > 0 && this.#data.bytes[end - 1] === CR ? end - 1 : end
  }

  /** Reads the row at `position`; answers where the next starts, or one of `ROW`. */
  #read({ lon, lat }: PointColumns, position: number): number {
    const data = this.#data.bytes
    const end = this.#end
    const row = this.#room()
    this.#lons[row] = NaN
    this.#lats[row] = NaN
    let i = position
    let column = 0
    for (;;) {
      while (data[i] === SPACE) i++
      let at = i
      let quotedEnd = -1
      if (data[i] === QUOTE) {
        at = i + 1
        quotedEnd = closingQuote(data, at, end)
        if (quotedEnd < 0) return ROW.quoteOpen
        i = quotedEnd + 1
        while (data[i] === SPACE || data[i] === CR) i++
        if (data[i] !== COMMA && data[i] !== LF) return ROW.quoteBroken
      }
      let stop = i
      if (column === lon) stop = this.#degrees(at, quotedEnd, this.#lons, row)
      else if (column === lat) stop = this.#degrees(at, quotedEnd, this.#lats, row)
      if (quotedEnd < 0) i = stop
      let byte = data[i]
      while (byte !== COMMA && byte !== LF) byte = data[++i]
      if (byte === LF) break
      i++
      column++
    }
    if (i >= end && !this.#final) return ROW.cut
    if (!this.#sawRow) this.#checkWidth({ lon, lat }, column + 1)
    this.#ends[row] = this.#contentEnd(position, i)
    this.#count++
    return i + 1
  }

  /** Answers where the field ends, or where it starts when that is still to be found. */
  #degrees(at: number, quotedEnd: number, target: Float64Array, row: number): number {
    const data = this.#data
    const stop = decimal(data.view, at, quotedEnd, this.#scratch, 0)
    const isPlain = stop >= 0
    target[row] = isPlain
      ? this.#scratch.getFloat64(0, true)
      : numberOf(fieldText(data, at, quotedEnd))
    return isPlain ? stop : at
  }

  /** Without a header, only the first row can tell that a position is beyond the columns. */
  #checkWidth({ lon, lat }: PointColumns, width: number): void {
    this.#sawRow = true
    const last = Math.max(lon, lat)
    if (typeof this.#resolve === 'function' || last < width) return
    throw inputError(
      this.#file,
      `position ${last + 1}`,
      `one of the ${width} columns of its first row`,
      'Give other positions with --lon and --lat, or header names where it has a header.',
    )
  }

  #note(start: number, lineEnd: number, lon: number, lat: number): void {
    const row = this.#room()
    this.#lons[row] = lon
    this.#lats[row] = lat
    this.#ends[row] = this.#contentEnd(start, lineEnd)
    this.#count++
    this.#sawRow = true
  }

  #contentEnd(start: number, lineEnd: number): number {
    return lineEnd > start && this.#data.bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd
  }

  /** The next row's place, made where there is none. */
  #room(): number {
    if (this.#count < this.#ends.length) return this.#count
    const [ends, lons, lats] = [this.#ends, this.#lons, this.#lats]
    this.#ends = new Int32Array(2 * ends.length)
    this.#lons = new Float64Array(2 * ends.length)
    this.#lats = new Float64Array(2 * ends.length)
    this.#ends.set(ends)
    this.#lons.set(lons)
    this.#lats.set(lats)
    return this.#count
  }
}

/** Where the quote is that closes the field whose content starts at `at`; -1 when it is not there. */
function closingQuote(data: Uint8Array, at: number, end: number): number {
  for (let i = at; i < end; i++) {
    if (data[i] !== QUOTE) continue
    // At the last byte the line feed behind the data is seen, and the row counts as cut.
    if (data[i + 1] !== QUOTE) return i
    i++
  }
  return -1
}
