import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'
import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/time/random.ts'
import { parseColumns } from '../../src/trips/column-map.ts'
import { FieldBytes } from '../../src/trips/csv-bytes.ts'
import { hundredths } from '../../src/trips/hundredths.ts'
import * as numberFields from '../../src/trips/number-fields.ts'
import { suite } from '../support/suite.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, readCsv, sharedPath } from './reading.ts'

const test = suite('numbers')

/** What the reader of a CSV file makes of `texts`, one a row. */
function degreesOf(texts: readonly string[]): number[] {
  const columns = parseColumns('pickupTime=1,pickupLon=2,pickupLat=3')
  const csv = texts.map((text) => `2016-01-01 00:00:00,${text},0`).join('\n')
  return readCsv(csv, columns).trips.map(({ pickup }) =>
    pickup.kind === 'position' ? pickup.lon : -999,
  )
}

function viewOf(text: string): DataView {
  const { bytes, view } = new FieldBytes(text.length + 64)
  bytes.write(text)
  return view
}

function expectedOf(text: string): number {
  const number = text.trim() === '' ? NaN : Number(text)
  return Number.isFinite(number) ? number : NaN
}

test('are what Number makes of their text', () => {
  const texts = [
    ...['0', '-0', '1', '1.0', '.5', '-.5', '5.', '00012', '1e3', '-1.5E-7', '+7', '.', '-', '--1'],
    ...['', ' ', ' 4 ', 'NA', 'NULL', 'nan', 'Infinity', '-1e999', '1.2.3', '1_5'],
    ...['999999999', '9999999999', '123456789.123456789', '123456789.1234567891'],
    ...['9007199254740993', '9007199254740992.5', '0.1', '0.30000000000000004'],
    ...['-73.941658020019531', '40.708339691162109', '-73.97410499999999', '0.000000000000000001'],
    ...['4503599627370496.5', '4503599627370497.5', '0.500000000000000166', '1.00000000000000011'],
    ...['0x1F', '1n', '1 2', '１', '1'.repeat(400), `0.${'0'.repeat(330)}1`],
  ]
  assert.equal(degreesOf(texts), texts.map(expectedOf))
})

test('are what Number makes of their text, for random digits of every length', () => {
  const random = seededRandom(7)
  const digits = (count: number): string =>
    Array.from({ length: count }, () => Math.floor(random() * 10)).join('')
  const texts: string[] = []
  for (let i = 0; i < 60_000; i++) {
    const sign = random() < 0.5 ? '-' : ''
    const whole = digits(Math.floor(random() * 10))
    texts.push(`${sign}${whole}.${digits(Math.floor(random() * (i % 2 === 0 ? 20 : 10)))}`)
  }
  const got = degreesOf(texts)
  texts.forEach((text, i) => {
    if (!Object.is(got[i], expectedOf(text))) assert.is(got[i], expectedOf(text), text)
  })
})

test('are what Number makes of their text, for all short texts of the characters that matter', () => {
  const texts = ['']
  for (let at = 0; texts[at].length < 5; at++) {
    for (const character of '059.-:é') texts.push(texts[at] + character)
  }
  const got = degreesOf(texts)
  const csv = texts.map((text) => `2016-01-01 00:00:00,${text}\n`).join('')
  const { trips } = readCsv(csv, parseColumns('pickupTime=1,fare=2'))
  texts.forEach((text, i) => {
    const expected = expectedOf(text)
    if (!Object.is(got[i], expected)) assert.is(got[i], expected, text)
    const { fare } = trips[i]
    if (fare !== hundredths(expected)) assert.is(fare, hundredths(expected), text)
  })
})

test('are exact next to the middle between two doubles, where rounding is hardest', () => {
  const random = seededRandom(11)
  const bits = new DataView(new ArrayBuffer(8))
  const texts: string[] = []
  for (let i = 0; i < 20_000; i++) {
    const value = random() * 10 ** Math.floor(random() * 6)
    bits.setFloat64(0, value)
    bits.setBigUint64(0, bits.getBigUint64(0) + 1n)
    const next = bits.getFloat64(0)
    // The middle has more digits than the fast path takes: its neighbours of 17 and 18 do not.
    const middle = (BigInt(Math.round(value * 1e18)) + BigInt(Math.round(next * 1e18))) / 2n
    for (const nudge of [-1n, 0n, 1n]) {
      const text = (middle / 10n + nudge).toString().padStart(18, '0')
      texts.push(`${text.slice(0, -17)}.${text.slice(-17)}`)
    }
  }
  const got = degreesOf(texts)
  texts.forEach((text, i) => {
    if (got[i] !== Number(text)) assert.is(got[i], Number(text), text)
  })
})

test('are nearly always read without making text of them', () => {
  const random = seededRandom(3)
  const out = new DataView(new ArrayBuffer(8))
  let slow = 0
  for (let i = 0; i < 10_000; i++) {
    const text = Math.fround(-74 + random()).toPrecision(17)
    if (numberFields.decimal(viewOf(`${text},`), 0, -1, out, 0) !== text.length) slow++
  }
  assert.is(slow, 0)
})

const CENTS: readonly [string, number][] = [
  ['1.005', 101],
  ['-1.005', -101],
  ['1.004999', 100],
  ['8.575', 858],
  ['0.005', 1],
  ['-0.004', 0],
  ['-.005', -1],
  ['5', 500],
  ['.00', 0],
  ['5.1', 510],
  ['5.', 500],
  ['3.2999999999999998', 330],
  ['0.29999999999999999', 30],
  ['1e2', 10_000],
  ['21474836.47', 2 ** 31 - 1],
  ['-21474836.47', -(2 ** 31 - 1)],
  ['21474836.48', 0],
  ['-21474836.48', 0],
  ['21474836.474', 2 ** 31 - 1],
  ['21474836.475', 0],
  ['3950611.6', 395_061_160],
  ['1e300', 0],
  ['$5', 0],
  ['NA', 0],
  ['', 0],
  ['Infinity', 0],
]

test('of money and miles become hundredths, half away from zero, by their decimal digits', () => {
  const csv = CENTS.map(([text]) => `2016-01-01 00:00:00,${text}\n`).join('')
  const { trips } = readCsv(csv, parseColumns('pickupTime=1,fare=2'))
  CENTS.forEach(([text, cents], i) => {
    assert.is(trips[i].fare, cents, text)
    if (text !== '') assert.is(hundredths(Number(text)), cents, text)
  })
})

test('become the same hundredths from bytes as from the double', () => {
  const out = new DataView(new ArrayBuffer(4))
  for (let mills = -30_000; mills <= 30_000; mills++) {
    const text = (mills / 1000).toFixed(mills % 10 === 0 ? 2 : 3)
    const expected = Math.sign(mills) * Math.floor((Math.abs(mills) + 5) / 10) || 0
    assert.is(hundredths(Number(text)), expected, text)
    const stop = numberFields.hundredths(viewOf(`${text}\n`), 0, -1, out, 0)
    assert.is(stop, mills % 10 === 0 ? text.length : -1, text)
    if (stop >= 0) assert.is(out.getInt32(0, true), expected, text)
  }
})

test('of passengers are cut to what a byte holds', () => {
  const counts = ['1', '1.0', '6', '2.9', '-1', '255', '256', '1e9', 'x', '', '12345678901']
  const csv = counts.map((text) => `2016-01-01 00:00:00,${text}\n`).join('')
  const { trips } = readCsv(csv, parseColumns('pickupTime=1,passengers=2'))
  assert.equal(
    trips.map(({ passengers }) => passengers),
    [1, 1, 6, 2, 0, 255, 255, 255, 0, 0, 255],
  )
})

const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

for (const name of [
  'yellow_2016-01_sample_10k',
  'green_2016-01_sample_10k',
  'yellow_2014_sample_10k',
  'yellow_2009-2015_fares_50k',
  'trips_2016-01_20k_sorted',
]) {
  withData(`of every row of ${name} are what csv-parse and Number make of them`, async () => {
    const path = sharedPath(`trips/${name}.csv.gz`)
    const pieces: Buffer[] = []
    for await (const piece of createReadStream(path).pipe(createGunzip())) {
      pieces.push(piece as Buffer)
    }
    const { trips, rejections } = readCsv(Buffer.concat(pieces))
    assert.equal(rejections, [])
    const parser = createReadStream(path)
      .pipe(createGunzip())
      .pipe(parse({ columns: (names: string[]) => names.map((n) => n.toLowerCase()) }))
    let row = 0
    for await (const record of parser) {
      const fields = record as Record<string, string | undefined>
      const { pickup, dropoff, fare, tip, total, distance } = trips[row++]
      assert.ok(pickup.kind === 'position' && dropoff.kind === 'position')
      const same = (got: number, column: string): void => {
        const expected = expectedOf(fields[column] ?? '')
        if (!Object.is(got, expected)) assert.is(got, expected, `row ${row} ${column}`)
      }
      same(pickup.lon, 'pickup_longitude')
      same(pickup.lat, 'pickup_latitude')
      same(dropoff.lon, 'dropoff_longitude')
      same(dropoff.lat, 'dropoff_latitude')
      const cents = (got: number, column: string): void => {
        const expected = Math.round(Number(fields[column] ?? 0) * 100)
        if (got !== expected) assert.is(got, expected, `row ${row} ${column}`)
      }
      cents(fare, 'fare_amount')
      cents(tip, 'tip_amount')
      cents(total, 'total_amount')
      cents(distance, 'trip_distance')
    }
    assert.is(row, trips.length)
  })
}

test.run()
