import * as assert from 'uvu/assert'
import { LagHistogram } from '../../src/time/lag-histogram.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('a histogram of lags')

const NOTHING = { p50: NaN, p99: NaN, p999: NaN, samples: 0 }

const near = (got: number, expected: number, share: number): void => {
  assert.ok(Math.abs(got - expected) <= expected * share + 1, `got ${got}, expected ${expected}`)
}

test('has nothing to say before the first', () => {
  assert.is(new LagHistogram(60_000).percentiles(), undefined)
})

test('has percentiles within one percent of those of a sorted list', () => {
  const random = seededRandom(7)
  const histogram = new LagHistogram(60_000)
  const lags = Array.from({ length: 20_000 }, () => 50 + 8_000 * random() ** 3)
  for (const lag of lags) histogram.add(0, lag)
  lags.sort((a, b) => a - b)
  const { p50, p99, p999, samples } = histogram.percentiles() ?? NOTHING
  near(p50, lags[9_999], 0.011)
  near(p99, lags[19_799], 0.011)
  near(p999, lags[19_979], 0.011)
  assert.is(samples, 20_000)
})

test('weighs', () => {
  const histogram = new LagHistogram(60_000)
  histogram.add(0, 100, 989)
  histogram.add(0, 5_000, 11)
  const { p50, p99 } = histogram.percentiles() ?? NOTHING
  near(p50, 100, 0.011)
  near(p99, 5_000, 0.011)
})

test('forgets what is old once something newer comes, and keeps the last of a feed that stopped', () => {
  const histogram = new LagHistogram(60_000)
  histogram.add(1_000, 9_000)
  assert.is(histogram.percentiles()?.samples, 1)
  histogram.add(50_000, 10)
  assert.is(histogram.percentiles()?.samples, 2)
  histogram.add(70_000, 10)
  assert.equal(histogram.percentiles()?.samples, 2)
  near(histogram.percentiles()?.p999 ?? NaN, 10, 0.02)
})

test('takes lags below nothing, of clocks that disagree, and lags beyond all measure', () => {
  const histogram = new LagHistogram(60_000)
  histogram.add(0, -5)
  assert.is(histogram.percentiles()?.p50, 1)
  histogram.add(0, 1e12)
  assert.ok((histogram.percentiles()?.p999 ?? 0) >= 3_600_000)
})

test.run()
