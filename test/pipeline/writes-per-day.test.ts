import * as assert from 'uvu/assert'
import { countedDay } from '../support/counted-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('the writes of a day')

/** KCL 3.5: a renewal every 3.308 s, and as many checkpoints as are asked for, here one in 5 s. */
const KCL_RENEWALS = 86_400 / 3.308
const KCL_WITH_CHECKPOINTS = KCL_RENEWALS + 86_400 / 5

const half = { shards: 2, millis: 120_000 }

test('are renewals and the keeping of the role, and nothing else, while no record comes', async () => {
  const { lease, progress, partials, merging } = await countedDay({
    ...half,
    kind: 'rest',
    flushMillis: 1_000,
  })
  assert.equal([progress, partials], [0, 0])
  assert.ok(lease > 15_000 && lease <= KCL_RENEWALS, String(lease))
  // The role is renewed every quarter of the fail-over time; no state that stands is written again.
  assert.ok(merging > 0 && merging <= 86_400 / 2.5 + 720, String(merging))
})

test('are, of a lease, fewer than those of KCL though checkpoints are written too', async () => {
  const { lease, progress, partials } = await countedDay({
    ...half,
    kind: 'trips',
    flushMillis: 1_000,
  })
  assert.ok(lease > 20_000 && lease < 0.75 * KCL_WITH_CHECKPOINTS, String(lease))
  assert.ok(progress > 50_000 && progress <= 86_400 + 720, String(progress))
  // One block a flush, as pickups of now and dropoffs of soon share one; two at times.
  assert.ok(partials >= progress && partials < 1.3 * progress, `${partials} ${progress}`)
})

test('become fewer with the flushes', async () => {
  const often = await countedDay({ ...half, kind: 'trips', flushMillis: 1_000 })
  const seldom = await countedDay({ ...half, kind: 'trips', flushMillis: 5_000 })
  assert.ok(seldom.progress < often.progress / 3, `${seldom.progress} ${often.progress}`)
  assert.ok(seldom.shardUnits < often.shardUnits / 3, `${seldom.shardUnits}`)
})

test.run()
