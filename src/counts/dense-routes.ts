/** Trips by pane, origin and destination where many pairs of districts meet: a cell for each. */

export class DenseRoutes {
  /** How many (pane, origin, destination) there are. */
  size = 0
  readonly #slots: number
  readonly #trips: Int32Array

  constructor(panes: number, slots: number) {
    this.#slots = slots
    this.#trips = new Int32Array(panes * slots * slots)
  }

  /** What such a table takes in memory. */
  static bytesFor(panes: number, slots: number): number {
    return panes * slots * slots * Int32Array.BYTES_PER_ELEMENT
  }

  get bytes(): number {
    return this.#trips.byteLength
  }

  /** False where a slot is beyond the table; nothing is added then. */
  add(pane: number, origin: number, destination: number, trips: number): boolean {
    if (origin >= this.#slots || destination >= this.#slots) return false
    const at = (pane * this.#slots + origin) * this.#slots + destination
    const before = this.#trips[at]
    if (before === 0) this.size++
    this.#trips[at] = before + trips
    return true
  }

  /** In the order of pane, origin, destination. */
  each(visit: (pane: number, origin: number, destination: number, trips: number) => void): void {
    for (let at = 0; at < this.#trips.length; at++) {
      const trips = this.#trips[at]
      if (trips === 0) continue
      const from = Math.floor(at / this.#slots)
      visit(Math.floor(from / this.#slots), from % this.#slots, at % this.#slots, trips)
    }
  }
}
