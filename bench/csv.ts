/**
 * How fast CSV becomes records, beside csv-parse on the same bytes: `node dist/bench/csv.js`.
 * Rows are those of a 2015 yellow file; `long` has coordinates of 17 digits, as 2016 does.
 * The best of many short passes: on a shared machine the others measure the neighbours.
 */
import { parse } from 'csv-parse/sync'
import { seededRandom } from '../src/time/random.ts'
import { CsvReader } from '../src/trips/csv-reader.ts'
import type { RowSink } from '../src/trips/row-sink.ts'
import { TRIP_RECORD_BYTES } from '../src/trips/trip-record.ts'
import { ZoneWriter } from '../src/trips/zone-id.ts'

const HEADER =
  'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,' +
  'pickup_longitude,pickup_latitude,RateCodeID,store_and_fwd_flag,dropoff_longitude,' +
  'dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,' +
  'improvement_surcharge,total_amount\n'
const ROWS = 15_000
const CHUNK_BYTES = 256 * 1024

function csvOf(digits: (degrees: number) => string): Buffer {
  const random = seededRandom(1)
  const time = (millis: number): string => new Date(millis).toISOString().slice(0, 19)
  let csv = HEADER
  for (let i = 0; i < ROWS; i++) {
    const start = Date.UTC(2015, 0, 1) + Math.floor(random() * 31 * 86_400) * 1000
    const place = (): string => `${digits(-74 + random() / 10)},${digits(40.7 + random() / 10)}`
    const money = (most: number, places: number): string => (random() * most).toFixed(places)
    csv +=
      `2,${time(start)},${time(start + 600_000)},1,${money(10, 2)},${place()},1,N,${place()},1,` +
      `${money(50, 1)},0.5,0.5,${money(5, 2)},0,0.3,${money(60, 2)}\n`
  }
  return Buffer.from(csv)
}

class CountingSink implements RowSink {
  readonly bytes = new Uint8Array(TRIP_RECORD_BYTES)
  readonly view = new DataView(this.bytes.buffer)
  readonly offset = 0
  trips = 0

  keep(): void {
    this.trips++
  }

  reject(): void {
    throw new Error('a generated row was rejected')
  }
}

function readAll(csv: Buffer): void {
  const sink = new CountingSink()
  const reader = new CsvReader({ file: 'bench.csv', sink, zones: new ZoneWriter() })
  for (let at = 0; at < csv.length; at += CHUNK_BYTES) {
    reader.push(csv.subarray(at, at + CHUNK_BYTES))
  }
  reader.end()
  if (sink.trips !== ROWS) throw new Error(`${sink.trips} trips of ${ROWS}`)
}

/** Rows a second in the best of `passes`. */
function best(passes: number, work: () => void): number {
  let millis = Infinity
  for (let pass = 0; pass < passes; pass++) {
    const start = performance.now()
    work()
    millis = Math.min(millis, performance.now() - start)
  }
  return (ROWS / millis) * 1000
}

for (const [name, digits] of [
  ['short', (degrees: number) => degrees.toFixed(6)],
  ['long', (degrees: number) => Math.fround(degrees).toPrecision(17)],
] as const) {
  const csv = csvOf(digits)
  const ours = best(300, () => {
    readAll(csv)
  })
  const theirs = best(3, () => {
    parse(csv)
  })
  const megabytes = (ours * csv.length) / ROWS / 1e6
  console.log(
    `${name}: ${(ours / 1e6).toFixed(2)} M rows/s (${megabytes.toFixed(0)} MB/s), ` +
      `csv-parse ${(theirs / 1e6).toFixed(3)} M rows/s: ${(ours / theirs).toFixed(0)} times`,
  )
}
