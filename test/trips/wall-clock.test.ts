import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/time/random.ts'
import { MAX_TIME, MIN_TIME, parseWallClock, wallClock } from '../../src/trips/wall-clock.ts'
import { suite } from '../support/suite.ts'
import { readCsv, utc } from './reading.ts'

const test = suite('wall-clock times')

const READABLE: readonly [string, string][] = [
  ['2016-01-01 00:03:45', '2016-01-01T00:03:45'],
  ['2016-01-01T00:03:45', '2016-01-01T00:03:45'],
  ['2016-01-01 00:03', '2016-01-01T00:03:00'],
  ['2016-01-01', '2016-01-01T00:00:00'],
  ['2009-06-15 17:26:21 UTC', '2009-06-15T17:26:21'],
  ['2009-06-15 17:26:21.0000001', '2009-06-15T17:26:21'],
  ['2009-06-15 17:26:21.9999999', '2009-06-15T17:26:21.999'],
  ['2009-06-15T17:26:21.5Z', '2009-06-15T17:26:21.500'],
  ['2009-06-15T17:26:21-04:00', '2009-06-15T17:26:21'],
  ['2009-06-15 17:26:21+00', '2009-06-15T17:26:21'],
  ['1/31/2016 5:03', '2016-01-31T05:03:00'],
  ['01/31/2016 05:03:09 PM', '2016-01-31T17:03:09'],
  ['1/31/2016 12:00:00 AM', '2016-01-31T00:00:00'],
  ['1/31/2016 12:00 pm', '2016-01-31T12:00:00'],
  ['2000-02-29 23:59:59', '2000-02-29T23:59:59'],
  ['1969-12-31 23:59:59.5', '1969-12-31T23:59:59.500'],
  ['0001-01-01 00:00:00', '0001-01-01T00:00:00'],
  ['9999-12-31 23:59:59', '9999-12-31T23:59:59'],
]

const UNREADABLE = [
  '',
  'soon',
  '2016-13-01 00:00:00',
  '2016-00-01 00:00:00',
  '2016-02-30 00:00:00',
  '2016-01-00 00:00:00',
  '1900-02-29 00:00:00',
  '2015-02-29 00:00:00',
  '2016-01-01 24:00:00',
  '2016-01-01 00:60:00',
  '2016-01-01 00:00:60',
  '2016-01-01 00:00:0x',
  '2016-01-01 00:00:00 EST or so',
  '2016-01-01 00:00:000',
  '2016/01/01 00:00:00',
  '31/1/2016 5:03',
  '1/31/2016 13:00 PM',
  '1/31/2016 0:00 AM',
  '1/31/2016 PM',
  '1451606625',
  '1451606625000',
  '20160101000345',
]

test('reads what trip files write, as text', () => {
  for (const [text, expected] of READABLE) assert.is(parseWallClock(text), utc(expected), text)
})

test('reads the same from the bytes of a file, quoted or not', () => {
  for (const [text, expected] of READABLE) {
    const { trips } = readCsv(`pickup_datetime,x\n${text},1\n"${text}",1\n ${text} \r\n`)
    assert.equal(
      trips.map(({ pickupTime }) => pickupTime),
      [utc(expected), utc(expected), utc(expected)],
      text,
    )
  }
})

test('has no time for what is none', () => {
  for (const text of UNREADABLE) {
    assert.ok(Number.isNaN(parseWallClock(text)), text)
    const { trips, rejections } = readCsv(`x,pickup_datetime\n1,${text}\n1,"${text}"\n`)
    assert.is(trips.length, 0, text)
    assert.is(rejections.length, 2, text)
  }
})

test('reads the same from bytes as from text when any character is another one', () => {
  const other = [...'0123456789 -:TZ/.,;?@xé\u0000\t']
  const texts: string[] = []
  for (const text of ['2016-02-29 23:59:59', '2015-10-31T09:05:00', '2016-06-01 12:00:00 UTC']) {
    for (let at = 0; at < text.length; at++) {
      for (const character of other) {
        texts.push(text.slice(0, at) + character + text.slice(at + 1), text.slice(0, at) + text)
      }
    }
  }
  for (const text of texts) {
    const expected = parseWallClock(text)
    const rows = [`"${text}",1\n`, ...(text.includes(',') ? [] : [`${text},1\n`])]
    for (const row of rows) {
      const { trips } = readCsv(`pickup_datetime,x\n2016-02-01 00:00:00,1\n${row}`)
      const got = trips.at(1)?.pickupTime
      if (!Object.is(got ?? NaN, expected)) assert.is(got, expected, row)
    }
  }
})

test('agrees with Date on every day of four centuries and at random moments', () => {
  for (let day = Date.UTC(1799, 11, 30); day < Date.UTC(2201, 0, 2); day += 86_400_000) {
    const date = new Date(day)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1]
    assert.is(wallClock(year, month, date.getUTCDate(), 0, 0, 0), day)
  }
  const random = seededRandom(1)
  let csv = 'pickup_datetime\n'
  const expected: number[] = []
  for (let i = 0; i < 20_000; i++) {
    const moment = Math.floor((MIN_TIME + random() * (MAX_TIME - MIN_TIME)) / 1000) * 1000
    expected.push(moment)
    csv += `${new Date(moment).toISOString().slice(0, 19)}\n`
  }
  assert.equal(
    readCsv(csv).trips.map(({ pickupTime }) => pickupTime),
    expected,
  )
})

test.run()
