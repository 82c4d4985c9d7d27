import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { attributesOf, listOf, textOf } from '../../src/counts/item-values.ts'
import type { Item } from '../../src/counts/table-port.ts'
import type { Merging } from '../../src/merge/hour-item.ts'
import { addRoute, routesItem, topRoutes } from '../../src/merge/routes-item.ts'
import type { RouteSums } from '../../src/merge/routes-item.ts'
import { suite } from '../support/suite.ts'
import { HOUR, mergingAt, slots, T0 } from './counting.ts'

const test = suite('the routes item')

type Entry = readonly [pane: number, origin: string, destination: string, trips: number]

function hourOf(entries: readonly Entry[]): BlockCounts {
  const counts = new BlockCounts(12, slots.size)
  for (const [pane, origin, destination, trips] of entries) {
    counts.routes.add(pane, slots.slotOf(origin), slots.slotOf(destination), trips)
  }
  return counts
}

function item(merging: Merging, hours: Record<number, readonly Entry[]>, previous?: Item): Item {
  const counts = new Map(
    Object.entries(hours).map(([hour, list]) => [T0 + Number(hour) * HOUR, hourOf(list)]),
  )
  return routesItem(merging, (hour) => counts.get(hour), previous)
}

const told = ({ routes }: Item): string[] =>
  listOf(routes).map((route) => {
    const { origin, destination, trips } = attributesOf(route)
    return `${textOf(origin)} ${textOf(destination)} ${textOf(trips)}`
  })

test('has the trips of the closed panes of half an hour, and of no other', () => {
  const hours = {
    0: [
      [6, '3', '20', 100],
      [7, '3', '20', 1],
      [11, '101', '3', 2],
    ],
    1: [
      [0, '3', '20', 2],
      [1, '20', '20', 100],
    ],
  } as const
  const made = item(mergingAt(66), hours)
  assert.equal([made.pk, made.sk], ['rolling#g#r', 'routes-30m'])
  assert.equal(
    [made.asOf, made.from, made.to, made.final, made.revision, made.version],
    ['2016-01-01T01:06:00', '2016-01-01T00:35:00', '2016-01-01T01:05:00', false, 0, 1],
  )
  assert.equal(told(made), ['3 20 3', '101 3 2'])
  const ended = item(mergingAt(66, true), hours, made)
  assert.equal([ended.to, ended.final, ended.version], ['2016-01-01T01:10:00', true, 2])
  assert.equal(told(ended), ['20 20 100', '3 20 2', '101 3 2'])
})

test('is empty, but there, where no trip ended', () => {
  assert.equal(item(mergingAt(66), {}).routes, [])
})

test('has text for ids, also where they are numbers', () => {
  const [route] = listOf(item(mergingAt(10), { 0: [[0, '3', '101', 1]] }).routes)
  assert.equal(route, { origin: '3', destination: '101', trips: 1 })
})

test('tells the ten most frequent, ties in the order of ids', () => {
  const sums: RouteSums = new Map()
  for (const origin of ['9', '10', '2', '1']) {
    for (const destination of ['10', '9', '1']) addRoute(sums, origin, destination, 1)
  }
  addRoute(sums, '10', '9', 4)
  addRoute(sums, '10', '10', 4)
  const lines = topRoutes(sums).map((each) => `${each.origin}-${each.destination} ${each.trips}`)
  assert.equal(lines, [
    '10-9 5',
    '10-10 5',
    '1-1 1',
    '1-9 1',
    '1-10 1',
    '2-1 1',
    '2-9 1',
    '2-10 1',
    '9-1 1',
    '9-9 1',
  ])
})

test('orders ids as text where one of them is no number', () => {
  const sums: RouteSums = new Map()
  for (const origin of ['9', '10', 'x']) addRoute(sums, origin, '9', 1)
  assert.equal(
    topRoutes(sums).map(({ origin }) => origin),
    ['10', '9', 'x'],
  )
})

test.run()
