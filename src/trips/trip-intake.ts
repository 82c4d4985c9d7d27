import type { Quarantine } from './quarantine.ts'
import type { RecordSlabs } from './record-slabs.ts'
import type { RejectReason, RowSink } from './row-sink.ts'
import { releaseTimeReader, type ReleaseTimeAt } from './release-time.ts'
import type { ReleaseOrder } from './trip.ts'

export interface TripIntakeOptions {
  records: RecordSlabs
  order: ReleaseOrder
  /** Window on the release time: from (inclusive) to (exclusive). */
  from: number
  to: number
  quarantine?: Quarantine | undefined
}

/** Takes the rows of all files in: keeps those in the window, and counts every one. */
export class TripIntake implements RowSink {
  trips = 0
  rejected = 0
  outsideWindow = 0
  zonesTooLong = 0
  readonly rejectedByReason: Partial<Record<RejectReason, number>> = {}
  firstTime = Infinity
  lastTime = -Infinity
  /** Base name of the file being read. */
  file = ''
  readonly #records: RecordSlabs
  readonly #releaseTimeAt: ReleaseTimeAt
  readonly #from: number
  readonly #to: number
  readonly #quarantine: Quarantine | undefined

  constructor({ records, order, from, to, quarantine }: TripIntakeOptions) {
    this.#records = records
    this.#releaseTimeAt = releaseTimeReader(order)
    this.#from = from
    this.#to = to
    this.#quarantine = quarantine
  }

  get rowsRead(): number {
    return this.trips + this.rejected + this.outsideWindow
  }

  get view(): DataView {
    return this.#records.view
  }

  get bytes(): Uint8Array {
    return this.#records.bytes
  }

  get offset(): number {
    return this.#records.offset
  }

  keep(zonesTooLong: number): void {
    const { view, offset } = this.#records
    const time = this.#releaseTimeAt(view, offset)
    if (time < this.#from || time >= this.#to) {
      this.outsideWindow++
      return
    }
    this.trips++
    this.zonesTooLong += zonesTooLong
    if (time < this.firstTime) this.firstTime = time
    if (time > this.lastTime) this.lastTime = time
    this.#records.keep(time)
  }

  reject(line: number, reason: RejectReason, raw: string): void {
    this.rejected++
    this.rejectedByReason[reason] = (this.rejectedByReason[reason] ?? 0) + 1
    this.#quarantine?.add({ file: this.file, line, reason, raw })
  }
}
