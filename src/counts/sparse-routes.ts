/**
 * Trips by pane, origin and destination where most pairs of districts never meet: a table with open
 * addressing.
 */

/** Slots stay below 2^22 and panes below 64, so that both fit an integer of 32 bits. */
const SLOT_BITS = 22
const SLOT_MASK = (1 << SLOT_BITS) - 1
/** A cell: pane and origin, destination, trips. */
const WORDS = 3
/** As the first word of a cell. */
const EMPTY = 0
const FEWEST_CELLS = 64
/** A trip of `addTrips`: pane, origin, destination. */
const TRIP_WORDS = 3
/** Trips whose cells are touched before one is added. */
const TOUCHED = 32

export class SparseRoutes {
  /** How many (pane, origin, destination) there are. */
  size = 0
  readonly #capacity: number
  readonly #room: number
  readonly #cells: Int32Array
  /** What was touched goes here, or the compiler would leave the touching out. */
  readonly #touched = new Int32Array(1)

  /** With room for `size` of them. */
  constructor(size: number) {
    this.#capacity = capacityFor(size)
    this.#room = roomIn(this.#capacity)
    this.#cells = new Int32Array(this.#capacity * WORDS)
  }

  /** What a table with room for `size` takes in memory. */
  static bytesFor(size: number): number {
    return capacityFor(size) * WORDS * Int32Array.BYTES_PER_ELEMENT
  }

  get bytes(): number {
    return this.#cells.byteLength
  }

  /** False where there is no room for another pair; nothing is added then. */
  add(pane: number, origin: number, destination: number, trips: number): boolean {
    const from = fromOf(pane, origin)
    const at = this.#find(from, destination)
    const cells = this.#cells
    if (cells[at] === EMPTY) {
      if (this.size === this.#room) return false
      cells[at] = from
      cells[at + 1] = destination
      this.size++
    }
    cells[at + 2] += trips
    return true
  }

  /**
   * Adds trips, three words each, from `start` on. Answers where it came: short of `end` when there
   * is no room for the pair of the next.
   */
  addTrips(trips: Int32Array, start: number, end: number): number {
    for (let at = start; at < end;) {
      const next = Math.min(end, at + TOUCHED * TRIP_WORDS)
      this.#touch(trips, at, next)
      for (; at < next; at += TRIP_WORDS) {
        if (!this.add(trips[at], trips[at + 1], trips[at + 2], 1)) return at
      }
    }
    return end
  }

  /** Cells lie anywhere in memory: so the processor waits for many of them at the same time. */
  #touch(trips: Int32Array, start: number, end: number): void {
    const cells = this.#cells
    const mask = this.#capacity - 1
    let touched = 0
    for (let at = start; at < end; at += TRIP_WORDS) {
      const cell = hash(fromOf(trips[at], trips[at + 1]), trips[at + 2]) & mask
      touched ^= cells[cell * WORDS]
    }
    this.#touched[0] = touched
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
}

/** Cells; a power of two. */
function capacityFor(size: number): number {
  let capacity = FEWEST_CELLS
  while (roomIn(capacity) < size) capacity *= 2
  return capacity
}

/** With more than two thirds of the cells in use the way to one gets long. */
function roomIn(capacity: number): number {
  return Math.ceil((capacity * 2) / 3)
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
