import * as assert from 'uvu/assert'
import type { Deal } from '../../src/lanes/deal.ts'
import { laneOf, laneOrdinalOf, laneShare } from '../../src/lanes/deal.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('a deal')

const random = seededRandom(11)
const deals: Deal[] = [
  { lanes: 1, handSize: 1 },
  { lanes: 1, handSize: 7 },
  { lanes: 5, handSize: 1 },
  ...Array.from({ length: 60 }, () => ({
    lanes: 1 + Math.floor(random() * 12),
    handSize: 1 + Math.floor(random() * 30),
  })),
]

test('gives every lane its trips in order and without a hole', () => {
  for (const deal of deals) {
    const next = Array<number>(deal.lanes).fill(0)
    for (let ordinal = 0; ordinal < 1_500; ordinal++) {
      const lane = laneOf(deal, ordinal)
      assert.ok(lane >= 0 && lane < deal.lanes)
      assert.is(laneOrdinalOf(deal, ordinal), next[lane]++, JSON.stringify({ deal, ordinal }))
    }
  }
})

test('gives hands of consecutive trips, lane after lane', () => {
  assert.equal(
    Array.from({ length: 14 }, (_, ordinal) => laneOf({ lanes: 3, handSize: 2 }, ordinal)),
    [0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0, 0],
  )
  for (const deal of deals) {
    for (let ordinal = 1; ordinal < 500; ordinal++) {
      const step = laneOf(deal, ordinal) - laneOf(deal, ordinal - 1)
      const expected = ordinal % deal.handSize === 0 ? 1 : 0
      assert.is((step + deal.lanes) % deal.lanes, expected % deal.lanes)
    }
  }
})

test('shares any number of first trips out completely', () => {
  for (const deal of deals) {
    const shares = Array<number>(deal.lanes).fill(0)
    for (let trips = 0; trips <= 700; trips++) {
      for (let lane = 0; lane < deal.lanes; lane++) {
        assert.is(laneShare(deal, lane, trips), shares[lane], JSON.stringify({ deal, lane, trips }))
      }
      shares[laneOf(deal, trips)]++
    }
  }
})

test('holds for the ordinals of a run that loops for years', () => {
  const deal = { lanes: 48, handSize: 590 }
  const far = 2 ** 52 + 12_345
  assert.is(laneShare(deal, laneOf(deal, far), far), laneOrdinalOf(deal, far))
  assert.is(laneOrdinalOf(deal, far + 48 * 590), laneOrdinalOf(deal, far) + 590)
})

test.run()
