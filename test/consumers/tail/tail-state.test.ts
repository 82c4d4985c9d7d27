import * as assert from 'uvu/assert'
import type { TailState } from '../../../consumers/tail/tail-state.ts'
import { absorb, press } from '../../../consumers/tail/tail-state.ts'
import { tailRows } from '../../../consumers/tail/tail-rows.ts'
import { suite } from '../../support/suite.ts'
import { district, SMALL_CITY, snapshot, start } from './tailing.ts'

const test = suite('the state of the tail')

function after(state: TailState, ...keys: string[]): TailState {
  return keys.reduce((now, key) => {
    const pressed = press(now, key, 10)
    return pressed === 'quit' ? now : pressed
  }, state)
}

test('goes through the measures, and to one by its number', () => {
  const names = ['m', 'm', 'm', 'm', 'm'].map((_, i) => after(start(), ...'mmmmm'.slice(i)).measure)
  assert.equal(names, ['pickups', 'tip', 'fare', 'net', 'dropoffs'])
  assert.is(after(start(), '4').measure, 'fare')
})

test('goes through the windows there are, from the one that is shown', () => {
  const state = start({ snapshot: snapshot() })
  assert.is(after(state, 'w').window, '30m')
  assert.is(after(state, 'w', 'w', 'w').window, '5m')
  assert.is(after(start({ windows: [] }), 'w').window, undefined)
})

test('quits on q and Escape, but Escape leaves the help first', () => {
  assert.is(press(start(), 'q', 10), 'quit')
  assert.is(press(start(), 'escape', 10), 'quit')
  assert.is(after(start({ help: true }), 'escape').help, false)
})

test('stays the same for keys that mean nothing', () => {
  const state = start()
  for (const key of ['x', '', '6', '0', 'f5', 'constructor'])
    assert.is(press(state, key, 10), state)
})

test('tells changes against the window before, not against the last look at the same one', () => {
  const first = absorb(start(), snapshot(), 1_000)
  assert.is(first.before.size, 0)
  const same = absorb(first, snapshot({ version: 8 }), 2_000)
  assert.is(same.before.size, 0)
  const districts = [district('MN-31', 'Grand Central', { pickups: 4 }), ...SMALL_CITY.slice(1)]
  const moved = absorb(same, snapshot({ version: 9, to: '2016-01-15T17:00:00', districts }), 3_000)
  const rows = tailRows(moved.snapshot ?? snapshot(), moved)
  assert.equal(
    rows.map(({ counts, change }) => [counts.id, change]),
    [
      ['QN-JFK', 0],
      ['MN-31', -6],
      ['BK-01', 0],
    ],
  )
})

test('counts a district that was absent as one that had nothing, but knows no average of it', () => {
  const before = new Map([['MN-31', SMALL_CITY[0]]])
  const change = (measure: 'pickups' | 'fare'): number | undefined =>
    tailRows(snapshot(), start({ measure, before })).find(({ counts }) => counts.id === 'QN-JFK')
      ?.change
  assert.is(change('pickups'), 40)
  assert.is(change('fare'), 0)
})

test('forgets the window before when another window or run is shown', () => {
  const state = start({ snapshot: snapshot(), before: new Map([['MN-31', SMALL_CITY[0]]]) })
  for (const other of [{ window: '60m' }, { run: 'another' }, { generation: 'another' }]) {
    assert.is(absorb(state, snapshot({ version: 8, ...other }), 1_000).before.size, 0)
  }
})

test('knows how fast event time goes, and forgets it with the run', () => {
  const first = absorb(start(), snapshot(), 0)
  const second = absorb(first, snapshot({ version: 8, asOf: '2016-01-15T17:07:19.050' }), 1_000)
  assert.is(second.speed, 600)
  assert.is(absorb(second, snapshot({ run: 'another' }), 2_000).speed, undefined)
})

test('sees that nothing new came', () => {
  const first = absorb(start(), snapshot(), 1_000)
  assert.is(absorb(first, snapshot(), 9_000).newAt, 1_000)
  assert.is(absorb(first, snapshot({ version: 8 }), 9_000).newAt, 9_000)
})

test('puts the largest first, ties by id, and what has no value last either way round', () => {
  const ids = (changes: Partial<TailState>): string[] =>
    tailRows(snapshot(), start(changes)).map(({ counts }) => counts.id)
  assert.equal(ids({}), ['QN-JFK', 'MN-31', 'BK-01'])
  assert.equal(ids({ measure: 'fare' }), ['QN-JFK', 'MN-31', 'BK-01'])
  assert.equal(ids({ measure: 'fare', reversed: true }), ['MN-31', 'QN-JFK', 'BK-01'])
  assert.equal(ids({ sort: 'name' }), ['MN-31', 'BK-01', 'QN-JFK'])
  assert.equal(ids({ top: 1 }), ['QN-JFK'])
  assert.equal(ids({ district: 'BK-01' }), ['BK-01'])
})

test.run()
