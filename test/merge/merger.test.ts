import * as assert from 'uvu/assert'
import { attributesOf } from '../../src/counts/item-values.ts'
import { rollingPk } from '../../src/counts/keys.ts'
import type { SegmentSpec } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { MINUTE, T0 } from './counting.ts'
import { day, hour, lane, pickups, status, ticks } from './merged.ts'
import { generation, MergeStage } from './merging.ts'

const test = suite('a merger')

test('writes hours, the day, the rolling window and the status of a run, and finishes it', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([lane(0, [1, 2, 61, 61, 125], 125.1, true)])
  await ticks(stage, merger, 2)
  assert.equal(
    ['00', '01', '02'].map((name) => pickups(hour(stage, name))),
    [2, 2, 1],
  )
  assert.equal([pickups(day(stage)), day(stage)?.final], [5, true])
  const rolling = stage.table.item(rollingPk(generation.id, 'r'), '15m')
  assert.equal([rolling?.final, attributesOf(rolling?.all).pickups], [true, 1])
  const routes = stage.table.item(rollingPk(generation.id, 'r'), 'routes-30m')
  assert.equal(
    [routes?.final, routes?.routes],
    [true, [{ origin: '101', destination: '101', trips: 1 }]],
  )
  const end = status(stage)
  assert.equal(
    [end?.complete, end?.trips, end?.gap, end?.ended, end?.final],
    [true, 5, 0, true, true],
  )
  assert.equal(stage.table.item('current', 'current')?.run, 'r')
})

test('sums what the shards have counted of a run', async () => {
  const stage = new MergeStage()
  const of = (shardLane: number, minutes: number[]): SegmentSpec => ({
    ...lane(0, minutes, 70, true),
    control: {
      lane: shardLane,
      lanes: 2,
      firstOrdinal: 0,
      watermark: T0 + 70 * MINUTE,
      ended: true,
    },
  })
  await stage.count([of(0, [1, 62])], { shardId: 'shard-a' })
  await stage.count([of(1, [1, 1, 3])], { shardId: 'shard-b' })
  await ticks(stage, stage.merger(), 2)
  assert.equal(
    ['00', '01'].map((name) => pickups(hour(stage, name))),
    [4, 1],
  )
  assert.is(status(stage)?.trips, 5)
})

test('holds a run back while a lane of it has not been heard', async () => {
  const stage = new MergeStage()
  const one: SegmentSpec = {
    ...lane(0, [1], 500),
    control: { lane: 0, lanes: 2, firstOrdinal: 0, watermark: T0 + 500 * MINUTE, ended: true },
  }
  await stage.count([one])
  const merger = stage.merger()
  await ticks(stage, merger, 3)
  assert.is(hour(stage, '00'), undefined)
  assert.equal([status(stage)?.asOf, status(stage)?.heldBy], [null, 1])
})

test('a late trip revises what was final, in the hour and the day', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([lane(0, [1, 2], 65)])
  await ticks(stage, merger, 3)
  assert.equal([hour(stage, '00')?.final, hour(stage, '00')?.revision], [true, 0])
  await stage.count([lane(2, [3], 66)])
  await ticks(stage, merger, 1)
  assert.equal([pickups(hour(stage, '00')), hour(stage, '00')?.revision], [3, 1])
  await stage.count([lane(3, [], 70, true)])
  await ticks(stage, merger, 2)
  assert.equal([pickups(day(stage)), day(stage)?.revision, status(stage)?.complete], [3, 1, true])
})

test('items only ever go forward, version by version', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  for (let i = 0; i < 12; i++) {
    await stage.count([lane(i, [i * 10], i * 10 + 5)])
    await ticks(stage, merger, 1)
  }
  const versions = new Map<string, number>()
  for (const item of stage.table.written) {
    if (typeof item.version !== 'number') continue
    const name = `${item.pk} ${item.sk}`
    assert.is(item.version, (versions.get(name) ?? 0) + 1, name)
    versions.set(name, item.version)
  }
  assert.ok(versions.size >= 5)
})

test('an open hour is written when a pane closes, and not before', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([lane(0, [1], 2)])
  await ticks(stage, merger, 3)
  const written = (): number =>
    stage.table.written.filter(({ pk }) => pk.startsWith('hour#')).length
  assert.is(written(), 1)
  await stage.count([lane(1, [3], 4)])
  await ticks(stage, merger, 3)
  assert.is(written(), 1)
  await stage.count([lane(2, [4], 5)])
  await ticks(stage, merger, 1)
  assert.is(written(), 2)
  assert.is(pickups(hour(stage, '00')), 3)
})

test('what was counted before a run went quiet is shown, ahead of the watermark too', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([lane(0, [1, 190], 2)])
  await ticks(stage, merger, 4)
  assert.is(hour(stage, '03'), undefined)
  await ticks(stage, merger, 4)
  assert.is(pickups(hour(stage, '03')), 1)
  assert.is(pickups(day(stage)), 2)
  const before = stage.table.written.filter(({ pk }) => /^(hour|day)#/.test(pk)).length
  await ticks(stage, merger, 20)
  assert.is(stage.table.written.filter(({ pk }) => /^(hour|day)#/.test(pk)).length, before)
})

test('while it catches up an hour is written once, when it is final', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  for (let i = 0; i < 10; i++) {
    await stage.count([lane(i * 2, [i * 60 + 1, i * 60 + 59], i * 60 + 59.5)])
    await ticks(stage, merger, 1)
  }
  await stage.count([lane(20, [], 700, true)])
  await ticks(stage, merger, 2)
  const hours = stage.table.written.filter(({ pk }) => pk.startsWith('hour#'))
  assert.equal(
    hours.map(({ version }) => version),
    Array<number>(10).fill(1),
  )
  assert.is(pickups(day(stage)), 20)
})

test.run()
