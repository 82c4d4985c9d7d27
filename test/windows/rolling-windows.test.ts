import * as assert from 'uvu/assert'
import { parseRollingWindows, rollingWindows } from '../../src/windows/rolling-windows.ts'
import { suite } from '../support/suite.ts'

const test = suite('rolling windows')

const MINUTE = 60_000

test('are read shortest first, each once', () => {
  assert.equal(
    parseRollingWindows('1h,5m,60m,90m').map((millis) => millis / MINUTE),
    [5, 60, 90],
  )
  assert.equal(parseRollingWindows('1d'), [1_440 * MINUTE])
})

test('are refused when they are no whole minutes, too long, too many, or no durations', () => {
  for (const text of [
    '30s',
    '90s',
    '25h',
    '5m,15m,x',
    '',
    '5m,,15m',
    '1m,2m,3m,4m,5m,6m,7m,8m,9m',
  ]) {
    assert.throws(() => parseRollingWindows(text), /--rolling: got/, text)
  }
})

test('are 5, 15, 30 and 60 minutes unless told otherwise, as far as they are whole panes', () => {
  const usual = (pane: number): number[] =>
    rollingWindows(undefined, pane * MINUTE).map((millis) => millis / MINUTE)
  assert.equal(usual(5), [5, 15, 30, 60])
  assert.equal(usual(10), [30, 60])
  assert.equal(usual(60), [60])
})

test('are refused when asked for and no whole panes', () => {
  assert.equal(rollingWindows([20 * MINUTE], 10 * MINUTE), [20 * MINUTE])
  assert.throws(
    () => rollingWindows([20 * MINUTE, 25 * MINUTE], 10 * MINUTE),
    /--rolling: got 25m, expected a multiple of the pane, 10m\./,
  )
})

test.run()
