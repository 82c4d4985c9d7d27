import * as assert from 'uvu/assert'
import type { Progress } from '../../src/counts/progress.ts'
import type { LaneState } from '../../src/lanes/lane-state.ts'
import { newLane } from '../../src/lanes/lane-state.ts'
import { dueDays, dueHours, isCatchingUp } from '../../src/merge/merge-plan.ts'
import type { PendingHour } from '../../src/merge/merge-plan.ts'
import { runViews } from '../../src/merge/run-view.ts'
import { touchedSince } from '../../src/merge/touched.ts'
import { progressOf, seqOf } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { HOUR, mergingAt, MINUTE, T0 } from './counting.ts'

const test = suite('what a merger knows and plans')

let shards = 0
function shardOf(lanes: readonly Partial<LaneState>[], changes: Partial<Progress> = {}): Progress {
  const states = lanes.map((lane) => ({ ...newLane(lane.lane ?? 0, 2), ...lane }))
  return progressOf({
    shardId: `s${shards++}`,
    lanes: new Map([['r', new Map(states.map((state) => [state.lane, state]))]]),
    ...changes,
  })
}

const viewOf = (
  ...of: Progress[]
): ReturnType<typeof runViews> extends Map<string, infer V> ? V : never => {
  const view = runViews(of).get('r')
  assert.ok(view)
  return view
}

test('the watermark of a run is the least of its lanes, each at the furthest any shard knows', () => {
  const view = viewOf(
    shardOf([
      { lane: 0, watermark: 10 },
      { lane: 1, watermark: 50 },
    ]),
    shardOf([{ lane: 0, watermark: 30 }]),
  )
  assert.equal([view.watermark, view.heldBy, view.lanes], [30, 0, 2])
})

test('a lane that no shard has met holds the run back for ever', () => {
  const view = viewOf(shardOf([{ lane: 1, watermark: 50, ended: true }]))
  assert.equal([view.watermark, view.heldBy, view.ended], [-Infinity, 0, false])
})

test('a run has ended when every lane of it has', () => {
  assert.is(viewOf(shardOf([{ lane: 0, ended: true }, { lane: 1 }])).ended, false)
  const lanes = [shardOf([{ lane: 0, ended: true }]), shardOf([{ lane: 1, ended: true }])]
  assert.is(viewOf(...lanes).ended, true)
  assert.is(viewOf(...lanes).abandoned, false)
  const abandoned = viewOf(
    shardOf([
      { lane: 0, ended: true },
      { lane: 1, ended: true, abandoned: true },
    ]),
  )
  assert.equal([abandoned.ended, abandoned.abandoned], [true, true])
})

test('trips are those that were found, without the ones that are missing', () => {
  const view = viewOf(
    shardOf([
      { lane: 0, next: 100, gap: 7 },
      { lane: 1, next: 50 },
    ]),
  )
  assert.equal([view.trips, view.gap], [143, 7])
})

test('trips that are missing are told lane by lane, and where a lane was cut off', () => {
  const view = viewOf(
    shardOf([
      {
        lane: 0,
        next: 100,
        gap: 7,
        holes: [
          [20, 24],
          [50, 51],
        ],
      },
      { lane: 1, next: 50, cut: true },
    ]),
    shardOf([{ lane: 0, next: 40, gap: 5, holes: [[20, 24]] }]),
  )
  assert.equal(view.lost, [
    { lane: 0, first: 20, last: 24 },
    { lane: 0, first: 50, last: 51 },
    { lane: 1, first: 50, last: null },
  ])
  const over = viewOf(
    shardOf([{ lane: 0, next: 50, cut: true }]),
    shardOf([{ lane: 0, ended: true }]),
  )
  assert.equal(over.lost, [])
})

test('records of other producers have the least watermark of the shards that have any', () => {
  const views = runViews([
    progressOf({ shardId: 'a', foreignWatermark: 50 }),
    progressOf({ shardId: 'b', foreignWatermark: 30 }),
    progressOf({ shardId: 'c' }),
    progressOf({ shardId: 'd', foreignWatermark: 1, ended: true }),
  ])
  assert.is(views.get('foreign')?.watermark, 30)
  assert.is(views.get('foreign')?.ended, false)
  assert.is(runViews([progressOf()]).size, 0)
})

const pendingAt = (
  entries: readonly [hour: number, changed?: boolean, at?: number][],
): Map<number, PendingHour> =>
  new Map(
    entries.map(([hour, changed = true, at = -Infinity]) => [
      T0 + hour * HOUR,
      { changed, writtenAtPane: at },
    ]),
  )

const calm = { catchingUp: false, quiet: false }
const hours = (due: number[]): number[] => due.map((hour) => (hour - T0) / HOUR)

test('hours that are final are due, in their order', () => {
  const pending = pendingAt([[2], [0], [1]])
  assert.equal(hours(dueHours(pending, mergingAt(130), { catchingUp: true, quiet: false })), [0, 1])
  assert.equal(hours(dueHours(pending, mergingAt(0, true), calm)), [0, 1, 2])
})

test('an open hour is due each time a pane has closed, not while the run catches up', () => {
  const first = pendingAt([[0]])
  assert.equal(hours(dueHours(first, mergingAt(12), calm)), [0])
  assert.equal(dueHours(first, mergingAt(12), { catchingUp: true, quiet: false }), [])
  const written = pendingAt([[0, false, T0 + 10 * MINUTE]])
  assert.equal(dueHours(written, mergingAt(14.9), calm), [])
  assert.equal(hours(dueHours(written, mergingAt(15), calm)), [0])
})

test('an hour ahead of the watermark waits for it, unless the run has gone quiet', () => {
  const ahead = pendingAt([[5]])
  assert.equal(dueHours(ahead, mergingAt(12), calm), [])
  const quiet = { catchingUp: false, quiet: true }
  assert.equal(hours(dueHours(ahead, mergingAt(12), quiet)), [5])
  assert.equal(hours(dueHours(ahead, { ...mergingAt(0), watermark: -Infinity }, quiet)), [5])
  assert.equal(dueHours(pendingAt([[5, false]]), mergingAt(12), quiet), [])
})

test('a day is due when its hours are written, and whole while the run catches up', () => {
  const days = [T0, T0 + 24 * HOUR]
  const nothing = pendingAt([])
  assert.equal(dueDays(days, nothing, mergingAt(25 * 60), calm), days)
  const fast = { catchingUp: true, quiet: false }
  assert.equal(dueDays(days, nothing, mergingAt(25 * 60), fast), [T0])
  assert.equal(dueDays(days, nothing, mergingAt(25 * 60, true), fast), days)
  assert.equal(dueDays(days, nothing, mergingAt(1), { catchingUp: true, quiet: true }), days)
})

test('a day waits for an hour of it that is final and was refused', () => {
  const days = [T0, T0 + 24 * HOUR]
  assert.equal(dueDays(days, pendingAt([[3]]), mergingAt(30 * 60), calm), [T0 + 24 * HOUR])
  assert.equal(dueDays(days, pendingAt([[29]]), mergingAt(29.5 * 60), calm), days)
})

test('a run catches up while an hour of it passes within a few rounds', () => {
  assert.ok(isCatchingUp(T0, -Infinity, 1_000))
  assert.ok(isCatchingUp(T0 + 2 * HOUR, T0, 1_000))
  assert.not.ok(isCatchingUp(T0 + MINUTE, T0, 1_000))
  assert.not.ok(isCatchingUp(T0, T0, 1_000))
})

test('what was touched since a merger looked is named, run by run', () => {
  const groups = [
    { seq: seqOf(1), blocks: new Map([['r', [T0]]]) },
    {
      seq: seqOf(5),
      blocks: new Map([
        ['r', [T0 + HOUR]],
        ['s', [T0]],
      ]),
    },
  ]
  const shard = progressOf({ shardId: 'a', seq: seqOf(5), touched: groups })
  const since = (seq: string | undefined): ReturnType<typeof touchedSince> =>
    touchedSince([shard], new Map(seq === undefined ? [] : [['a', seq]]))
  const first = { run: 'r', blocks: [T0], shardId: 'a', seq: seqOf(1) }
  const later = [
    { run: 'r', blocks: [T0 + HOUR], shardId: 'a', seq: seqOf(5) },
    { run: 's', blocks: [T0], shardId: 'a', seq: seqOf(5) },
  ]
  assert.equal(since(undefined), {
    touches: [first, ...later],
    incomplete: false,
    puts: new Map(),
  })
  assert.equal(since(seqOf(1)).touches, later)
  assert.equal(since(seqOf(5)).touches, [])
})

test('a list that does not reach back to where a merger was says that it does not', () => {
  const shard = progressOf({ shardId: 'a', seq: seqOf(9), since: seqOf(4) })
  assert.is(touchedSince([shard], new Map()).incomplete, true)
  assert.is(touchedSince([shard], new Map([['a', seqOf(3)]])).incomplete, true)
  assert.is(touchedSince([shard], new Map([['a', seqOf(4)]])).incomplete, false)
})

test.run()
