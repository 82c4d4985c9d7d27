import * as assert from 'uvu/assert'
import { statusKey } from '../../src/counts/keys.ts'
import { attributesOf, numberOf } from '../../src/counts/item-values.ts'
import { LagMeter } from '../../src/merge/lag-meter.ts'
import { suite } from '../support/suite.ts'
import { MINUTE, T0 } from './counting.ts'
import { generation, MergeStage } from './merging.ts'

const test = suite('the lag from trip to table')

const NOTHING = { p50: NaN, p99: NaN, p999: NaN, samples: 0 }

test('runs until an item shows the pane of the trip, not only until a merge', () => {
  const meter = new LagMeter()
  meter.note([
    [1_000, 99, T0],
    [1_000, 1, T0 + 5 * MINUTE],
  ])
  meter.shown(T0 + 5 * MINUTE, 2_000, 0)
  assert.is(meter.percentiles()?.samples, 99)
  meter.shown(T0 + 10 * MINUTE, 9_000, 10)
  const { p50, p999, samples } = meter.percentiles() ?? NOTHING
  assert.is(samples, 100)
  assert.ok(Math.abs(p50 - 1_000) <= 10, String(p50))
  assert.ok(Math.abs(p999 - 8_000) <= 80, String(p999))
})

test('stands in the status, counted once a trip', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  const putTime = stage.clock.now()
  const lag = (): Readonly<Record<string, unknown>> => {
    const { pk, sk } = statusKey(generation.id, 'r')
    return attributesOf(stage.table.item(pk, sk)?.lag)
  }
  const record = (seq: number, minutes: number) => ({
    seq,
    control: { firstOrdinal: seq - 1, putTime, watermark: T0 + minutes * MINUTE },
    trips: [{ at: minutes * MINUTE, off: minutes * MINUTE }],
  })
  await stage.count([record(1, 1)])
  stage.clock.jump(3_000)
  await merger.tick()
  assert.is(lag().samples, 1)
  assert.ok(Math.abs(numberOf(lag().p50 as number) - 3_000) <= 30)
  for (let i = 0; i < 10; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
  assert.is(lag().samples, 1)
  await stage.count([record(2, 2)])
  stage.clock.jump(1_000)
  await merger.tick()
  assert.is(lag().samples, 2)
  assert.ok(numberOf(lag().p99 as number) > 13_000)
})

test.run()
