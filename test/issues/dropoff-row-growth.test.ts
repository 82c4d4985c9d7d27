/**
 * Once the counter wrote `values[counts.row(pane, slot) + DROPOFFS]++`. JavaScript evaluates `values`
 * first and `row(…)` after it; a row that was new and found no room made `row` replace `values` by a
 * larger array, and the dropoff was counted in the old one, which nobody looked at again. It showed
 * as a few dropoffs missing, only in blocks with more than 8, 16, 32 … rows, and only where the
 * row's first trip was a dropoff. So: the row first, then the array.
 */
import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { DROPOFFS } from '../../src/counts/measures.ts'
import { counterFor, batchOf } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'

const test = suite('a dropoff in a row that is new')

test('is counted where the row moved everything into a larger array', () => {
  const places = 200
  const slots = new DistrictSlots(
    Array.from({ length: places }, (_, i) => `d${i}`),
    false,
  )
  const counter = counterFor({ slots })
  const batch = batchOf([
    { seq: 1, trips: Array.from({ length: places }, (_, i) => ({ from: -1, to: i })) },
  ])
  for (const ref of counter.missingBlocks(batch)) counter.install(ref)
  counter.absorb(batch)
  const [ref] = counter.beginFlush().blocks
  const partial = counter.partial(ref)
  assert.ok(partial)
  const counts = BlockCounts.unpack(partial.counts, slots)
  for (let place = 0; place < places; place++) {
    assert.is(counts.values[counts.row(0, place) + DROPOFFS], 1, `district ${place}`)
  }
})

test.run()
