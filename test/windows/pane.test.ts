import * as assert from 'uvu/assert'
import { seededRandom } from '../../src/time/random.ts'
import { DAY_MILLIS, HOUR_MILLIS } from '../../src/time/units.ts'
import {
  blockKey,
  chooseGeometry,
  dayKey,
  dayStartOf,
  hourKey,
  hourStartOf,
  paneKey,
  parseSpanKey,
  spanStart,
} from '../../src/windows/pane.ts'
import { suite } from '../support/suite.ts'

const test = suite('panes, blocks, hours and days')

const MINUTE = 60_000

test('a span begins at or before its time and ends after it, before 1970 too', () => {
  const random = seededRandom(4)
  for (let i = 0; i < 2_000; i++) {
    const size = [MINUTE, 5 * MINUTE, HOUR_MILLIS, DAY_MILLIS][i % 4]
    const time = Math.floor((random() - 0.5) * 1e14)
    const start = spanStart(time, size)
    assert.ok(start <= time && time < start + size)
    assert.is(Math.abs(start % size), 0)
    assert.is(spanStart(start, size), start)
    assert.is(spanStart(start - 1, size), start - size)
  }
})

test('a block is a whole number of panes and divides an hour', () => {
  for (const pane of [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60]) {
    for (const districts of [1, 5, 20, 71, 263, 5_000]) {
      const { paneMillis, blockMillis } = chooseGeometry(pane * MINUTE, districts)
      assert.is(paneMillis, pane * MINUTE)
      assert.is(blockMillis % paneMillis, 0)
      assert.is(HOUR_MILLIS % blockMillis, 0)
      // About 8 KB, unless a single pane is more than that already.
      const rows = (blockMillis / paneMillis) * districts
      assert.ok(rows * 20 <= 9 * 1024 || blockMillis === paneMillis)
    }
  }
})

test('a block is the longest that stays small', () => {
  assert.is(chooseGeometry(5 * MINUTE, 5).blockMillis, HOUR_MILLIS)
  assert.is(chooseGeometry(5 * MINUTE, 71).blockMillis, 30 * MINUTE)
  assert.is(chooseGeometry(5 * MINUTE, 100).blockMillis, 20 * MINUTE)
  assert.is(chooseGeometry(5 * MINUTE, 263).blockMillis, 5 * MINUTE)
  assert.is(chooseGeometry(HOUR_MILLIS, 5_000).blockMillis, HOUR_MILLIS)
})

test('a pane that does not divide an hour is refused', () => {
  for (const millis of [0, -MINUTE, 30_000, 7 * MINUTE, 61_000, 2 * HOUR_MILLIS, NaN, 90_000]) {
    assert.throws(
      () => chooseGeometry(millis, 10),
      (error: Error & { code?: string }) =>
        error.code === 'USAGE' && error.message.startsWith('--pane: got '),
      String(millis),
    )
  }
})

test('keys are read back, sort as their times do, and name the start', () => {
  const times = ['0000-01-01T00:00Z', '1969-12-31T23:45Z', '2016-01-01T07:35Z', '9999-12-31T23:45Z']
  const starts = times.map((text) => Date.parse(text))
  for (const start of starts) {
    assert.is(parseSpanKey(blockKey(start)), start)
    assert.is(parseSpanKey(hourKey(hourStartOf(start))), hourStartOf(start))
    assert.is(parseSpanKey(dayKey(dayStartOf(start))), dayStartOf(start))
  }
  assert.equal([...starts.map(blockKey)].sort(), starts.map(blockKey))
  const morning = starts[2]
  assert.is(blockKey(morning), '2016-01-01T07:35')
  assert.is(hourKey(morning), '2016-01-01T07')
  assert.is(dayKey(morning), '2016-01-01')
  assert.is(paneKey(morning), '07:35')
})

test('spans are named as ISO 8601 names their start, whatever was named before', () => {
  const random = seededRandom(3)
  for (let i = 0; i < 5_000; i++) {
    const time = Math.floor((random() - 0.3) * 4e12)
    const iso = new Date(time).toISOString()
    assert.is(blockKey(time), iso.slice(0, 16))
    assert.is(hourKey(time), iso.slice(0, 13))
    assert.is(dayKey(time), iso.slice(0, 10))
    assert.is(paneKey(time), iso.slice(11, 16))
    assert.is(blockKey(time + 60_000), new Date(time + 60_000).toISOString().slice(0, 16))
  }
})

test.run()
