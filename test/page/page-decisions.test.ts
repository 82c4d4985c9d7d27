import * as assert from 'uvu/assert'
import type { PaneAnswer, PanesAnswer, StatusAnswer } from '../../src/page/answers.ts'
import { busiestBounds } from '../../src/page/busiest-bounds.ts'
import { clockText, dateText, readEventTime, spanText } from '../../src/page/event-time.ts'
import type { LivenessInput } from '../../src/page/liveness.ts'
import { ago, livenessOf } from '../../src/page/liveness.ts'
import { PaneCache } from '../../src/page/pane-cache.ts'
import { stepFor, stepText } from '../../src/page/steps.ts'
import { pastCounts } from '../../src/page/window-counts.ts'
import { suite } from '../support/suite.ts'

const test = suite('what the page decides')

const MINUTE = 60_000
const MIDNIGHT = readEventTime('2016-01-15T00:00:00')

function pane(minute: number, counts: Record<string, number>, final = true): PaneAnswer {
  const at = (time: number): string => new Date(time).toISOString().slice(0, 19)
  const ids = Object.keys(counts)
  const pickups = ids.map((id) => counts[id])
  const other = pickups.map((n) => n * 100)
  return {
    from: at(MIDNIGHT + minute * MINUTE),
    to: at(MIDNIGHT + (minute + 5) * MINUTE),
    final,
    ids,
    pickups,
    dropoffs: pickups.map(() => 1),
    fare: other,
    tip: other,
    total: other,
    unclassified: { pickup: { outside: 1 }, dropoff: { 'zero-position': 2 } },
  }
}

function panes(from: number, to: number, ...all: PaneAnswer[]): PanesAnswer {
  const at = (minute: number): string =>
    new Date(MIDNIGHT + minute * MINUTE).toISOString().slice(0, 19)
  return { asOf: at(to), from: at(from), to: at(to), final: true, panes: all }
}

test('adds up exactly the panes of a window', () => {
  const all = [pane(0, { a: 1 }), pane(5, { a: 2, b: 5 }), pane(10, { b: 7 }), pane(15, { a: 9 })]
  const counts = pastCounts(MIDNIGHT + 5 * MINUTE, MIDNIGHT + 15 * MINUTE, all)
  assert.is(counts.all.pickups, 14)
  assert.is(counts.districts.get('b')?.pickups, 12)
  assert.is(counts.districts.get('a')?.dropoffs, 1)
  assert.is(counts.all.fare, 1_400)
  assert.is(counts.unclassified, 6)
})

test('keeps final panes, and those in which nothing happened', () => {
  const cache = new PaneCache(5 * MINUTE, 0)
  const known = panes(0, 30, pane(0, { a: 1 }), pane(10, { a: 2 }), pane(25, { a: 3 }, false))
  cache.add({ ...known, asOf: '2016-01-15T00:20:00', final: false })
  const span = (from: number, to: number): { from: number; to: number } => ({
    from: MIDNIGHT + from * MINUTE,
    to: MIDNIGHT + to * MINUTE,
  })
  assert.is(cache.get(span(0, 15))?.length, 2)
  assert.is(cache.get(span(5, 10))?.length, 0)
  assert.is(cache.get(span(0, 25)), undefined)
  assert.is(cache.get(span(-5, 5)), undefined)
})

test('believes an answer, not what is known since, of how much of it is final', () => {
  const cache = new PaneCache(5 * MINUTE, 0)
  cache.add({ ...panes(0, 30, pane(0, { a: 1 })), asOf: '2016-01-15T00:10:00', final: false })
  const [from, to] = [MIDNIGHT + 5 * MINUTE, MIDNIGHT + 10 * MINUTE]
  assert.equal(cache.get({ from, to }), [])
  assert.is(cache.get({ from, to: to + 5 * MINUTE }), undefined)
  cache.add({ ...panes(0, 30, pane(10, { a: 7 })), asOf: null, final: false })
  assert.is(cache.get({ from, to: to + 5 * MINUTE }), undefined)
})

test('forgets panes when a late trip revised one, and the oldest when there are too many', () => {
  const cache = new PaneCache(5 * MINUTE, 0)
  cache.add(panes(0, 5, pane(0, { a: 1 })))
  cache.revised(0)
  assert.is(cache.size, 1)
  cache.revised(1)
  assert.is(cache.size, 0)
  cache.add(panes(0, 5 * 5_000))
  assert.is(cache.size, 2_000)
})

const STATUS = {
  state: 'live',
  complete: false,
  abandoned: false,
  tableError: null,
} as StatusAnswer

test('says how true it is', () => {
  const kind = (input: Partial<LivenessInput>): string =>
    livenessOf({
      status: STATUS,
      connection: 'open',
      silentMillis: 0,
      lostMillis: 0,
      ...input,
    }).kind
  const status = (changes: Partial<StatusAnswer>): StatusAnswer => ({ ...STATUS, ...changes })
  assert.is(kind({ status: null, connection: 'connecting' }), 'connecting')
  assert.is(kind({ status: null, connection: 'lost' }), 'lost')
  assert.is(kind({}), 'live')
  assert.is(kind({ silentMillis: 15_000 }), 'live')
  assert.is(kind({ silentMillis: 15_001 }), 'stale')
  assert.is(kind({ connection: 'lost', lostMillis: 500 }), 'live')
  assert.is(kind({ connection: 'lost', lostMillis: 1_500 }), 'lost')
  assert.is(kind({ status: status({ state: 'waiting' }), silentMillis: 99_000 }), 'waiting')
  assert.is(kind({ status: status({ complete: true }), silentMillis: 99_000 }), 'complete')
  assert.is(kind({ status: status({ abandoned: true, complete: true }) }), 'abandoned')
  assert.is(kind({ status: status({ tableError: 'no answer' }) }), 'unreadable')
})

test('says how long ago in the unit that fits', () => {
  assert.equal([999, 23_400, 119_999, 240_000, 7_200_000].map(ago), ['0 s', '23 s', '119 s', '4 min', '2 h']) // prettier-ignore
})

test('shows event times as the files have them', () => {
  const time = readEventTime('2016-01-15T16:57:19.050')
  assert.is(clockText(time), '16:57:19')
  assert.is(dateText(time), 'Fri 15 Jan 2016')
  assert.is(spanText(MIDNIGHT, MIDNIGHT + 15 * MINUTE), '00:00 – 00:15')
  assert.is(spanText(MIDNIGHT - 15 * MINUTE, MIDNIGHT), '23:45 – 00:00')
  assert.is(spanText(MIDNIGHT - MINUTE, MIDNIGHT + MINUTE), '14 Jan 23:59 – 15 Jan 00:01')
  assert.ok(Number.isNaN(readEventTime('')))
})

test('cuts a chart into few enough steps that the server takes', () => {
  const day = 1_440 * MINUTE
  const step = (days: number, pane = 5): string => stepText(stepFor(days * day, pane * MINUTE))
  assert.equal([0.1, 1, 7, 31, 32, 365].map((days) => step(days)), ['5m', '5m', '20m', '120m', '1d', '1d']) // prettier-ignore
  assert.is(step(1, 15), '15m')
  assert.is(step(31, 60), '120m')
})

test('finds where most trips are, without an airport far away', () => {
  const square = (lon: number, lat: number): [number, number][] => [
    [lon, lat],
    [lon + 1, lat],
    [lon + 1, lat + 1],
    [lon, lat + 1],
    [lon, lat],
  ]
  const feature = (id: string, lon: number) => ({
    type: 'Feature' as const,
    id,
    properties: { id, name: id, center: [lon + 0.5, 0.5] as [number, number] },
    geometry: { type: 'Polygon' as const, coordinates: [square(lon, 0)] },
  })
  const features = [feature('a', 0), feature('b', 1), feature('c', 2), feature('airport', 40)]
  const sums = (pickups: number) => ({ pickups, dropoffs: 0, fare: 0, tip: 0, total: 0 })
  const counts = {
    from: 0,
    to: 1,
    districts: new Map([
      ['a', sums(30)],
      ['b', sums(40)],
      ['c', sums(20)],
      ['airport', sums(10)],
    ]),
    all: sums(100),
    unclassified: 0,
  }
  assert.equal(busiestBounds(counts, features), [0, 0, 3, 1])
  assert.is(busiestBounds({ ...counts, districts: new Map() }, features), undefined)
})

test.run()
