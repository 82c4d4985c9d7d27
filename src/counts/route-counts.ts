/**
 * Trips of one block by pane, origin and destination. Few of them are kept by those pairs of districts
 * that meet; once that takes a good part of what a cell for every pair would, by every pair: that is
 * faster to add to (docs/performance.md).
 */
import { sortOrder } from '../trips/sort-order.ts'
import { DenseRoutes } from './dense-routes.ts'
import type { PackedReader, PackedWriter } from './packed.ts'
import { SortedRoutes } from './sorted-routes.ts'

/** How much more a cell for every pair may take, and how much at most: more is not in the cache. */
const DENSE_AT = 8
const MOST_DENSE_BYTES = 512 * 1024
const FEWEST = 8
/** Trips that are put in order together, at least, once there are so many. */
const TOGETHER = 1024

export class RouteCounts {
  readonly #panes: number
  #slots: number
  #table: SortedRoutes | DenseRoutes

  /** `slots` is how many there are so far; others may come. Panes are fewer than 128. */
  constructor(panes: number, slots: number) {
    this.#panes = panes
    this.#slots = slots
    this.#table = new SortedRoutes(slots, FEWEST)
  }

  /** How many (pane, origin, destination) there are. */
  get size(): number {
    return this.#table.size
  }

  /** What it takes in memory. */
  get bytes(): number {
    return this.#table.bytes
  }

  /** Of one pair in one pane up to 2^31 trips. Slots are below 2^22. */
  add(pane: number, origin: number, destination: number, trips: number): void {
    if (this.#table.add(pane, origin, destination, trips)) return
    this.#makeRoom(Math.max(origin, destination) + 1)
    this.#table.add(pane, origin, destination, trips)
  }

  /** In the order of pane, origin and destination. */
  each(visit: (pane: number, origin: number, destination: number, trips: number) => void): void {
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
    const { size } = this
    const codes = new Float64Array(size)
    const numbers = new Int32Array(size)
    let entries = 0
    this.each((pane, origin, destination, trips) => {
      numbers[entries] = trips
      const from = pane * slots.length + local[origin]
      codes[entries++] = from * slots.length + local[destination]
    })
    const order = sortOrder(codes)
    writer.unsigned(size)
    let next = 0
    for (let place = 0; place < size; place++) {
      const at = order === undefined ? place : order[place]
      const isMany = numbers[at] > 1
      writer.unsigned((codes[at] - next) * 2 + (isMany ? 1 : 0))
      if (isMany) writer.unsigned(numbers[at] - 2)
      next = codes[at] + 1
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

  /** Another table, for `slots` at least, and for three times as many trips as there are routes. */
  #makeRoom(slots: number): void {
    const before = this.#table
    if (slots > this.#slots) this.#slots = Math.max(slots, 2 * this.#slots)
    const { size } = before
    const denseBytes = DenseRoutes.bytesFor(this.#panes, this.#slots)
    const isDense =
      denseBytes <= MOST_DENSE_BYTES && denseBytes <= DENSE_AT * SortedRoutes.bytesFor(2 * size)
    if (!isDense && before instanceof SortedRoutes) {
      this.#table = before.enlarged(this.#slots, roomAfter(before.room, size))
      return
    }
    const table = isDense
      ? new DenseRoutes(this.#panes, this.#slots)
      : new SortedRoutes(this.#slots, roomAfter(size, size))
    before.each((pane, origin, destination, trips) => {
      table.add(pane, origin, destination, trips)
    })
    this.#table = table
  }
}

/** The room of a list that follows one of `room`, in which there were `size` routes. */
function roomAfter(room: number, size: number): number {
  return Math.max(4 * size, Math.min(4 * room, size + TOGETHER))
}
