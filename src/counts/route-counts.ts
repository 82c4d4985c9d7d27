/**
 * Trips of one block by pane, origin and destination. Few of them are kept by those pairs of districts
 * that meet; once that takes a good part of what a cell for every pair would, by every pair: that is
 * faster to add to (docs/performance.md).
 */
import { DenseRoutes } from './dense-routes.ts'
import type { PackedReader, PackedWriter } from './packed.ts'
import { SparseRoutes } from './sparse-routes.ts'

/** How much more a cell for every pair may take. */
const DENSE_AT = 4
/** Trips that wait for others, at most. */
const MOST_WAITING = 1024
/** A trip that waits: pane, origin, destination. */
const TRIP_WORDS = 3

export class RouteCounts {
  readonly #panes: number
  #slots: number
  #table: SparseRoutes | DenseRoutes = new SparseRoutes(0)
  /**
   * Trips that are not in the table yet, pane, origin and destination of each. Added many at a time
   * they wait for memory together, not one after the other.
   */
  #waiting = new Int32Array(16 * TRIP_WORDS)
  #waitingWords = 0

  /** `slots` is how many there are so far; others may come. */
  constructor(panes: number, slots: number) {
    this.#panes = panes
    this.#slots = slots
  }

  /** How many (pane, origin, destination) there are. */
  get size(): number {
    this.#settle()
    return this.#table.size
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#table.bytes + this.#waiting.byteLength
  }

  /** Adds one trip. */
  addTrip(pane: number, origin: number, destination: number): void {
    if (this.#waitingWords === this.#waiting.length) this.#makeWaitingRoom()
    const at = this.#waitingWords
    this.#waiting[at] = pane
    this.#waiting[at + 1] = origin
    this.#waiting[at + 2] = destination
    this.#waitingWords = at + TRIP_WORDS
  }

  /** Of one pair in one pane up to 2^31 trips. */
  add(pane: number, origin: number, destination: number, trips: number): void {
    if (this.#table.add(pane, origin, destination, trips)) return
    this.#makeRoom(Math.max(origin, destination) + 1)
    this.#table.add(pane, origin, destination, trips)
  }

  get(pane: number, origin: number, destination: number): number {
    this.#settle()
    return this.#table.get(pane, origin, destination)
  }

  /** In no particular order. */
  each(visit: (pane: number, origin: number, destination: number, trips: number) => void): void {
    this.#settle()
    this.#table.each(visit)
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

  #makeWaitingRoom(): void {
    if (this.#waiting.length === MOST_WAITING * TRIP_WORDS) {
      this.#settle()
      return
    }
    const waiting = new Int32Array(2 * this.#waiting.length)
    waiting.set(this.#waiting)
    this.#waiting = waiting
  }

  /** Adds what waits. */
  #settle(): void {
    const words = this.#waitingWords
    this.#waitingWords = 0
    const trips = this.#waiting
    for (let at = 0; at < words;) {
      at = this.#table.addTrips(trips, at, words)
      if (at < words) this.#makeRoom(Math.max(trips[at + 1], trips[at + 2]) + 1)
    }
  }

  /** Another table, for twice as many routes and for `slots` at least. */
  #makeRoom(slots: number): void {
    const before = this.#table
    let needed = slots
    before.each((_pane, origin, destination) => {
      needed = Math.max(needed, origin + 1, destination + 1)
    })
    if (needed > this.#slots) this.#slots = Math.max(needed, 2 * this.#slots)
    const size = 2 * before.size
    const isDense =
      DenseRoutes.bytesFor(this.#panes, this.#slots) <= DENSE_AT * SparseRoutes.bytesFor(size)
    const table = isDense ? new DenseRoutes(this.#panes, this.#slots) : new SparseRoutes(size)
    before.each((pane, origin, destination, trips) => {
      table.add(pane, origin, destination, trips)
    })
    this.#table = table
  }
}
