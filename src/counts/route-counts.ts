/**
 * Trips of one block by pane, origin and destination: a sparse table with open addressing. Most
 * pairs of districts never meet, and those that do are met again and again.
 */
import type { PackedReader, PackedWriter } from './packed.ts'

/** Slots stay below this and panes below 64, so that a key is exact in a float64. */
const SLOTS = 2 ** 22
const EMPTY = 0
const FIRST_CAPACITY = 64

export class RouteCounts {
  /** How many (pane, origin, destination) there are. */
  size = 0
  /** A key or EMPTY, and beside it the trips; one cache line for both. */
  #cells = new Float64Array(FIRST_CAPACITY * 2)

  /** What it takes in memory. */
  get bytes(): number {
    return this.#cells.byteLength
  }

  add(pane: number, origin: number, destination: number, trips: number): void {
    const place = this.#find(pane, origin, destination)
    this.#cells[place + 1] += trips
    if (this.#cells[place] !== EMPTY) return
    this.#cells[place] = keyOf(pane, origin, destination)
    if (++this.size * 3 > this.#cells.length) this.#grow()
  }

  get(pane: number, origin: number, destination: number): number {
    return this.#cells[this.#find(pane, origin, destination) + 1]
  }

  /** In no particular order. */
  each(visit: (pane: number, origin: number, destination: number, trips: number) => void): void {
    for (let place = 0; place < this.#cells.length; place += 2) {
      if (this.#cells[place] === EMPTY) continue
      const key = this.#cells[place] - 1
      const pair = key % (SLOTS * SLOTS)
      const origin = Math.floor(pair / SLOTS)
      visit((key - pair) / (SLOTS * SLOTS), origin, pair % SLOTS, this.#cells[place + 1])
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

  /** Where the key of the pair is, or would be. */
  #find(pane: number, origin: number, destination: number): number {
    const cells = this.#cells
    const key = keyOf(pane, origin, destination)
    const mask = cells.length - 2
    let place = hash(pane, origin, destination) & mask
    while (cells[place] !== key && cells[place] !== EMPTY) place = (place + 2) & mask
    return place
  }

  #grow(): void {
    const before = this.#cells
    this.#cells = new Float64Array(before.length * 2)
    for (let i = 0; i < before.length; i += 2) {
      if (before[i] === EMPTY) continue
      const pair = (before[i] - 1) % (SLOTS * SLOTS)
      const pane = (before[i] - 1 - pair) / (SLOTS * SLOTS)
      const place = this.#find(pane, Math.floor(pair / SLOTS), pair % SLOTS)
      this.#cells[place] = before[i]
      this.#cells[place + 1] = before[i + 1]
    }
  }
}

function keyOf(pane: number, origin: number, destination: number): number {
  return (pane * SLOTS + origin) * SLOTS + destination + 1
}

/** Spreads neighbouring panes and slots over all bits; odd factors without a pattern. */
function hash(pane: number, origin: number, destination: number): number {
  let bits = Math.imul(origin, 0x9e3779b1) ^ Math.imul(destination, 0x85ebca6b)
  bits = Math.imul(bits ^ Math.imul(pane, 0xc2b2ae35) ^ (bits >>> 15), 0x2c1b3c6d)
  return bits ^ (bits >>> 13)
}
