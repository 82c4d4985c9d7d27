import * as assert from 'uvu/assert'
import { DEAD_LETTER_BLOCK } from '../../src/counts/keys.ts'
import type { Progress, TouchGroup } from '../../src/counts/progress.ts'
import {
  boundTouched,
  inheritLanes,
  parseProgress,
  progressCondition,
  progressItem,
} from '../../src/counts/progress.ts'
import { holds } from '../../src/counts/table-port.ts'
import { newLane } from '../../src/lanes/lane-state.ts'
import type { LaneState } from '../../src/lanes/lane-state.ts'
import { suite } from '../support/suite.ts'
import { MINUTE, progressOf, seqOf, T0 } from './batches.ts'

const test = suite('progress')

const full: Progress = {
  shardId: 'shardId-000000000003',
  seq: seqOf(42),
  ended: true,
  trimmed: true,
  since: seqOf(7),
  touched: [
    { seq: seqOf(20), blocks: new Map([['r', [T0, T0 + 15 * MINUTE]]]) },
    {
      seq: seqOf(42),
      blocks: new Map([
        ['r', [DEAD_LETTER_BLOCK]],
        ['foreign', [Date.parse('0001-01-01T00:00Z'), Date.UTC(9_999, 11, 31, 23, 45)]],
      ]),
    },
  ],
  lanes: new Map([
    [
      'r',
      new Map<number, LaneState>([
        [
          0,
          { ...newLane(0, 2), next: 17, watermark: T0 + 0.5, gap: 2, holes: [[3, 4]], cut: true },
        ],
        [1, { ...newLane(1, 2), ended: true, abandoned: true }],
      ]),
    ],
    ['s', new Map([[4_095, { ...newLane(4_095, 4_096), next: 2 ** 52, ended: true }]])],
  ]),
  redrives: new Map([['r', { ...newLane(0, 1), next: 3 }]]),
  foreignRecords: 6,
  foreignWatermark: T0 - 1,
  worker: 'w-1',
  writtenAt: 1,
  millisBehindLatest: 2,
  lastPutTime: 3,
  tripsCounted: 4,
  duplicates: 5,
}

test('comes back from its item as it was', () => {
  const item = progressItem('g', full)
  assert.is(item.pk, 'progress#g')
  assert.is(item.sk, 'shardId-000000000003')
  assert.equal(parseProgress(structuredClone(item)), full)
})

test('of nothing comes back as nothing', () => {
  const empty = progressOf()
  assert.equal(parseProgress(progressItem('g', empty)), empty)
})

test('may be written over a smaller one only', () => {
  const at = (seq: string, ended: boolean): Progress => progressOf({ seq, ended })
  const may = (next: Progress, there: Progress | undefined): boolean =>
    holds(progressCondition(next), there === undefined ? undefined : progressItem('g', there))
  assert.ok(may(at('', false), undefined))
  assert.ok(may(at(seqOf(9), false), at('', false)))
  assert.ok(may(at(seqOf(10), false), at(seqOf(9), false)))
  assert.not.ok(may(at(seqOf(9), false), at(seqOf(9), false)))
  assert.not.ok(may(at(seqOf(9), false), at(seqOf(10), false)))
  // The end of a shard counts as a step forward, once, and only from the same place.
  assert.ok(may(at(seqOf(9), true), at(seqOf(9), false)))
  assert.not.ok(may(at(seqOf(9), true), at(seqOf(9), true)))
  assert.not.ok(may(at(seqOf(9), false), at(seqOf(9), true)))
  assert.not.ok(may(at(seqOf(9), true), at(seqOf(10), false)))
  assert.ok(may(at('', true), at('', false)))
  // Trimmed away: what somebody had read beyond its end comes too late.
  assert.not.ok(may(at(seqOf(10), false), at(seqOf(9), true)))
  assert.not.ok(may(at(seqOf(10), true), at(seqOf(9), true)))
})

const group = (seq: number, blocks: number): TouchGroup => ({
  seq: seqOf(seq),
  blocks: new Map([['r', Array.from({ length: blocks }, (_, i) => T0 + i * MINUTE)]]),
})

test('keeps short lists of touched blocks whole', () => {
  const groups = Array.from({ length: 24 }, (_, i) => group(i + 1, 10))
  assert.equal(boundTouched(groups, seqOf(0)), { touched: groups, since: seqOf(0) })
})

test('drops the oldest touched blocks, and says since when the rest is complete', () => {
  const many = Array.from({ length: 30 }, (_, i) => group(i + 1, 1))
  const short = boundTouched(many, '')
  assert.equal(short.touched, many.slice(6))
  assert.is(short.since, seqOf(6))
  assert.equal(boundTouched(many, '', 2), { touched: many.slice(28), since: seqOf(28) })

  const large = [200, 100, 10, 10, 10].map((blocks, i) => group(i + 1, blocks))
  assert.equal(boundTouched(large, ''), { touched: large.slice(1), since: seqOf(1) })
})

test('names all that a large flush touched, for as long as it is among the last four', () => {
  let { touched, since } = boundTouched([group(1, 2_000), group(2, 3_000)], '')
  for (const seq of [3, 4]) {
    ;({ touched, since } = boundTouched([...touched, group(seq, 3)], since))
    assert.is(since, '')
  }
  for (const seq of [5, 6]) {
    ;({ touched, since } = boundTouched([...touched, group(seq, 3)], since))
    assert.is(since, seqOf(seq - 4))
  }
  assert.equal(touched, [group(3, 3), group(4, 3), group(5, 3), group(6, 3)])
})

test('names none of a flush that touched more than an item should hold', () => {
  const huge = boundTouched([group(1, 3), group(2, 8_001)], '')
  assert.equal(huge, { touched: [], since: seqOf(2) })
})

test('a child inherits of each lane the furthest that any parent knew', () => {
  const parent = (lanes: [number, number, boolean][]): Progress =>
    progressOf({
      lanes: new Map([
        [
          'r',
          new Map(lanes.map(([lane, next, ended]) => [lane, { ...newLane(lane, 4), next, ended }])),
        ],
      ]),
    })
  const left = parent([
    [0, 5, false],
    [1, 9, false],
  ])
  const right = parent([
    [1, 3, true],
    [2, 4, false],
  ])
  const inherited = inheritLanes([left, right]).get('r')
  assert.equal(
    [...(inherited?.values() ?? [])].map(({ lane, next, ended }) => [lane, next, ended]),
    [
      [0, 5, false],
      [1, 9, true],
      [2, 4, false],
    ],
  )
  assert.equal(inheritLanes([right, left]).get('r')?.get(1), inherited?.get(1))
  assert.equal(inheritLanes([]), new Map())
})

test('what a child inherits is its own', () => {
  const parent = progressOf({ lanes: new Map([['r', new Map([[0, newLane(0, 1)]])]]) })
  const inherited = inheritLanes([parent]).get('r')?.get(0)
  assert.ok(inherited)
  inherited.next = 99
  assert.is(parent.lanes.get('r')?.get(0)?.next, 0)
})

test.run()
