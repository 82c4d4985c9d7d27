import * as assert from 'uvu/assert'
import { progressItem, parseProgress } from '../../src/counts/progress.ts'
import type { PutEntry } from '../../src/counts/put-times.ts'
import { condense, MAX_PUT_ENTRIES, PutTimes } from '../../src/counts/put-times.ts'
import { suite } from '../support/suite.ts'
import { batchOf, counterFor, MINUTE, progressOf, T0 } from './batches.ts'

const test = suite('the times of puts')

const PANE = 5 * MINUTE

test('are kept by run, put and pane', () => {
  const times = new PutTimes()
  const minutes = (...at: number[]): Float64Array => Float64Array.from(at, (m) => T0 + m * MINUTE)
  times.note('a', 1_000, { pickupTime: minutes(0, 1, 4.9, 5, 9, 12), from: 1, end: 6 }, PANE)
  times.note('a', 2_000, { pickupTime: minutes(3, NaN, 4), from: 0, end: 3 }, PANE)
  times.note('b', 1_500, { pickupTime: minutes(3), from: 0, end: 1 }, PANE)
  times.note('c', 1_500, { pickupTime: minutes(3), from: 1, end: 1 }, PANE)
  const taken = times.take()
  assert.equal(taken.get('a'), [
    [1_000, 2, T0],
    [1_000, 2, T0 + PANE],
    [1_000, 1, T0 + 2 * PANE],
    [2_000, 2, T0],
  ])
  assert.equal(taken.get('b'), [[1_500, 1, T0]])
  assert.is(taken.size, 2)
  assert.is(times.take().size, 0)
})

test('are few of an aggregate that spans many panes, each as late as its last trip', () => {
  const times = new PutTimes()
  const pickupTime = Float64Array.from({ length: 100 }, (_, i) => (i === 7 ? NaN : T0 + i * PANE))
  times.note('a', 1_000, { pickupTime, from: 0, end: 100 }, PANE)
  const noted = times.take().get('a') ?? []
  assert.equal(
    noted.map(([, trips]) => trips),
    [9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
  )
  assert.equal(noted[0], [1_000, 9, T0 + 9 * PANE])
  assert.is(noted.at(-1)?.[2], T0 + 99 * PANE)
})

test('are few, however many puts there were, and lose no trip', () => {
  const entries = Array.from({ length: 1_000 }, (_, i): PutEntry => [
    5_000 + i,
    1 + (i % 3),
    T0 + i,
  ])
  const few = condense(entries)
  assert.ok(few.length <= MAX_PUT_ENTRIES)
  const sum = (all: readonly PutEntry[], of: (entry: PutEntry) => number): number =>
    all.reduce((total, entry) => total + of(entry), 0)
  assert.is(
    sum(few, ([, trips]) => trips),
    sum(entries, ([, trips]) => trips),
  )
  const mean = (all: readonly PutEntry[]): number =>
    sum(all, ([time, trips]) => time * trips) / sum(all, ([, trips]) => trips)
  assert.ok(Math.abs(mean(few) - mean(entries)) < 1)
  assert.is(few.at(-1)?.[2], T0 + 999)
})

test('stand in the progress of the flush that made their trips durable, and of no duplicate', () => {
  const counter = counterFor()
  const batch = batchOf([
    { seq: 1, control: { putTime: 70, firstOrdinal: 0 }, trips: [{ at: 0 }, { at: MINUTE }] },
    {
      seq: 2,
      control: { putTime: 90, firstOrdinal: 1 },
      trips: [{ at: MINUTE }, { at: 2 * MINUTE }],
    },
  ])
  for (const ref of counter.missingBlocks(batch)) counter.install(ref)
  counter.absorb(batch)
  const { progress } = counter.beginFlush()
  const group = progress.touched.at(-1)
  assert.equal(
    group?.puts,
    new Map([
      [
        'r',
        [
          [70, 2, T0],
          [90, 1, T0],
        ],
      ],
    ]),
  )
  const item = progressItem('g', { ...progressOf(), ...progress })
  assert.equal(parseProgress(item).touched, progress.touched)
})

test('leave a progress after some flushes, which nobody reads any more', () => {
  const counter = counterFor()
  for (let i = 0; i < 20; i++) {
    const batch = batchOf([{ seq: i + 1, control: { putTime: i, firstOrdinal: i }, trips: [{}] }])
    for (const ref of counter.missingBlocks(batch)) counter.install(ref)
    counter.absorb(batch)
    counter.beginFlush()
  }
  const { progress } = counter.beginFlush()
  assert.is(progress.touched.length, 20)
  assert.is(progress.touched.filter(({ puts }) => puts !== undefined).length, 10)
})

test.run()
