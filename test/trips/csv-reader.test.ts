import { parse } from 'csv-parse/sync'
import * as assert from 'uvu/assert'
import { seededRandom, type Random } from '../../src/time/random.ts'
import { parseColumns } from '../../src/trips/column-map.ts'
import { MAX_ROW_BYTES } from '../../src/trips/csv-reader.ts'
import { MAX_RAW_BYTES } from '../../src/trips/row-sink.ts'
import { suite } from '../support/suite.ts'
import { failure, readCsv, utc, type ReadRows } from './reading.ts'

const test = suite('the CSV reader')

const HEADER = 'id,pickup_datetime,PULocationID,fare_amount\n'
const TIME = '2016-01-01 00:00:00'
const ZONES = parseColumns('pickupZone=1,pickupTime=2')

function zonesOf({ trips }: ReadRows): string[] {
  return trips.map(({ pickup }) => (pickup.kind === 'zone' ? pickup.zone : 'a position'))
}

test('reads nothing from an empty file, blank lines, a header, or a byte order mark alone', () => {
  for (const csv of ['', '\n', ' \r\n\r\n', '\uFEFF', '\uFEFF\n\n', HEADER, HEADER.trimEnd()]) {
    const { trips, rejections } = readCsv(csv)
    assert.equal([trips, rejections], [[], []], JSON.stringify(csv))
  }
})

test('reads a last line without a line end', () => {
  assert.equal(zonesOf(readCsv(`${HEADER}1,${TIME},7`)), ['7'])
  assert.equal(zonesOf(readCsv(`${HEADER}1,${TIME},"7"`)), ['7'])
  assert.equal(zonesOf(readCsv(`${HEADER}1,${TIME},7\r`)), ['7'])
})

test('reads over a byte order mark, also before a quote', () => {
  const rows = `"1,5",${TIME}\n`
  assert.equal(zonesOf(readCsv(`\uFEFF${rows}`, ZONES)), ['1,5'])
  assert.equal(zonesOf(readCsv(`\uFEFF"PULocationID","pickup_datetime"\n${rows}`)), ['1,5'])
})

test('passes blank lines wherever they are, and counts them as lines', () => {
  const csv = `\n${HEADER}\r\n1,${TIME},1\n\n \t\r\n2,${TIME},2\n\r\n3,soon,3\n\n`
  const read = readCsv(csv)
  assert.equal(zonesOf(read), ['1', '2'])
  assert.equal(read.rejections, [{ line: 9, reason: 'unreadable-pickup-time', raw: '3,soon,3' }])
})

test('takes any mix of line ends', () => {
  const rows = ['1', '2', '3'].map((id, i) => `${id},${TIME},${id}${['\r\n', '\n', '\r\r\n'][i]}`)
  const read = readCsv(HEADER.replace('\n', '\r\n') + rows.join(''))
  assert.equal([zonesOf(read), read.rejections], [['1', '2', '3'], []])
})

test('unquotes fields: separators, line ends and doubled quotes in them are content', () => {
  const read = readCsv(
    [
      'name,pickup_datetime,PULocationID,fare_amount',
      `"a ""b"", c\nd,${TIME},9,1",${TIME},"7","1.5"`,
      `"",  "${TIME}"  , "8" ,"2"`,
      `x,soon,9,3`,
      '',
    ].join('\r\n'),
  )
  assert.equal(zonesOf(read), ['7', '8'])
  assert.equal(
    read.trips.map(({ fare }) => fare),
    [150, 200],
  )
  assert.is(read.rejections[0].line, 5)
})

test('takes a quote inside an unquoted field as it is', () => {
  const read = readCsv(`${HEADER}5" pipe,${TIME},7,1\na"b"c,${TIME},8,1\n`)
  assert.equal([zonesOf(read), read.rejections], [['7', '8'], []])
})

test('does not take a separator inside quotes for the end of a number or an id', () => {
  const { trips } = readCsv(`${HEADER}1,${TIME},"a,b","1,234.5"\n`)
  assert.equal([trips[0].pickup, trips[0].fare], [{ kind: 'zone', zone: 'a,b' }, 0])
})

test('takes what is missing at the end of a row as missing values', () => {
  const { trips, rejections } = readCsv(`${HEADER}1,${TIME}\n2,${TIME},5\n3,${TIME},5,2,x,y,z\n`)
  assert.equal(rejections, [])
  assert.equal(
    trips.map(({ pickup, fare }) => [pickup, fare]),
    [
      [{ kind: 'zone', zone: '' }, 0],
      [{ kind: 'zone', zone: '5' }, 0],
      [{ kind: 'zone', zone: '5' }, 200],
    ],
  )
})

test('sends zero, missing, swapped and impossible positions as they are', () => {
  const places = ['0,0', ',', 'NA,NULL', 'nan,x', '40.7,-73.9', '-3400,401', '1e400,-0']
  const { trips, rejections } = readCsv(
    `pickup_datetime,pickup_longitude,pickup_latitude\n` +
      places.map((place) => `${TIME},${place}\n`).join(''),
  )
  assert.equal(rejections, [])
  assert.equal(
    trips.map(({ pickup }) => (pickup.kind === 'position' ? [pickup.lon, pickup.lat] : [])),
    [
      [0, 0],
      [NaN, NaN],
      [NaN, NaN],
      [NaN, NaN],
      [40.7, -73.9],
      [-3400, 401],
      [NaN, -0],
    ],
  )
})

test('takes zone ids as given, but for spaces, a zero fraction and words for nothing', () => {
  const given = ['132', ' 7 ', '264.0', '264.', '264.000', '007', 'EWR', '1.5', '-1', 'Ærø', '1e2']
  const nothing = ['', ' ', 'NA', 'null', 'NaN', 'None', '""', '"NULL"']
  const csv = [...given, ...nothing].map((id) => `${id},${TIME}\n`).join('')
  const read = readCsv(csv, ZONES)
  assert.equal(
    zonesOf(read),
    ['132', '7', '264', '264', '264', '007', 'EWR', '1.5', '-1', 'Ærø', '1e2'].concat(
      nothing.map(() => ''),
    ),
  )
  assert.is(read.zoneTooLong, 0)
})

test('keeps a trip whose zone id is too long for the record, and counts that', () => {
  const read = readCsv(
    `123456789012345,${TIME}\n1234567890123456,${TIME}\nÆÆÆÆÆÆÆÆ,${TIME}\n1234567890123456,${TIME}`,
    ZONES,
  )
  assert.equal(zonesOf(read), ['123456789012345', '', '', ''])
  assert.is(read.zoneTooLong, 3)
})

test('rejects a row without a readable pickup time, with its line and the line itself', () => {
  const read = readCsv(
    `${HEADER}1,,7,1\r\n2,NULL,7,1\n3\n4,2016-02-30 00:00:00,7\n5,"soon, or\r\nlater",7\n6,${TIME},7\nid,pickup_datetime\n`,
  )
  assert.is(read.trips.length, 1)
  assert.equal(read.rejections, [
    { line: 2, reason: 'missing-pickup-time', raw: '1,,7,1' },
    { line: 3, reason: 'missing-pickup-time', raw: '2,NULL,7,1' },
    { line: 4, reason: 'too-few-fields', raw: '3' },
    { line: 5, reason: 'unreadable-pickup-time', raw: '4,2016-02-30 00:00:00,7' },
    { line: 6, reason: 'unreadable-pickup-time', raw: '5,"soon, or\r\nlater",7' },
    { line: 9, reason: 'unreadable-pickup-time', raw: 'id,pickup_datetime' },
  ])
})

test('gives up only the line that a stray quote is in', () => {
  const csv = `${HEADER}1,${TIME},1\n"2,${TIME},2\n3,${TIME},3\n4,${TIME},4\n`
  const read = readCsv(csv)
  assert.equal(zonesOf(read), ['1', '3', '4'])
  assert.equal(read.rejections, [{ line: 3, reason: 'unterminated-quote', raw: `"2,${TIME},2` }])
  const paired = readCsv(`${csv}"5,${TIME},5\n6,${TIME},6\n`)
  assert.equal(zonesOf(paired), ['1', '3', '4', '6'])
  assert.equal(
    paired.rejections.map(({ line, reason }) => [line, reason]),
    [
      [3, 'broken-quote'],
      [6, 'unterminated-quote'],
    ],
  )
})

test('gives up a stray quote before it has swallowed the file', () => {
  const row = `3,${TIME},3,${'x'.repeat(80)}\n`
  const rows = Math.ceil((3 * MAX_ROW_BYTES) / row.length)
  const read = readCsv(`${HEADER}"2,${TIME}\n${row.repeat(rows)}`, undefined, (bytes) =>
    pieces(bytes, () => 50_000),
  )
  assert.is(read.trips.length, rows)
  assert.equal(
    read.rejections.map(({ reason }) => reason),
    ['unterminated-quote'],
  )
})

test('gives up a line that does not end, keeps the start of it, and goes on behind it', () => {
  const endless = 'x'.repeat(3 * MAX_ROW_BYTES)
  const csv = `${HEADER}1,${TIME},1\n${endless}\n2,${TIME},2\n3,soon,3\n`
  const read = readCsv(csv, undefined, (bytes) => pieces(bytes, () => 70_000))
  assert.equal(zonesOf(read), ['1', '2'])
  assert.equal(
    read.rejections.map(({ line, reason, raw }) => [line, reason, raw.length]),
    [
      [3, 'line-too-long', MAX_RAW_BYTES],
      [5, 'unreadable-pickup-time', 8],
    ],
  )
})

test('refuses a file whose first line does not end', async () => {
  const error = await failure(() => readCsv('x'.repeat(MAX_ROW_BYTES + 1)))
  assert.is(error.code, 'INPUT')
  assert.match(error.message, /a\.csv: got no line end in the first/)
})

function* pieces(bytes: Uint8Array, size: () => number): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const length = Math.max(1, size())
    yield bytes.subarray(at, at + length)
    at += length
  }
}

/** A field of random content, and what it is in a file. */
function randomField(random: Random): [content: string, written: string] {
  const parts = ['a', '"', ',', '\n', '\r\n', ' ', '', 'æ', '7', '.0', '""', 'x y', '-73.9', '🚕']
  const content = Array.from(
    { length: Math.floor(random() * 4) },
    () => parts[Math.floor(random() * parts.length)],
  ).join('')
  const needsQuotes = /[",\r\n]|^ | $/.test(content)
  return [content, needsQuotes || random() < 0.3 ? `"${content.replaceAll('"', '""')}"` : content]
}

/** A file of random rows with dirt in between. */
function randomCsv(random: Random, dirty: boolean): string {
  const lineEnds = ['\n', '\r\n']
  const pick = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)]
  let csv = `${pick('', '\uFEFF')}id,pickup_datetime,note,PULocationID,fare_amount${pick(...lineEnds)}`
  for (let row = 0; row < 40; row++) {
    const time = `2016-01-0${1 + Math.floor(random() * 9)} 0${Math.floor(random() * 9)}:00:00`
    const fields = [
      randomField(random)[1],
      pick(time, time, `"${time}"`, dirty ? 'soon' : time),
      randomField(random)[1],
      randomField(random)[1],
      pick('1.5', '"2"', ' 3', '', 'NA'),
    ]
    csv += fields.slice(0, dirty ? 1 + Math.floor(random() * 6) : 5).join(',')
    csv += pick(...lineEnds) + (random() < 0.1 ? pick(...lineEnds) : '')
    if (dirty && random() < 0.1) csv += pick('"', `"stray,${time},x\n`, `"a"b,${time}\n`, ' ,\n')
  }
  return dirty && random() < 0.5 ? csv.slice(0, 60 + Math.floor(random() * csv.length)) : csv
}

test('reads the same rows however the bytes are cut', () => {
  for (let seed = 0; seed < 150; seed++) {
    const random = seededRandom(seed)
    const csv = randomCsv(random, true)
    const whole = readCsv(csv)
    assert.ok(whole.trips.length + whole.rejections.length > 0 || csv.length < 100)
    const sizes = [
      () => 1,
      () => Math.ceil(random() * 7),
      () => Math.ceil(random() * 200),
      () => (random() < 0.5 ? 1 : 300),
    ]
    for (const size of sizes) {
      const cut = readCsv(csv, undefined, (bytes) => pieces(bytes, size))
      assert.equal(cut, whole, `seed ${seed}`)
    }
  }
})

test('accounts for every line that is not blank, whatever the dirt', () => {
  for (let seed = 0; seed < 300; seed++) {
    const random = seededRandom(1000 + seed)
    const csv = randomCsv(random, true).replace(/"/g, () => (random() < 0.3 ? '' : '"'))
    const { trips, rejections } = readCsv(csv, parseColumns('pickupTime=2,pickupZone=4'))
    const lines = csv.split('\n').filter((line) => line.trim() !== '').length
    assert.ok(trips.length + rejections.length <= lines, `seed ${seed}`)
    const quoted = csv.includes('"')
    if (!quoted) assert.is(trips.length + rejections.length, lines, `seed ${seed}`)
    const bytes = Buffer.from(csv)
    assert.ok(rejections.every(({ raw }) => bytes.includes(raw)))
  }
})

test('reads random quoted fields as csv-parse does', () => {
  for (let seed = 0; seed < 200; seed++) {
    const csv = randomCsv(seededRandom(5000 + seed), false)
    const rows: Record<string, string>[] = parse(csv, {
      bom: true,
      columns: true,
      skip_empty_lines: true,
      relax_column_count: true,
      record_delimiter: ['\n', '\r\n'],
    })
    const { trips, rejections } = readCsv(csv)
    assert.equal(rejections, [], `seed ${seed}`)
    const missing = ['', 'NA', 'NULL', 'NAN', 'NONE']
    assert.equal(
      trips.map(({ pickupTime, pickup, fare }) => [pickupTime, pickup, fare]),
      rows.map((row) => {
        const id = row['PULocationID'].trim().replace(/^(\d+)\.0*$/, '$1')
        const tooLong = Buffer.byteLength(id) > 15
        const zone = missing.includes(id.toUpperCase()) || tooLong ? '' : id
        const fare = Number(row['fare_amount']) * 100
        return [utc(row['pickup_datetime']), { kind: 'zone', zone }, Number.isNaN(fare) ? 0 : fare]
      }),
      `seed ${seed}`,
    )
  }
})

test.run()
