/** What the tests of this folder read with: everything ends as plain trips and rejections. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { HailstreamError } from '../../src/errors.ts'
import type { ColumnMap } from '../../src/trips/column-map.ts'
import { CsvReader } from '../../src/trips/csv-reader.ts'
import type { Layout } from '../../src/trips/layouts.ts'
import { TripIntake } from '../../src/trips/trip-intake.ts'
import { RecordSlabs } from '../../src/trips/record-slabs.ts'
import type { RejectReason, RowSink } from '../../src/trips/row-sink.ts'
import { decodeTrip, encodeTrip, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import type { TripSlab } from '../../src/trips/trip-sorter.ts'
import type { Trip } from '../../src/trips/trip.ts'
import { ZoneWriter } from '../../src/trips/zone-id.ts'

export { HAS_SHARED_DATA, NO_SHARED_DATA, sharedPath } from '../geo/shared-data.ts'

export interface Rejection {
  line: number
  reason: RejectReason
  raw: string
}

/** A sink that keeps everything, in the order it came. */
export class ListSink implements RowSink {
  readonly trips: Trip[] = []
  readonly rejections: Rejection[] = []
  readonly offset = TRIP_RECORD_BYTES
  readonly bytes = new Uint8Array(3 * TRIP_RECORD_BYTES).fill(0xee)
  readonly view = new DataView(this.bytes.buffer)

  zonesTooLong = 0

  keep(zonesTooLong: number): void {
    this.zonesTooLong += zonesTooLong
    const trip = decodeTrip(this.view, this.offset)
    this.trips.push(trip)
    const slot = this.bytes.slice(this.offset, this.offset + TRIP_RECORD_BYTES)
    encodeTrip(trip, this.view, this.offset)
    const differs = slot.findIndex((byte, i) => byte !== this.bytes[this.offset + i])
    if (differs >= 0) throw new Error(`byte ${differs} of a record is not what the codec writes`)
    const around = [...this.bytes.subarray(0, 80), ...this.bytes.subarray(160)]
    if (around.some((byte) => byte !== 0xee))
      throw new Error('a record was written out of its slot')
    this.bytes.fill(0xee)
  }

  reject(line: number, reason: RejectReason, raw: string): void {
    this.rejections.push({ line, reason, raw })
  }
}

export interface ReadRows {
  trips: Trip[]
  rejections: Rejection[]
  layout: Layout | undefined
  zoneTooLong: number
}

/** Reads CSV given as text or bytes, in the pieces that `cut` makes of it. */
export function readCsv(
  csv: string | Uint8Array,
  columns?: ColumnMap,
  cut: (bytes: Uint8Array) => Iterable<Uint8Array> = (bytes) => [bytes],
): ReadRows {
  const sink = new ListSink()
  const reader = new CsvReader({ file: 'a.csv', sink, zones: new ZoneWriter(), columns })
  for (const piece of cut(typeof csv === 'string' ? Buffer.from(csv) : csv)) reader.push(piece)
  reader.end()
  const { trips, rejections } = sink
  return { trips, rejections, layout: reader.layout, zoneTooLong: sink.zonesTooLong }
}

export async function tripsOf(slabs: AsyncIterable<TripSlab>): Promise<Trip[]> {
  const trips: Trip[] = []
  for await (const { bytes, count } of slabs) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let i = 0; i < count; i++) trips.push(decodeTrip(view, i * TRIP_RECORD_BYTES))
  }
  return trips
}

/** The error that `work` is expected to fail with. */
export async function failure(work: () => unknown): Promise<HailstreamError> {
  try {
    await work()
  } catch (error) {
    if (error instanceof HailstreamError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** A file of this folder's `golden`. */
export function goldenPath(name: string): string {
  return resolve('test/trips/golden', name)
}

/** Name and content of each file of a gzipped tar. */
export function untar(path: string): Map<string, Buffer> {
  const tar = gunzipSync(readFileSync(path))
  const files = new Map<string, Buffer>()
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '')
    const size = parseInt(tar.toString('latin1', at + 124, at + 136), 8)
    const isFile = tar[at + 156] === 0x30 || tar[at + 156] === 0
    if (isFile) files.set(name, tar.subarray(at + 512, at + 512 + size))
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}

export function newIntake(options: Partial<ConstructorParameters<typeof TripIntake>[0]> = {}): {
  intake: TripIntake
  records: RecordSlabs
} {
  const records = new RecordSlabs()
  const intake = new TripIntake({
    records,
    order: 'pickup',
    from: -Infinity,
    to: Infinity,
    ...options,
  })
  return { intake, records }
}

export const utc = (text: string): number => Date.parse(`${text.replace(' ', 'T')}Z`)
