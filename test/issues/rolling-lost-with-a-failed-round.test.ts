/**
 * A round of the merger noted the new watermark, and then failed at an hour. The next round found
 * the watermark unmoved, so the rolling items stayed as they were: of a run that had just ended,
 * for good, under a status that said complete. Found by seed 34 of the simulation.
 */
import * as assert from 'uvu/assert'
import { rollingPk, statusKey } from '../../src/counts/keys.ts'
import { trouble } from '../simulation/network.ts'
import { suite } from '../support/suite.ts'
import { MINUTE, T0 } from '../merge/counting.ts'
import { generation, MergeStage } from '../merge/merging.ts'

const test = suite('rolling items')

test('are written after a round that failed before it came to them', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  const control = { firstOrdinal: 0, watermark: T0 + 20 * MINUTE, ended: true }
  await stage.count([{ seq: 1, control, trips: [{ at: 12 * MINUTE, off: 14 * MINUTE }] }])
  stage.table.onCall = (call, { pk }) => {
    if (call === 'put' && pk.startsWith('hour#')) throw trouble('a throttle')
  }
  await assertFails(merger.tick())
  stage.table.onCall = () => undefined
  for (let i = 0; i < 3; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
  const { pk, sk } = statusKey(generation.id, 'r')
  assert.is(stage.table.item(pk, sk)?.complete, true)
  for (const window of ['15m', 'routes-30m']) {
    assert.is(stage.table.item(rollingPk(generation.id, 'r'), window)?.final, true, window)
  }
})

async function assertFails(work: Promise<void>): Promise<void> {
  const failed = await work.then(
    () => false,
    () => true,
  )
  assert.ok(failed)
}

test.run()
