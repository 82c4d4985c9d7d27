import { TRIP_RECORD_BYTES } from './trip-record.ts'

const BYTES = TRIP_RECORD_BYTES
const WORDS = BYTES / 4
export const RECORD_WORDS = WORDS

/** Records of a slab: a power of two, 640 KiB. */
const SLAB_SHIFT = 13
const SLAB_RECORDS = 1 << SLAB_SHIFT
/** Records that are touched before they are copied. */
const TOUCHED = 64

interface Slab {
  readonly bytes: Uint8Array
  readonly view: DataView
  /** For copying: as integers, since a float may change its bits when it is copied. */
  readonly words: Uint32Array
  readonly times: Float64Array
}

/** Records and their release times, in memory, in slabs that are used again. */
export class RecordSlabs {
  count = 0
  /** The slot for the next record. */
  view: DataView
  bytes: Uint8Array
  offset = 0
  readonly #slabs: Slab[] = []

  constructor() {
    const slab = this.#slab(0)
    this.view = slab.view
    this.bytes = slab.bytes
  }

  /** Keeps the record in the slot, to be released at `time`. */
  keep(time: number): void {
    const slab = this.#slabs[this.count >>> SLAB_SHIFT]
    slab.times[this.count & (SLAB_RECORDS - 1)] = time
    this.count++
    this.offset += BYTES
    if ((this.count & (SLAB_RECORDS - 1)) === 0) this.#open()
  }

  /** Forgets the records, not the memory. */
  clear(): void {
    this.count = 0
    this.#open()
  }

  times(): Float64Array {
    const times = new Float64Array(this.count)
    for (let start = 0; start < this.count; start += SLAB_RECORDS) {
      const slab = this.#slabs[start >>> SLAB_SHIFT]
      times.set(slab.times.subarray(0, Math.min(SLAB_RECORDS, this.count - start)), start)
    }
    return times
  }

  /** Copies the records `from` … `to` of `order` (of the given order when undefined) to `target`. */
  copy(order: Uint32Array | undefined, from: number, to: number, target: Uint32Array): void {
    let out = 0
    for (let start = from; start < to; start += TOUCHED) {
      const end = Math.min(start + TOUCHED, to)
      // The first record is copied over it; kept nowhere, the compiler would leave it out.
      if (order !== undefined) target[out] = this.#touch(order, start, end)
      for (let place = start; place < end; place++) {
        const index = order === undefined ? place : order[place]
        const { words } = this.#slabs[index >>> SLAB_SHIFT]
        let word = (index & (SLAB_RECORDS - 1)) * WORDS
        for (const last = word + WORDS; word < last; word++) target[out++] = words[word]
      }
    }
  }

  /**
   * Touches records that lie anywhere in memory, so that the processor waits for many of them at the
   * same time; to copy one after the other takes twice as long.
   */
  #touch(order: Uint32Array, from: number, to: number): number {
    let touched = 0
    for (let place = from; place < to; place++) {
      const index = order[place]
      const { words } = this.#slabs[index >>> SLAB_SHIFT]
      const word = (index & (SLAB_RECORDS - 1)) * WORDS
      touched ^= words[word] ^ words[word + WORDS - 1]
    }
    return touched
  }

  #open(): void {
    const slab = this.#slab(this.count >>> SLAB_SHIFT)
    this.view = slab.view
    this.bytes = slab.bytes
    this.offset = 0
  }

  #slab(index: number): Slab {
    const known = this.#slabs.at(index)
    if (known !== undefined) return known
    const buffer = new ArrayBuffer(SLAB_RECORDS * BYTES)
    const slab = {
      bytes: new Uint8Array(buffer),
      view: new DataView(buffer),
      words: new Uint32Array(buffer),
      times: new Float64Array(SLAB_RECORDS),
    }
    this.#slabs.push(slab)
    return slab
  }
}
