import type { ReleaseTimeAt } from './release-time.ts'
import type { Run, RunFile } from './run-file.ts'
import { RECORD_WORDS } from './record-slabs.ts'
import { TRIP_RECORD_BYTES } from './trip-record.ts'

/** Reads one run in pieces and knows the release time of its next record. */
export class RunCursor {
  /** Release time of the next record; Infinity behind the last. */
  time = Infinity
  readonly #file: RunFile
  readonly #run: Run
  readonly #timeAt: ReleaseTimeAt
  readonly #bytes: Uint8Array
  readonly #words: Uint32Array
  readonly #view: DataView
  #position: number
  #filled = 0
  #offset = 0

  constructor(file: RunFile, run: Run, bufferRecords: number, timeAt: ReleaseTimeAt) {
    this.#file = file
    this.#run = run
    this.#timeAt = timeAt
    const buffer = new ArrayBuffer(bufferRecords * TRIP_RECORD_BYTES)
    this.#bytes = new Uint8Array(buffer)
    this.#words = new Uint32Array(buffer)
    this.#view = new DataView(buffer)
    this.#position = run.start
  }

  /** Whether `fill` must be called before the next record can be seen. */
  get isEmpty(): boolean {
    return this.#offset >= this.#filled && this.#position < this.#run.end
  }

  async fill(): Promise<void> {
    this.#filled = await this.#file.read(this.#bytes, this.#position, this.#run.end)
    this.#position += this.#filled
    this.#offset = 0
    this.#look()
  }

  /** Copies the next record to word `at` of `target` and moves on. */
  take(target: Uint32Array, at: number): void {
    let word = this.#offset >>> 2
    for (const end = word + RECORD_WORDS; word < end; word++) target[at++] = this.#words[word]
    this.#offset += TRIP_RECORD_BYTES
    this.#look()
  }

  #look(): void {
    this.time = this.#offset < this.#filled ? this.#timeAt(this.#view, this.#offset) : Infinity
  }
}

/** Which cursor of `cursors` is next: the earliest, the first of equals. -1 when all have ended. */
export class CursorHeap {
  readonly #cursors: readonly RunCursor[]
  readonly #heap: number[] = []

  constructor(cursors: readonly RunCursor[]) {
    this.#cursors = cursors
    cursors.forEach((_, index) => this.#heap.push(index))
    for (let place = this.#heap.length >>> 1; place >= 0; place--) this.#sink(place)
  }

  /** The index of the cursor whose record is next; -1 when there is none. */
  get least(): number {
    const index = this.#heap.at(0) ?? -1
    return index < 0 || this.#cursors[index].time === Infinity ? -1 : index
  }

  /** To be called when the least cursor has moved on. */
  settle(): void {
    this.#sink(0)
  }

  #sink(place: number): void {
    const heap = this.#heap
    for (;;) {
      let child = 2 * place + 1
      if (child >= heap.length) return
      if (child + 1 < heap.length && this.#before(heap[child + 1], heap[child])) child++
      if (!this.#before(heap[child], heap[place])) return
      ;[heap[place], heap[child]] = [heap[child], heap[place]]
      place = child
    }
  }

  #before(a: number, b: number): boolean {
    const timeA = this.#cursors[a].time
    const timeB = this.#cursors[b].time
    return timeA < timeB || (timeA === timeB && a < b)
  }
}
