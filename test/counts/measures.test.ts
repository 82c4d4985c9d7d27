import * as assert from 'uvu/assert'
import {
  FIRST_TIER,
  MEASURES,
  REASONS,
  SUMS,
  TIERS,
  tierColumn,
  DISTANCE,
  DROPOFFS,
  FARE,
  PASSENGERS,
  PICKUPS,
  TIP,
  TOTAL,
} from '../../src/counts/measures.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('measures')

const tier = (fare: number, tip: number, total: number): string =>
  TIERS[tierColumn(fare, tip, total) - FIRST_TIER]

test('the columns are named in their order', () => {
  const columns = [PICKUPS, DROPOFFS, PASSENGERS, DISTANCE, FARE, TIP, TOTAL]
  assert.equal(columns, [0, 1, 2, 3, 4, 5, 6])
  assert.equal(
    columns.map((column) => SUMS[column]),
    ['pickups', 'dropoffs', 'passengers', 'distance', 'fare', 'tip', 'total'],
  )
  assert.is(MEASURES, 24)
  assert.is(TIERS.length, 17)
  assert.is(new Set(TIERS).size, 17)
})

test('a share is in the tier whose lower bound it reaches', () => {
  assert.is(tier(6_999, 999, 10_000), 'tip<10% fare<70%')
  assert.is(tier(7_000, 1_000, 10_000), 'tip<15% fare<80%')
  assert.is(tier(7_999, 1_499, 10_000), 'tip<15% fare<80%')
  assert.is(tier(8_000, 1_500, 10_000), 'tip<20% fare<90%')
  assert.is(tier(8_999, 1_999, 10_000), 'tip<20% fare<90%')
  assert.is(tier(9_000, 2_000, 10_000), 'tip>=20% fare>=90%')
  assert.is(tier(0, 0, 1), 'tip<10% fare<70%')
})

test('a share that no float holds exactly is decided in integers', () => {
  // 3 × 0.7 / 3 is not 0.7 in floating point; 210 cents of 300 are 70 %.
  assert.is(tier(210, 30, 300), 'tip<15% fare<80%')
  for (let total = 1; total < 3_000; total += 7) {
    for (const percent of [70, 80, 90]) {
      if ((total * percent) % 100 !== 0) continue
      const fare = (total * percent) / 100
      assert.is.not(tier(fare, 0, total), tier(fare - 1, 0, total), `${fare} of ${total}`)
    }
  }
})

test('a trip without a positive total has no tier', () => {
  for (const total of [0, -1, -500]) assert.is(tier(100, 10, total), 'none')
  assert.is(tierColumn(1, 1, 0), MEASURES - 1)
})

test('odd amounts fall into the outer tiers', () => {
  assert.is(tier(-500, -100, 300), 'tip<10% fare<70%')
  assert.is(tier(5_000, 5_000, 300), 'tip>=20% fare>=90%')
  assert.is(tier(2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1), 'tip>=20% fare>=90%')
})

test('agrees with exact fractions on any amounts', () => {
  const random = seededRandom(5)
  const tiersOf = (part: bigint, whole: bigint, bounds: bigint[]): number =>
    bounds.filter((bound) => part * 100n >= bound * whole).length
  for (let i = 0; i < 5_000; i++) {
    const [fare, tip, total] = [0, 0, 0].map(() => Math.floor((random() - 0.1) * 10_000))
    if (total <= 0) continue
    const expected =
      FIRST_TIER +
      tiersOf(BigInt(tip), BigInt(total), [10n, 15n, 20n]) * 4 +
      tiersOf(BigInt(fare), BigInt(total), [70n, 80n, 90n])
    assert.is(tierColumn(fare, tip, total), expected, JSON.stringify({ fare, tip, total }))
  }
})

test('the codes of reasons never change, as they stand in packed partials', () => {
  assert.equal(REASONS, [
    'missing-time',
    'missing-position',
    'zero-position',
    'off-planet',
    'swapped',
    'outside',
    'zone-id-without-zones',
    'position-without-districts',
  ])
})

test.run()
