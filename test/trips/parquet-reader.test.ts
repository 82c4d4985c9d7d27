import { readFile } from 'node:fs/promises'
import * as assert from 'uvu/assert'
import { parseColumns } from '../../src/trips/column-map.ts'
import { readParquet } from '../../src/trips/parquet-reader.ts'
import { openTrips } from '../../src/trips/trip-source.ts'
import { ZoneWriter } from '../../src/trips/zone-id.ts'
import { suite } from '../support/suite.ts'
import {
  failure,
  goldenPath,
  HAS_SHARED_DATA,
  ListSink,
  NO_SHARED_DATA,
  sharedPath,
  tripsOf,
  utc,
} from './reading.ts'

const test = suite('the Parquet reader')

async function read(
  name: string,
  options: { columns?: string; batchRows?: number } = {},
): Promise<ListSink> {
  const { buffer, byteOffset, byteLength } = await readFile(goldenPath(name))
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength)
  const sink = new ListSink()
  await readParquet({
    file: name,
    buffer: { byteLength, slice: (start, end) => bytes.slice(start, end) },
    sink,
    zones: new ZoneWriter(),
    columns: options.columns === undefined ? undefined : parseColumns(options.columns),
    ...(options.batchRows !== undefined && { batchRows: options.batchRows }),
    onBatch: async () => undefined,
  })
  return sink
}

for (const kind of ['ms', 'us', 'ns', 'int96', 'text']) {
  test(`reads times held as ${kind}, cut to the millisecond, also before 1970`, async () => {
    const { trips, rejections } = await read(`times_${kind}.parquet`)
    assert.equal(
      trips.map(({ pickupTime }) => pickupTime),
      [utc('2025-01-05 00:00:00'), utc('2025-01-05 23:59:59.999'), -1],
    )
    assert.equal(
      rejections.map(({ line, reason }) => [line, reason]),
      [[4, kind === 'text' ? 'unreadable-pickup-time' : 'missing-pickup-time']],
    )
  })
}

test('reads doubles, integers, decimals, text and columns without any value by the same rules', async () => {
  const { trips, rejections } = await read('times_us.parquet')
  assert.equal(
    trips.map(({ pickup, dropoff }) => [pickup, dropoff]),
    [
      [
        { kind: 'zone', zone: '264' },
        { kind: 'zone', zone: '132' },
      ],
      [
        { kind: 'zone', zone: '' },
        { kind: 'zone', zone: '' },
      ],
      [
        { kind: 'zone', zone: '1' },
        { kind: 'zone', zone: 'EWR' },
      ],
    ],
  )
  assert.equal(
    trips.map(({ passengers, distance, fare, tip, total }) => [
      passengers,
      distance,
      fare,
      tip,
      total,
    ]),
    [
      [1, 330, 0, 125, 100],
      [0, 30, 0, 0, -200],
      [255, 0, 0, 0, 300],
    ],
  )
  const raw = JSON.parse(rejections[0].raw) as unknown
  assert.equal(raw, {
    tpep_pickup_datetime: null,
    passenger_count: 0,
    PULocationID: 2,
    DOLocationID: null,
    trip_distance: 0,
    fare_amount: null,
    tip_amount: null,
    total_amount: 4,
  })
})

test('reads high-volume trips, whose total is what the passenger paid', async () => {
  const { trips } = await read('hvfhv_2025.parquet')
  assert.equal(
    trips.map(({ distance, fare, tip, total }) => [distance, fare, tip, total]),
    [
      [235, 1010, 300, 2549],
      [0, -500, 0, -250],
      [101, 0, 1, 1],
    ],
  )
})

test('reads row groups a few rows at a time, columns with structure passed over', async () => {
  const { trips } = await read('row_groups.parquet')
  assert.equal(
    trips.map(({ fare }) => fare),
    Array.from({ length: 10 }, (_, i) => i * 100 + 5),
  )
  assert.equal(trips[9].pickup, { kind: 'position', lon: -73.5 - 9 / 64, lat: 40.7 + 9 / 1000 })
  assert.is(trips[9].pickupTime, utc('2025-01-01 00:03:00'))
  for (const batchRows of [1, 2, 3, 100]) {
    assert.equal((await read('row_groups.parquet', { batchRows })).trips, trips)
  }
})

test('says the row of a rejection, in whatever batch it was read', async () => {
  for (const batchRows of [1, 3]) {
    const { rejections } = await read('times_us.parquet', { batchRows })
    assert.equal(
      rejections.map(({ line }) => line),
      [4],
    )
  }
})

test('takes columns by name and by position', async () => {
  const named = 'pickupTime=pickup_datetime,total=Fare Amount'
  const placed = 'pickupTime=1,total=5'
  const byName = await read('row_groups.parquet', { columns: named })
  const byPosition = await read('row_groups.parquet', { columns: placed })
  assert.is(byName.trips[1].total, 105)
  assert.equal(byPosition.trips, byName.trips)
  const error = await failure(() => read('row_groups.parquet', { columns: 'pickupTime=6' }))
  assert.is(error.code, 'INPUT')
  assert.match(error.message, /position 6/)
})

test('does not take a bare number for a time, since nothing says what it counts', async () => {
  const { trips, rejections } = await read('epoch.parquet')
  assert.is(trips.length, 0)
  assert.is(rejections[0].reason, 'unreadable-pickup-time')
})

test('reads no rows from a file without rows', async () => {
  assert.equal((await read('no_rows.parquet')).trips, [])
})

const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

withData('gives the same trips as the CSV file of the same rows', async () => {
  const name = sharedPath('trips/yellow_2009-2015_fares_50k')
  const csv = await openTrips({ files: [`${name}.csv.gz`], order: 'pickup' })
  const parquet = await openTrips({ files: [`${name}.parquet`], order: 'pickup' })
  const [left, right] = [await tripsOf(csv.slabs()), await tripsOf(parquet.slabs())]
  assert.is(left.length, 50_000)
  assert.is(right.length, 50_000)
  left.forEach((trip, i) => {
    if (JSON.stringify(trip) !== JSON.stringify(right[i])) assert.equal(trip, right[i], `trip ${i}`)
  })
  await Promise.all([csv.close(), parquet.close()])
})

withData('reads a TLC file of location ids', async () => {
  const path = sharedPath('trips/zoneid_yellow_2018-10-31_10k.parquet')
  const source = await openTrips({ files: [path], order: 'pickup' })
  const trips = await tripsOf(source.slabs())
  assert.is(trips.length, 10_000)
  const first = trips.find(({ pickupTime }) => pickupTime === utc('2018-10-31 07:10:55'))
  assert.is(first?.dropoffTime, utc('2018-11-01 06:43:24'))
  assert.equal(first?.pickup, { kind: 'zone', zone: '211' })
  assert.equal([first?.distance, first?.fare, first?.tip, first?.total], [257, 1450, 474, 2054])
  assert.equal([source.summary.hasZones, source.summary.hasPositions], [true, false])
  await source.close()
})

test.run()
