import * as assert from 'uvu/assert'
import { furtherLane, newLane } from '../../src/lanes/lane-state.ts'
import { suite } from '../support/suite.ts'

const test = suite('the state of a lane')

test('of two parents each part is the further one', () => {
  const stale = { ...newLane(2, 8), next: 100, watermark: 5_000, gap: 3 }
  const far = { ...newLane(2, 8), next: 250, watermark: 4_000, ended: true }
  const expected = {
    lane: 2,
    lanes: 8,
    next: 250,
    watermark: 5_000,
    ended: true,
    abandoned: false,
    gap: 3,
  }
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
  }
  assert.equal(furtherLane(newLane(0, 4), known), known)
  assert.equal(furtherLane(known, newLane(0, 4)), known)
})

test.run()
