import * as assert from 'uvu/assert'
import type { Item, Value } from '../../src/counts/table-port.ts'
import { attributesOf } from '../../src/counts/item-values.ts'
import { MEASURES } from '../../src/counts/measures.ts'
import { columnsOf, compareIds, sumsFrom, unclassifiedFrom } from '../../src/merge/columns.ts'
import { dayItem } from '../../src/merge/day-item.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import { hoursOf, rollingItem, rollingSpan } from '../../src/merge/rolling-item.ts'
import { seededRandom } from '../../src/time/random.ts'
import { finished } from '../support/finished.ts'
import { suite } from '../support/suite.ts'
import type { Cell } from './counting.ts'
import { HOUR, hourCounts, mergingAt, MINUTE, T0 } from './counting.ts'

const test = suite('merged items')

const pane = (item: Item, name: string): Readonly<Record<string, Value>> =>
  attributesOf(attributesOf(item.panes)[name])

test('an hour has its panes with the ids that are present, and a list a measure beside them', () => {
  const counts = hourCounts(
    [
      [0, 0, 2, 0],
      [0, 1, 1, 4],
      [7, 2, 0, 3],
    ],
    [0, 7, 7],
  )
  const item = hourItem(mergingAt(40), T0, counts, undefined)
  assert.equal([item.pk, item.sk], ['hour#g#r', '2016-01-01T00'])
  assert.equal(Object.keys(attributesOf(item.panes)), ['00:00', '00:35'])
  const first = pane(item, '00:00')
  assert.equal(first.ids, ['20', '101'])
  assert.equal(first.pickups, [1, 2])
  assert.equal(first.dropoffs, [4, 0])
  assert.equal(first.fare, [500, 1_000])
  assert.equal(first.unclassified, { pickup: { outside: 1 }, dropoff: {} })
  assert.equal(pane(item, '00:35').unclassified, { pickup: { outside: 2 }, dropoff: {} })
  assert.equal(item.unclassified, { pickup: { outside: 3 }, dropoff: {} })
  assert.equal(
    [item.asOf, item.final, item.revision, item.version],
    ['2016-01-01T00:40:00', false, 0, 1],
  )
})

test('a pane is final when the watermark has passed its end, an hour when it has passed them all', () => {
  const counts = hourCounts([
    [0, 0, 1, 1],
    [11, 0, 1, 1],
  ])
  const finals = (minutes: number, ended = false): unknown[] => {
    const item = hourItem(mergingAt(minutes, ended), T0, counts, undefined)
    return [pane(item, '00:00').final, pane(item, '00:55').final, item.final]
  }
  assert.equal(finals(4.999), [false, false, false])
  assert.equal(finals(5), [true, false, false])
  assert.equal(finals(59.9), [true, false, false])
  assert.equal(finals(60), [true, true, true])
  assert.equal(finals(1, true), [true, true, true])
})

test('a late trip revises a pane that was final, and no other', () => {
  const before = hourItem(
    mergingAt(10),
    T0,
    hourCounts([
      [0, 0, 1, 0],
      [2, 0, 1, 0],
    ]),
    undefined,
  )
  const cells: Cell[] = [
    [0, 0, 2, 0],
    [2, 0, 5, 0],
  ]
  const after = hourItem(mergingAt(11), T0, hourCounts(cells), before)
  assert.equal([pane(after, '00:00').revision, pane(after, '00:10').revision], [1, 0])
  assert.equal([after.revision, after.version], [1, 2])
  const same = hourItem(mergingAt(12), T0, hourCounts(cells), structuredClone(after))
  assert.equal([pane(same, '00:00').revision, same.revision, same.version], [1, 1, 3])
  const again = hourItem(
    mergingAt(12),
    T0,
    hourCounts([
      [0, 0, 2, 1],
      [2, 0, 5, 0],
    ]),
    same,
  )
  assert.equal([pane(again, '00:00').revision, again.revision], [2, 2])
})

test('a late unclassified end revises a pane too', () => {
  const before = hourItem(mergingAt(10), T0, hourCounts([[0, 0, 1, 0]]), undefined)
  const after = hourItem(mergingAt(10), T0, hourCounts([[0, 0, 1, 0]], [0]), before)
  assert.is(pane(after, '00:00').revision, 1)
})

test('a pane that was empty and final is revised by its first trip', () => {
  for (const minutes of [30, 60]) {
    const before = hourItem(mergingAt(minutes), T0, hourCounts([[1, 0, 1, 0]]), undefined)
    const late = hourCounts([
      [1, 0, 1, 0],
      [3, 0, 1, 0],
    ])
    const after = hourItem(mergingAt(minutes + 5), T0, late, before)
    assert.equal([pane(after, '00:15').revision, after.revision], [1, 1], `at ${minutes}`)
    const still = hourItem(mergingAt(minutes + 5), T0, late, after)
    assert.is(still.revision, 1)
  }
})

test('a pane that was empty and open is not', () => {
  const before = hourItem(mergingAt(16), T0, hourCounts([[1, 0, 1, 0]]), undefined)
  const after = hourItem(
    mergingAt(30),
    T0,
    hourCounts([
      [1, 0, 1, 0],
      [3, 0, 1, 0],
    ]),
    before,
  )
  assert.is(after.revision, 0)
  const nothing = hourItem({ ...mergingAt(0), watermark: -Infinity }, T0, hourCounts([]), undefined)
  assert.is(nothing.asOf, null)
  assert.is(hourItem(mergingAt(1), T0, hourCounts([[0, 0, 1, 0]]), nothing).revision, 0)
})

test('a day is the sum of its hours, whatever they hold', () => {
  const random = seededRandom(12)
  const hours = Array.from({ length: 24 }, (_, hour) => {
    const cells = Array.from({ length: 30 }, (): Cell => {
      const below = (n: number): number => Math.floor(random() * n)
      return [below(12), below(3), below(9), below(9)]
    })
    return hourItem(mergingAt(25 * 60), T0 + hour * HOUR, hourCounts(cells, [hour % 12]), undefined)
  })
  const day = finished(dayItem(mergingAt(25 * 60), T0, hours, undefined))
  assert.equal([day.pk, day.sk, day.final, day.version], ['day#g#r', '2016-01-01', true, 1])
  const sums = new Map<string, Float64Array>()
  const unclassified = unclassifiedFrom(undefined)
  for (const hour of hours) {
    for (const name of Object.keys(attributesOf(hour.panes))) sumsFrom(pane(hour, name), sums)
    unclassifiedFrom(hour.unclassified, unclassified)
  }
  assert.equal(sumsFrom(day), sums)
  assert.equal([...unclassifiedFrom(day.unclassified)], [...unclassified])
  const byHour = attributesOf(day.hours)
  assert.is(Object.keys(byHour).length, 24)
  const again = new Map<string, Float64Array>()
  for (const hour of Object.values(byHour)) sumsFrom(hour, again)
  for (const [id, row] of sums) {
    assert.equal([...(again.get(id) ?? [])].slice(0, 7), [...row].slice(0, 7))
  }
})

test('a day is final only when every hour in it is', () => {
  const open = hourItem(mergingAt(30), T0, hourCounts([[0, 0, 1, 0]]), undefined)
  const done = hourItem(mergingAt(25 * 60), T0, hourCounts([[0, 0, 1, 0]]), undefined)
  assert.is(finished(dayItem(mergingAt(25 * 60), T0, [open], undefined)).final, false)
  assert.is(finished(dayItem(mergingAt(25 * 60), T0, [done], undefined)).final, true)
  assert.is(finished(dayItem(mergingAt(23 * 60), T0, [done], undefined)).final, false)
  assert.is(finished(dayItem(mergingAt(1, true), T0, [done], undefined)).final, true)
})

test('a rolling window is the last closed panes, with the open one beside them', () => {
  const merging = mergingAt(63)
  const span = rollingSpan(merging, 15 * MINUTE)
  assert.equal(
    [span.from, span.to, span.openTo].map((time) => (time - T0) / MINUTE),
    [45, 60, 65],
  )
  assert.equal(hoursOf(span), [T0, T0 + HOUR])
  const first = hourCounts(
    [
      [8, 0, 100, 0],
      [9, 0, 1, 0],
      [10, 1, 0, 2],
      [11, 0, 4, 0],
    ],
    [8, 11],
  )
  const second = hourCounts([
    [0, 2, 8, 0],
    [1, 0, 100, 0],
  ])
  const counts = new Map([
    [T0, first],
    [T0 + HOUR, second],
  ])
  const item = rollingItem(merging, 15 * MINUTE, (hour) => counts.get(hour), undefined)
  assert.equal([item.pk, item.sk], ['rolling#g#r', '15m'])
  assert.equal(
    [item.asOf, item.from, item.to],
    ['2016-01-01T01:03:00', '2016-01-01T00:45:00', '2016-01-01T01:00:00'],
  )
  const districts = attributesOf(item.districts)
  assert.is(attributesOf(districts['101']).pickups, 5)
  assert.is(attributesOf(districts['20']).dropoffs, 2)
  assert.is(districts['3'], undefined)
  assert.equal(item.unclassified, { pickup: { outside: 1 }, dropoff: {} })
  const open = attributesOf(item.open)
  assert.equal([open.from, open.to], ['2016-01-01T01:00:00', '2016-01-01T01:05:00'])
  assert.is(attributesOf(attributesOf(open.districts)['3']).pickups, 8)
})

test('the last pane of a run that has ended is closed too', () => {
  const span = rollingSpan(mergingAt(63, true), 15 * MINUTE)
  assert.is((span.to - T0) / MINUTE, 65)
})

test('ids are in numeric order when all are numbers, else in the order of their code units', () => {
  const sorted = (ids: string[]): string[] => [...ids].sort(compareIds(ids))
  assert.equal(sorted(['101', '20', '3', '-1', '2.5']), ['-1', '2.5', '3', '20', '101'])
  assert.equal(sorted(['101', '20', 'x']), ['101', '20', 'x'])
  assert.equal(sorted(['b', 'B', 'ä', 'a', '']), ['', 'B', 'a', 'b', 'ä'])
  assert.equal(sorted(['01', '1', '001']), ['001', '01', '1'])
  assert.equal(sorted(['1e3', '20']), ['1e3', '20'])
})

test('columns are read back, also from parts with other ids', () => {
  const sums = new Map([
    ['9', Float64Array.from({ length: MEASURES }, (_, i) => i)],
    ['10', Float64Array.from({ length: MEASURES }, (_, i) => -i)],
  ])
  const columns = columnsOf(sums)
  assert.equal(columns.ids, ['9', '10'])
  assert.equal(sumsFrom(structuredClone(columns)), sums)
  sumsFrom(columns, sums)
  assert.is(sums.get('9')?.[5], 10)
  assert.equal(sumsFrom(undefined), new Map())
})

test.run()
