/**
 * Trips by pane, origin and destination where most pairs of districts never meet: a list of those
 * before in order, and behind them those since as they came. To write to the end of a list and to
 * sort many at once takes a small part of what finding a pair's place in a large table does.
 */
import { sortOrder } from '../trips/sort-order.ts'

const ENTRY_BYTES = Float64Array.BYTES_PER_ELEMENT + Int32Array.BYTES_PER_ELEMENT

export class SortedRoutes {
  readonly #slots: number
  /** By entry: pane, origin and destination in one number, which orders them so; and the trips. */
  #codes: Float64Array
  #trips: Int32Array
  /** Entries in use, and how many of them are in order and all different. */
  #used = 0
  #sorted = 0

  /** For slots below `slots`, below 2^22, and panes below 128; with room for `room` entries. */
  constructor(slots: number, room: number) {
    this.#slots = slots
    this.#codes = new Float64Array(room)
    this.#trips = new Int32Array(room)
  }

  static bytesFor(room: number): number {
    return room * ENTRY_BYTES
  }

  get room(): number {
    return this.#codes.length
  }

  /** A list with more room, or for more slots. */
  enlarged(slots: number, room: number): SortedRoutes {
    const larger = new SortedRoutes(slots, room)
    this.#settle()
    if (slots === this.#slots) {
      larger.#codes.set(this.#codes.subarray(0, this.#used))
      larger.#trips.set(this.#trips.subarray(0, this.#used))
      larger.#used = this.#used
    } else {
      this.each((pane, origin, destination, trips) => {
        larger.add(pane, origin, destination, trips)
      })
    }
    larger.#sorted = larger.#used
    return larger
  }

  /** How many (pane, origin, destination) there are. */
  get size(): number {
    this.#settle()
    return this.#sorted
  }

  /** What it takes in memory. */
  get bytes(): number {
    return SortedRoutes.bytesFor(this.room)
  }

  /** False where a slot is beyond the list, or it is full; nothing is added then. */
  add(pane: number, origin: number, destination: number, trips: number): boolean {
    const slots = this.#slots
    const at = this.#used
    if (at === this.#codes.length || origin >= slots || destination >= slots) return false
    this.#codes[at] = (pane * slots + origin) * slots + destination
    this.#trips[at] = trips
    this.#used = at + 1
    return true
  }

  /** In the order of pane, origin, destination. */
  each(visit: (pane: number, origin: number, destination: number, trips: number) => void): void {
    this.#settle()
    const slots = this.#slots
    for (let at = 0; at < this.#sorted; at++) {
      const code = this.#codes[at]
      const from = Math.floor(code / slots)
      const pane = Math.floor(from / slots)
      visit(pane, from - pane * slots, code - from * slots, this.#trips[at])
    }
  }

  /** Puts all entries in order, one for each pair in a pane. */
  #settle(): void {
    if (this.#sorted === this.#used) return
    const [before, tripsBefore] = [this.#codes, this.#trips]
    const order = sortOrder(before.subarray(0, this.#used))
    const codes = new Float64Array(before.length)
    const trips = new Int32Array(before.length)
    let last = -1
    for (let place = 0; place < this.#used; place++) {
      const at = order === undefined ? place : order[place]
      if (last < 0 || codes[last] !== before[at]) codes[++last] = before[at]
      trips[last] += tripsBefore[at]
    }
    this.#codes = codes
    this.#trips = trips
    this.#sorted = this.#used = last + 1
  }
}
