import * as assert from 'uvu/assert'
import { furtherLane, MAX_HOLES, newLane, noteGap } from '../../src/lanes/lane-state.ts'
import type { LaneState } from '../../src/lanes/lane-state.ts'
import { suite } from '../support/suite.ts'

const test = suite('the state of a lane')

test('of two parents each part is the further one', () => {
  const stale = { ...newLane(2, 8), next: 100, watermark: 5_000, gap: 3, holes: [[4, 6] as const] }
  const far = { ...newLane(2, 8), next: 250, watermark: 4_000, ended: true }
  const expected = {
    lane: 2,
    lanes: 8,
    next: 250,
    watermark: 5_000,
    ended: true,
    abandoned: false,
    gap: 3,
    holes: [[4, 6]],
    cut: false,
  } satisfies LaneState
  assert.equal(furtherLane(stale, far), expected)
  assert.equal(furtherLane(far, stale), expected)
  assert.equal(furtherLane(expected, stale), expected)
})

test('nothing is known of a new lane, and any knowledge goes further', () => {
  const known = {
    ...newLane(0, 4),
    next: 1,
    watermark: -1e12,
    ended: true,
    abandoned: true,
    gap: 1,
    holes: [[0, 0] as const],
  }
  assert.equal(furtherLane(newLane(0, 4), known), known)
  assert.equal(furtherLane(known, newLane(0, 4)), known)
})

test('remembers its first holes, and counts the trips of all', () => {
  const lane = newLane(0, 1)
  for (let i = 0; i < 40; i++) {
    lane.next = 100 * i
    noteGap(lane, 100 * i + 3)
  }
  assert.is(lane.gap, 120)
  assert.is(lane.holes.length, MAX_HOLES)
  assert.equal(lane.holes.slice(0, 2), [
    [0, 2],
    [100, 102],
  ])
})

test.run()
