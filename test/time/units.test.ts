import * as assert from 'uvu/assert'
import {
  formatDuration,
  formatEventTime,
  parseDuration,
  parseEventTime,
} from '../../src/time/units.ts'
import { suite } from '../support/suite.ts'

const test = suite('durations and event times')

test('a duration is a number with its unit', () => {
  assert.is(parseDuration('90s', '--x'), 90_000)
  assert.is(parseDuration(' 5m ', '--x'), 300_000)
  assert.is(parseDuration('1.5h', '--x'), 5_400_000)
  assert.is(parseDuration('250ms', '--x'), 250)
  assert.is(parseDuration('1d', '--x'), 86_400_000)
  assert.is(parseDuration('0s', '--x'), 0)
})

test('anything else is refused, by the name of its option', () => {
  for (const text of [
    '',
    '5',
    'm',
    '-5m',
    '5 m',
    '5M',
    '1h30m',
    '1e3s',
    '.5h',
    '5.m',
    'Infinity',
  ]) {
    assert.throws(
      () => parseDuration(text, '--pane'),
      (error: Error & { code?: string }) =>
        error.code === 'USAGE' &&
        error.message ===
          `--pane: got ${JSON.stringify(text)}, expected a duration such as 30s, 5m or 1h.`,
    )
  }
})

test('a duration is written in the largest unit that holds it whole, and read back', () => {
  const pairs: [number, string][] = [
    [300_000, '5m'],
    [5_400_000, '90m'],
    [86_400_000, '1d'],
    [1_500, '1500ms'],
    [60_000, '1m'],
    [0, '0ms'],
  ]
  for (const [millis, text] of pairs) {
    assert.is(formatDuration(millis), text)
    assert.is(parseDuration(text, ''), millis)
  }
})

test('an event time is a date, with a time of the day or without, and never a zone', () => {
  assert.is(parseEventTime('2016-01-01', '--from'), Date.UTC(2016, 0, 1))
  assert.is(parseEventTime('2016-01-01T07:30', '--from'), Date.UTC(2016, 0, 1, 7, 30))
  assert.is(parseEventTime(' 2016-01-01 07:30:15 ', '--from'), Date.UTC(2016, 0, 1, 7, 30, 15))
  assert.is(
    parseEventTime('2016-02-29T07:30:15.25', '--from'),
    Date.UTC(2016, 1, 29, 7, 30, 15, 250),
  )
  assert.is(parseEventTime('2016-12-31T24:00', '--to'), Date.UTC(2017, 0, 1))
  assert.is(parseEventTime('1969-12-31', '--to'), -86_400_000)
})

test('a day that no calendar has is refused, not moved to the next month', () => {
  const refused = ['2016-02-30', '2015-02-29', '2016-13-01', '2016-04-31T07:00', '2016-00-01']
  refused.push('2016-01-01T25:00', '2016-01-01T07:61', '2016-1-1', '2016-01-01T07:30Z', 'now', '')
  for (const text of refused) {
    assert.throws(
      () => parseEventTime(text, '--from'),
      (error: Error & { code?: string }) =>
        error.code === 'USAGE' && error.message.startsWith(`--from: got ${JSON.stringify(text)}`),
      text,
    )
  }
})

test('an event time is written without a zone, with milliseconds only where there are any', () => {
  assert.is(formatEventTime(Date.UTC(2016, 0, 1, 0, 5)), '2016-01-01T00:05:00')
  assert.is(formatEventTime(Date.UTC(2016, 0, 1, 0, 5, 0, 7)), '2016-01-01T00:05:00.007')
  assert.is(formatEventTime(-1), '1969-12-31T23:59:59.999')
  assert.is(formatEventTime(-Infinity), '-Infinity')
  assert.is(formatEventTime(NaN), 'NaN')
  assert.is(formatEventTime(8.65e15), '8650000000000000')
})

test.run()
