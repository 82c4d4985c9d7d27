/**
 * The counts of one block of panes: a sparse table (pane, district slot) → measures, the
 * unclassified ends by reason, the routes, and the dead letters. Packed, it is what a partial holds.
 */
import { HailstreamError } from '../errors.ts'
import type { DistrictSlots } from './district-slots.ts'
import * as measure from './measures.ts'
import { ENDS, REASONS } from './measures.ts'
import { PackedReader, PackedWriter } from './packed.ts'
import { RouteCounts } from './route-counts.ts'

const PACKED_VERSION = 2
/** Of this module's own; csv-bytes.ts says why. */
const { PICKUPS, DROPOFFS, PASSENGERS, DISTANCE, FARE, TIP, TOTAL, tierColumn } = measure
const COLUMNS = measure.MEASURES
export const UNCLASSIFIED_COLUMNS = ENDS.length * REASONS.length

export class BlockCounts {
  readonly panes: number
  /** Rows in use; row r has its measures at `values[r * MEASURES …]`. */
  rows = 0
  rowPanes = new Int32Array(8)
  rowSlots = new Int32Array(8)
  /** By pane × end × reason. */
  readonly unclassified: Float64Array
  /** Trips by origin and destination, in the pane of the dropoff. */
  readonly routes: RouteCounts
  deadLetters = 0
  /** Dead letters that were put back and are counted now. */
  redriven = 0
  #values = new Float64Array(8 * COLUMNS)
  /**
   * By row, what `values` still lacks. Trips of one moment end in many panes: of so many districts'
   * rows only a column stays in the processor's cache.
   */
  #newDropoffs = new Uint32Array(8)
  #hasNewDropoffs = false
  /** Row of (pane, slot) + 1, 0 where there is none. */
  #rowOf: Int32Array
  #slotCapacity: number

  constructor(panes: number, slots: number) {
    this.panes = panes
    this.routes = new RouteCounts(panes, slots)
    this.#slotCapacity = Math.max(8, slots)
    this.#rowOf = new Int32Array(panes * this.#slotCapacity)
    this.unclassified = new Float64Array(panes * UNCLASSIFIED_COLUMNS)
  }

  /** About what it takes in memory, beside a few objects. */
  get bytes(): number {
    const ofRows = this.rowPanes.length * (8 * COLUMNS + 3 * 4)
    return ofRows + this.#rowOf.byteLength + this.unclassified.byteLength + this.routes.bytes
  }

  /** Until a row is made, which may replace it by a larger array. */
  get values(): Float64Array {
    if (this.#hasNewDropoffs) {
      for (let row = 0; row < this.rows; row++) {
        this.#values[row * COLUMNS + DROPOFFS] += this.#newDropoffs[row]
      }
      this.#newDropoffs.fill(0)
      this.#hasNewDropoffs = false
    }
    return this.#values
  }

  /** Offset in `values` of the measures of (pane, slot), made when they are new. */
  row(pane: number, slot: number): number {
    return this.#row(pane, slot) * COLUMNS
  }

  #row(pane: number, slot: number): number {
    if (slot >= this.#slotCapacity) this.#growSlots(slot + 1)
    const at = pane * this.#slotCapacity + slot
    const known = this.#rowOf[at]
    if (known !== 0) return known - 1
    if (this.rows === this.rowPanes.length) this.#growRows()
    const row = this.rows++
    this.rowPanes[row] = pane
    this.rowSlots[row] = slot
    this.#rowOf[at] = row + 1
    return row
  }

  /** Amounts as the columns have them. */
  addPickup(
    pane: number,
    slot: number,
    passengers: number,
    distance: number,
    fare: number,
    tip: number,
    total: number,
  ): void {
    // The row comes first: making it may replace the array by a larger one.
    const at = this.#row(pane, slot) * COLUMNS
    const values = this.#values
    values[at + PICKUPS]++
    values[at + PASSENGERS] += passengers
    values[at + DISTANCE] += distance
    values[at + FARE] += fare
    values[at + TIP] += tip
    values[at + TOTAL] += total
    values[at + tierColumn(fare, tip, total)]++
  }

  addDropoff(pane: number, slot: number): void {
    const row = this.#row(pane, slot)
    this.#newDropoffs[row]++
    this.#hasNewDropoffs = true
  }

  addUnclassified(pane: number, end: number, reason: number): void {
    this.unclassified[pane * UNCLASSIFIED_COLUMNS + end * REASONS.length + reason]++
  }

  /** Adds every count of `other`, which must have the same panes and slots. */
  add(other: BlockCounts, paneOffset = 0): void {
    const theirs = other.values
    for (let row = 0; row < other.rows; row++) {
      const to = this.row(other.rowPanes[row] + paneOffset, other.rowSlots[row])
      const from = row * COLUMNS
      for (let i = 0; i < COLUMNS; i++) this.#values[to + i] += theirs[from + i]
    }
    const shift = paneOffset * UNCLASSIFIED_COLUMNS
    for (let i = 0; i < other.unclassified.length; i++) {
      this.unclassified[shift + i] += other.unclassified[i]
    }
    this.routes.addAll(other.routes, paneOffset)
    this.deadLetters += other.deadLetters
    this.redriven += other.redriven
  }

  /** Canonical: equal counts give equal bytes, whatever the order they were added in. */
  pack(slots: DistrictSlots): Uint8Array {
    const writer = new PackedWriter()
    const order = Array.from({ length: this.rows }, (_, row) => row)
    const inUse = new Uint8Array(slots.size)
    for (const row of order) inUse[this.rowSlots[row]] = 1
    // A destination has a row of its own in the pane; an origin may not.
    this.routes.each((_pane, origin, destination) => {
      inUse[origin] = 1
      inUse[destination] = 1
    })
    const used: number[] = []
    for (let slot = 0; slot < slots.size; slot++) if (inUse[slot] === 1) used.push(slot)
    used.sort((a, b) => (slots.ids[a] < slots.ids[b] ? -1 : 1))
    const local = new Int32Array(slots.size)
    used.forEach((slot, index) => {
      local[slot] = index
    })
    const indexOf = (row: number): number => local[this.rowSlots[row]]
    order.sort((a, b) => this.rowPanes[a] - this.rowPanes[b] || indexOf(a) - indexOf(b))

    writer.unsigned(PACKED_VERSION)
    writer.unsigned(this.panes)
    writer.unsigned(this.deadLetters)
    writer.unsigned(this.redriven)
    writer.unsigned(used.length)
    for (const slot of used) writer.text(slots.ids[slot])
    let unclassified = 0
    for (const count of this.unclassified) if (count !== 0) unclassified++
    writer.unsigned(unclassified)
    this.unclassified.forEach((count, index) => {
      if (count === 0) return
      writer.unsigned(index)
      writer.unsigned(count)
    })
    writer.unsigned(this.rows)
    const { values } = this
    for (const row of order) {
      writer.unsigned(this.rowPanes[row])
      writer.unsigned(indexOf(row))
      const from = row * COLUMNS
      let mask = 0
      for (let i = 0; i < COLUMNS; i++) if (values[from + i] !== 0) mask |= 1 << i
      writer.unsigned(mask)
      for (let i = 0; i < COLUMNS; i++) {
        if (values[from + i] !== 0) writer.signed(values[from + i])
      }
    }
    this.routes.pack(writer, used, local)
    return writer.finish()
  }

  static unpack(bytes: Uint8Array, slots: DistrictSlots): BlockCounts {
    const reader = new PackedReader(bytes)
    const version = reader.unsigned()
    if (version !== PACKED_VERSION) {
      throw new HailstreamError('CORRUPT', {
        subject: 'Partial counts',
        got: `version ${version}`,
        expected: `version ${PACKED_VERSION}`,
        fix: 'Use the release that wrote this table, or count into another one.',
      })
    }
    const counts = new BlockCounts(reader.unsigned(), slots.size)
    counts.deadLetters = reader.unsigned()
    counts.redriven = reader.unsigned()
    const local = Array.from({ length: reader.unsigned() }, () => slots.slotOf(reader.text()))
    for (let left = reader.unsigned(); left > 0; left--) {
      const index = reader.unsigned()
      counts.unclassified[index] = reader.unsigned()
    }
    for (let left = reader.unsigned(); left > 0; left--) {
      const pane = reader.unsigned()
      const to = counts.row(pane, local[reader.unsigned()])
      const mask = reader.unsigned()
      for (let i = 0; i < COLUMNS; i++) {
        if ((mask & (1 << i)) !== 0) counts.#values[to + i] += reader.signed()
      }
    }
    counts.routes.unpack(reader, local)
    return counts
  }

  #growRows(): void {
    const capacity = this.rowPanes.length * 2
    const values = new Float64Array(capacity * COLUMNS)
    values.set(this.#values)
    const panes = new Int32Array(capacity)
    panes.set(this.rowPanes)
    const slots = new Int32Array(capacity)
    slots.set(this.rowSlots)
    const newDropoffs = new Uint32Array(capacity)
    newDropoffs.set(this.#newDropoffs)
    this.#values = values
    this.#newDropoffs = newDropoffs
    this.rowPanes = panes
    this.rowSlots = slots
  }

  #growSlots(least: number): void {
    const capacity = Math.max(least, this.#slotCapacity * 2)
    const rowOf = new Int32Array(this.panes * capacity)
    for (let row = 0; row < this.rows; row++) {
      rowOf[this.rowPanes[row] * capacity + this.rowSlots[row]] = row + 1
    }
    this.#rowOf = rowOf
    this.#slotCapacity = capacity
  }
}
