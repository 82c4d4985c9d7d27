/** A column with the district of each row, written behind rows of CSV that stay as they are. */
import type { Locator } from '../src/pipeline/classify.ts'
import type { PointRows } from '../src/trips/csv-points.ts'

export class DistrictColumn {
  /** Rows so far, and how many of them have a district. */
  rows = 0
  found = 0
  readonly #locator: Locator
  readonly #header: Buffer
  /** The cells of no district and of every district, one behind the other, and where each begins. */
  readonly #cells: Buffer
  readonly #starts: Int32Array
  readonly #longest: number
  #places = new Int32Array(0)

  /** `ids` are those that the answers of `locator` are positions in. */
  constructor(locator: Locator, ids: readonly string[], name: string) {
    this.#locator = locator
    this.#header = cellOf(name)
    const cells = ['', ...ids].map(cellOf)
    this.#cells = Buffer.concat(cells)
    this.#starts = new Int32Array(cells.length + 1)
    cells.forEach((cell, i) => (this.#starts[i + 1] = this.#starts[i] + cell.length))
    this.#longest = Math.max(...cells.map((cell) => cell.length))
  }

  /** The bytes of `rows`, each row with its cell before its line end. */
  append({ bytes, headerEnd, count, ends, lons, lats }: PointRows): Buffer {
    if (this.#places.length < ends.length) this.#places = new Int32Array(ends.length)
    const places = this.#places
    this.#locator.locateMany(lons.subarray(0, count), lats.subarray(0, count), places)
    const out = Buffer.allocUnsafe(bytes.length + this.#header.length + count * this.#longest)
    let from = 0
    let to = 0
    if (headerEnd >= 0) {
      to += bytes.copy(out, to, 0, headerEnd)
      to += this.#header.copy(out, to)
      from = headerEnd
    }
    for (let row = 0; row < count; row++) {
      const end = ends[row]
      to += bytes.copy(out, to, from, end)
      from = end
      const cell = places[row] + 1
      for (let i = this.#starts[cell]; i < this.#starts[cell + 1]; i++) out[to++] = this.#cells[i]
      if (cell > 0) this.found++
    }
    to += bytes.copy(out, to, from)
    this.rows += count
    return out.subarray(0, to)
  }
}

/** A comma and a field as RFC 4180 has it. */
function cellOf(text: string): Buffer {
  const needsQuotes = /[",\r\n]|^\s|\s$/.test(text)
  return Buffer.from(`,${needsQuotes ? `"${text.replaceAll('"', '""')}"` : text}`)
}
