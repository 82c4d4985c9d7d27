/**
 * How fast CSV becomes records, beside csv-parse on the same bytes: `npm run bench:csv [-- --json]`.
 *
 * One operation is one row of a 2015 yellow file: 19 columns from bytes to an 80-byte record. The
 * peer only splits its rows into strings. `long` has coordinates of 17 digits, as 2016 does. Ours
 * reads the 15,000 rows thirty times a round, the peer once.
 */
import { parse } from 'csv-parse/sync'
import { seededRandom } from '../src/time/random.ts'
import { CsvReader } from '../src/trips/csv-reader.ts'
import type { RowSink } from '../src/trips/row-sink.ts'
import { TRIP_RECORD_BYTES } from '../src/trips/trip-record.ts'
import { ZoneWriter } from '../src/trips/zone-id.ts'
import { yellowCsv } from './csv/yellow.ts'
import { benchOptions, measured, rowsOf, scaled } from './report.ts'
import { compete } from './rounds.ts'

const ROWS = 15_000
const PASSES = 30
const CHUNK_BYTES = 256 * 1024

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

const { rounds, print } = benchOptions()
for (const [name, digits] of [
  ['short', (degrees: number) => degrees.toFixed(6)],
  ['long', (degrees: number) => Math.fround(degrees).toPrecision(17)],
] as const) {
  const csv = yellowCsv(ROWS, seededRandom(1), digits)
  const standings = await compete(
    [
      { name: 'hailstream', run: () => readAll(csv) },
      { name: 'csv-parse', run: () => checked((parse(csv) as unknown[]).length - 1) },
    ],
    { rounds },
  )
  for (const row of rowsOf(`CSV, ${name}`, standings, { factor: 1e-6, unit: 'M rows/s' }))
    print(row)
  const bytesPerRow = csv.length / ROWS
  print(measured(`CSV, ${name}, bytes`, scaled(standings[0].rate, bytesPerRow / 1e6), 'MB/s'))
}

function readAll(csv: Buffer): number {
  for (let pass = 0; pass < PASSES; pass++) {
    const sink = new CountingSink()
    const reader = new CsvReader({ file: 'bench.csv', sink, zones: new ZoneWriter() })
    for (let at = 0; at < csv.length; at += CHUNK_BYTES) {
      reader.push(csv.subarray(at, at + CHUNK_BYTES))
    }
    reader.end()
    checked(sink.trips)
  }
  return PASSES * ROWS
}

function checked(rows: number): number {
  if (rows !== ROWS) throw new Error(`${rows} rows of ${ROWS}`)
  return rows
}
