/**
 * Trips of one block by pane, origin and destination: a sparse table with open addressing. Most
 * pairs of districts never meet, and those that do are met again and again.
 */
import type { PackedReader, PackedWriter } from './packed.ts'

/** Slots stay below 2^22 and panes below 64, so that both fit an integer of 32 bits. */
const SLOT_BITS = 22
const SLOT_MASK = (1 << SLOT_BITS) - 1
/** A cell: pane and origin, destination, trips. */
const WORDS = 3
/** As the first word of a cell. */
const EMPTY = 0
/** Cells; a power of two. */
const FIRST_CAPACITY = 64

export class RouteCounts {
  /** How many (pane, origin, destination) there are. */
  size = 0
  #capacity = FIRST_CAPACITY
  #cells = new Int32Array(FIRST_CAPACITY * WORDS)

  /** What it takes in memory. */
  get bytes(): number {
    return this.#cells.byteLength
  }

  /** Of one pair in one pane up to 2^31 trips. */
  add(pane: number, origin: number, destination: number, trips: number): void {
    const from = fromOf(pane, origin)
    const at = this.#find(from, destination)
    const cells = this.#cells
    if (cells[at] === EMPTY) {
      cells[at] = from
      cells[at + 1] = destination
      this.size++
    }
    cells[at + 2] += trips
    if (this.size * 3 > this.#capacity * 2) this.#grow()
  }

  get(pane: number, origin: number, destination: number): number {
    return this.#cells[this.#find(fromOf(pane, origin), destination) + 2]
  }

  /** In no particular order. */
  each(visit: (pane: number, origin: number, destination: number, trips: number) => void): void {
    const cells = this.#cells
    for (let at = 0; at < cells.length; at += WORDS) {
      if (cells[at] === EMPTY) continue
      const from = cells[at] - 1
      visit(from >> SLOT_BITS, from & SLOT_MASK, cells[at + 1], cells[at + 2])
    }
  }

  addAll(other: RouteCounts, paneOffset = 0): void {
    other.each((pane, origin, destination, trips) => {
      this.add(pane + paneOffset, origin, destination, trips)
    })
  }

  /**
   * Canonical, in the order of pane, origin, destination: the gap to the pair before, twice, and one
   * more where a number of trips beyond the first follows. A pair that met once takes a byte or two.
   * `slots` are those of the packed block's ids, in its order; `local` is slot → place among them.
   */
  pack(writer: PackedWriter, slots: readonly number[], local: Int32Array): void {
    const codes = new Float64Array(this.size)
    let entries = 0
    this.each((pane, origin, destination) => {
      const from = pane * slots.length + local[origin]
      codes[entries++] = from * slots.length + local[destination]
    })
    codes.sort()
    writer.unsigned(entries)
    let next = 0
    for (const code of codes) {
      const trips = this.#tripsOf(code, slots)
      const isMany = trips > 1
      writer.unsigned((code - next) * 2 + (isMany ? 1 : 0))
      if (isMany) writer.unsigned(trips - 2)
      next = code + 1
    }
  }

  /** Reads what `pack` wrote, by the slots that the packed ids have now. */
  unpack(reader: PackedReader, slots: readonly number[]): void {
    let next = 0
    for (let left = reader.unsigned(); left > 0; left--) {
      const head = reader.unsigned()
      const isMany = head % 2 === 1
      const code = next + (isMany ? head - 1 : head) / 2
      const trips = isMany ? reader.unsigned() + 2 : 1
      const from = Math.floor(code / slots.length)
      const pane = Math.floor(from / slots.length)
      this.add(pane, slots[from % slots.length], slots[code % slots.length], trips)
      next = code + 1
    }
  }

  #tripsOf(code: number, slots: readonly number[]): number {
    const from = Math.floor(code / slots.length)
    const pane = Math.floor(from / slots.length)
    return this.get(pane, slots[from % slots.length], slots[code % slots.length])
  }

  /** Where the cell of the pair is, or would be. */
  #find(from: number, destination: number): number {
    const cells = this.#cells
    const mask = this.#capacity - 1
    let cell = hash(from, destination) & mask
    for (;;) {
      const at = cell * WORDS
      const there = cells[at]
      if (there === EMPTY || (there === from && cells[at + 1] === destination)) return at
      cell = (cell + 1) & mask
    }
  }

  #grow(): void {
    const before = this.#cells
    this.#capacity *= 2
    this.#cells = new Int32Array(this.#capacity * WORDS)
    for (let i = 0; i < before.length; i += WORDS) {
      if (before[i] === EMPTY) continue
      const at = this.#find(before[i], before[i + 1])
      this.#cells[at] = before[i]
      this.#cells[at + 1] = before[i + 1]
      this.#cells[at + 2] = before[i + 2]
    }
  }
}

/** Never EMPTY. */
function fromOf(pane: number, origin: number): number {
  return ((pane << SLOT_BITS) | origin) + 1
}

/** Spreads neighbouring panes and slots over all bits; odd factors without a pattern. */
function hash(from: number, destination: number): number {
  let bits = Math.imul(from, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 15), 0x2c1b3c6d)
  return bits ^ (bits >>> 13)
}
