import * as assert from 'uvu/assert'
import type { ColourScale } from '../../src/page/colour-scale.ts'
import { CLASSES, classOf, nextScale, PATIENCE } from '../../src/page/colour-scale.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import { SHOWN_MEASURES } from '../../src/views/shown-measure.ts'
import { suite } from '../support/suite.ts'

const test = suite('a scale of colours')

test('has round breaks that rise, whatever the values', () => {
  const random = seededRandom(7)
  for (let round = 0; round < 400; round++) {
    const size = 10 ** (random() * 6)
    const values = Array.from({ length: 1 + Math.floor(random() * 80) }, () => random() * size)
    for (const measure of SHOWN_MEASURES) {
      const shown = measure === 'tip' ? values.map((value) => value / size) : values
      const signed = measure === 'net' ? shown.map((value) => Math.round(value - size / 2)) : shown
      const { breaks } = nextScale(measure, signed, undefined)
      assert.is(breaks.length, CLASSES - 1)
      breaks.forEach((value, i) => {
        assert.ok(Number.isFinite(value) && (i === 0 || value > breaks[i - 1]), breaks.join())
      })
    }
  }
})

test('tells none from one, and balance from either side', () => {
  const counts = nextScale('pickups', [0, 3, 9], undefined)
  assert.equal(counts.breaks, [1, 2, 3, 4, 5, 7])
  assert.is(classOf(counts.breaks, 0), 0)
  assert.is(classOf(counts.breaks, 1), 1)
  assert.is(classOf(counts.breaks, 1e9), CLASSES - 1)
  const net = nextScale('net', [-4, 2], undefined)
  const classes = [-4, -2, -1, 0, 1, 2, 4].map((value) => classOf(net.breaks, value))
  assert.equal(classes, [0, 1, 2, 3, 4, 5, 6])
})

test('grows at once when values outgrow it', () => {
  const small = nextScale('pickups', [8], undefined)
  const large = nextScale('pickups', [800], small)
  assert.equal(large.breaks, [20, 50, 100, 200, 400, 700])
})

function after(measure: ShownMeasure, updates: readonly (readonly number[])[]): ColourScale[] {
  const scales: ColourScale[] = []
  for (const values of updates) scales.push(nextScale(measure, values, scales.at(-1)))
  return scales
}

test('does not jump while values go up and down across a round number', () => {
  const updates = Array.from({ length: 200 }, (_, i) => [i % 2 === 0 ? 99 : 104])
  const breaks = after('pickups', updates).map((scale) => scale.breaks.join())
  assert.is(new Set(breaks.slice(1)).size, 1)
})

test('shrinks only after values were smaller for a while', () => {
  const updates = [[500], ...Array.from({ length: PATIENCE }, () => [9])]
  const scales = after('pickups', updates)
  assert.is(scales[PATIENCE - 1].breaks.at(-1), 350)
  assert.is(scales[PATIENCE].breaks.at(-1), 7)
})

test('stays as it is where there are no values', () => {
  const shown = nextScale('pickups', [500], undefined)
  assert.is(nextScale('pickups', [], shown), shown)
  assert.is(nextScale('fare', [], undefined).breaks.length, CLASSES - 1)
})

test('puts averages in the middle, and lets outliers lie', () => {
  const fares = Array.from({ length: 50 }, (_, i) => 900 + i * 20)
  const { breaks } = nextScale('fare', [...fares, 52_000], undefined)
  assert.ok(breaks[0] >= 500 && (breaks.at(-1) ?? 0) <= 2_500, breaks.join())
  const moved = nextScale('fare', [...fares.map((fare) => fare + 60), 9], { breaks, patience: 0 })
  assert.equal(moved.breaks, breaks)
})

test.run()
