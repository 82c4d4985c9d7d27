import { CursorHeap, RunCursor } from './run-merge.ts'
import { RunFile } from './run-file.ts'
import { RECORD_WORDS, RecordSlabs } from './record-slabs.ts'
import { releaseTimeReader } from './release-time.ts'
import { sortOrder } from './sort-order.ts'
import type { ReleaseOrder } from './trip.ts'
import { TRIP_RECORD_BYTES } from './trip-record.ts'

/** Some records in release order. */
export interface TripSlab {
  /** `count` × 80 bytes. The caller may write to them; they hold until the next slab is asked for. */
  bytes: Uint8Array
  count: number
}

export interface SortedTrips {
  /** All records in order; may be asked for again. */
  slabs(): AsyncIterable<TripSlab>
  /** Gives memory and temporary files back. */
  close(): Promise<void>
}

export interface TripSorterOptions {
  order: ReleaseOrder
  /** Bytes of records held in memory before they go to a temporary file. */
  memoryBytes: number
  tempDir?: string | undefined
}

const OUT_RECORDS = 4096

/** Puts records in the order of their release time; records of one time stay in the order given. */
export class TripSorter {
  readonly records = new RecordSlabs()
  readonly #order: ReleaseOrder
  readonly #memoryBytes: number
  readonly #tempDir: string | undefined
  #file: RunFile | undefined

  constructor({ order, memoryBytes, tempDir }: TripSorterOptions) {
    this.#order = order
    this.#memoryBytes = memoryBytes
    this.#tempDir = tempDir
  }

  /** Writes the records to the temporary file when they exceed their memory; call between batches. */
  async relieve(): Promise<void> {
    if (this.records.count * TRIP_RECORD_BYTES >= this.#memoryBytes) await this.#spill()
  }

  /** No more records come. */
  async finish(): Promise<SortedTrips> {
    if (this.#file === undefined) return sortedInMemory(this.records)
    await this.#spill()
    return sortedInFile(this.#file, this.#order, this.#memoryBytes)
  }

  /** Gives up, also what `finish` has given. */
  async abandon(): Promise<void> {
    await this.#file?.close()
  }

  async #spill(): Promise<void> {
    if (this.records.count === 0) return
    this.#file ??= await RunFile.create(this.#tempDir)
    await this.#file.append(copies(this.records, sortOrder(this.records.times())))
    this.records.clear()
  }
}

/** The records in order, a part at a time, all in the same memory. */
function* copies(records: RecordSlabs, order: Uint32Array | undefined): Iterable<Uint8Array> {
  const words = new Uint32Array(OUT_RECORDS * RECORD_WORDS)
  const bytes = new Uint8Array(words.buffer)
  for (let from = 0; from < records.count; from += OUT_RECORDS) {
    const to = Math.min(from + OUT_RECORDS, records.count)
    records.copy(order, from, to, words)
    yield bytes.subarray(0, (to - from) * TRIP_RECORD_BYTES)
  }
}

function sortedInMemory(records: RecordSlabs): SortedTrips {
  const order = sortOrder(records.times())
  return {
    async *slabs() {
      for (const bytes of copies(records, order)) {
        yield { bytes, count: bytes.length / TRIP_RECORD_BYTES }
      }
    },
    async close() {
      records.clear()
    },
  }
}

function sortedInFile(file: RunFile, order: ReleaseOrder, memoryBytes: number): SortedTrips {
  const timeAt = releaseTimeReader(order)
  const share = Math.floor(memoryBytes / (2 * file.runs.length * TRIP_RECORD_BYTES))
  const bufferRecords = Math.min(Math.max(share, 64), OUT_RECORDS)
  return {
    async *slabs() {
      const cursors = file.runs.map((run) => new RunCursor(file, run, bufferRecords, timeAt))
      for (const cursor of cursors) await cursor.fill()
      const heap = new CursorHeap(cursors)
      const words = new Uint32Array(OUT_RECORDS * RECORD_WORDS)
      const bytes = new Uint8Array(words.buffer)
      let count = 0
      for (let next = heap.least; next >= 0; next = heap.least) {
        const cursor = cursors[next]
        cursor.take(words, count * RECORD_WORDS)
        if (cursor.isEmpty) await cursor.fill()
        heap.settle()
        if (++count < OUT_RECORDS) continue
        yield { bytes, count }
        count = 0
      }
      if (count > 0) yield { bytes: bytes.subarray(0, count * TRIP_RECORD_BYTES), count }
    },
    close: () => file.close(),
  }
}
