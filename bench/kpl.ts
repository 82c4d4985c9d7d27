/**
 * KPL aggregates, both ways, beside the package that others use: `npm run bench:kpl [-- --json]`.
 *
 * Decode: one operation is one user record of 80 bytes found in an aggregate of 51 KB that comes as
 * base64 text (as GetRecords and Lambda deliver it), its MD5 checked. Encode: one user record of 80
 * bytes put into such an aggregate, MD5 included. All user records of an aggregate share one key.
 */
import { createRequire } from 'node:module'
import { UserRecords } from '../src/kinesis/aggregated-record.ts'
import { encodeAggregate } from '../src/kinesis/encode-aggregate.ts'
import { seededRandom } from '../src/time/random.ts'
import { benchOptions, rowsOf } from './report.ts'
import { compete } from './rounds.ts'

interface PeerRecord {
  partitionKey: string
  data: Buffer
}

interface AwsKinesisAgg {
  deaggregateSync(
    record: { partitionKey: string; sequenceNumber: string; data: string },
    computeChecksums: boolean,
    done: (error: Error | null | undefined, records?: { data: string }[]) => void,
  ): void
  RecordAggregator: new () => {
    addUserRecord(record: PeerRecord): void
    build(): { data: Buffer } | undefined
  }
}

const { deaggregateSync, RecordAggregator } = createRequire(import.meta.url)(
  'aws-kinesis-agg',
) as AwsKinesisAgg

const AGGREGATES = 340
const PER_AGGREGATE = 592
const OPERATIONS = AGGREGATES * PER_AGGREGATE
const KEY = 'lane-0'
const SCALE = { factor: 1e-6, unit: 'M records/s' }

const { rounds, print } = benchOptions()
const random = seededRandom(3)
const bytes = new Uint8Array(OPERATIONS * 80).map(() => Math.floor(random() * 256))
const groups = Array.from({ length: AGGREGATES }, (_, a) =>
  Array.from({ length: PER_AGGREGATE }, (_, i) => {
    const at = (a * PER_AGGREGATE + i) * 80
    return Buffer.from(bytes.buffer, at, 80)
  }),
)
const texts = groups.map((group) => Buffer.from(encodeAggregate(KEY, group)).toString('base64'))

const decoding = await compete(
  [
    { name: 'hailstream', run: decodeOurs },
    { name: 'aws-kinesis-agg', run: decodeTheirs },
  ],
  { rounds },
)
for (const row of rowsOf('KPL decode', decoding, SCALE)) print(row)
const encoding = await compete(
  [
    { name: 'hailstream', run: encodeOurs },
    { name: 'aws-kinesis-agg', run: encodeTheirs },
  ],
  { rounds },
)
for (const row of rowsOf('KPL encode', encoding, SCALE)) print(row)

function decodeOurs(): number {
  const records = new UserRecords()
  let found = 0
  for (const text of texts) {
    if (!records.read(Buffer.from(text, 'base64'))) throw new Error('not an aggregate')
    found += records.count
  }
  return checked(found)
}

function decodeTheirs(): number {
  let found = 0
  for (const data of texts) {
    deaggregateSync({ partitionKey: KEY, sequenceNumber: '1', data }, true, (error, records) => {
      if (error) throw error
      found += records?.length ?? 0
    })
  }
  return checked(found)
}

function encodeOurs(): number {
  let size = 0
  for (const group of groups) size += encodeAggregate(KEY, group).length
  return checked(size > bytes.length ? OPERATIONS : 0)
}

function encodeTheirs(): number {
  let size = 0
  for (const group of groups) {
    const aggregator = new RecordAggregator()
    for (const data of group) aggregator.addUserRecord({ partitionKey: KEY, data })
    size += aggregator.build()?.data.length ?? 0
  }
  return checked(size > bytes.length ? OPERATIONS : 0)
}

function checked(operations: number): number {
  if (operations !== OPERATIONS) throw new Error(`${operations} records of ${OPERATIONS}`)
  return operations
}
