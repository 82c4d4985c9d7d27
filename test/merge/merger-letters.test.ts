import * as assert from 'uvu/assert'
import type { SegmentSpec } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { MINUTE } from './counting.ts'
import { day, hour, nextSeq, pickups, status, ticks } from './merged.ts'
import { generation, MergeStage } from './merging.ts'

const test = suite('a merger of dead letters and of other producers')

test('dead letters are counted in the status of their run', async () => {
  const stage = new MergeStage()
  await stage.count([
    { seq: nextSeq(), control: { firstOrdinal: 0, ended: true }, trips: [{}, { dead: true }, {}] },
  ])
  await ticks(stage, stage.merger(), 2)
  assert.is(status(stage)?.deadLetters, 1)
})

test('letters that come back to a complete run are merged, and are dead no more', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([
    { seq: nextSeq(), control: { firstOrdinal: 0, ended: true }, trips: [{}, { dead: true }, {}] },
  ])
  await ticks(stage, merger, 3)
  assert.equal([status(stage)?.complete, status(stage)?.deadLetters], [true, 1])
  const redrive = {
    seq: nextSeq(),
    control: { firstOrdinal: 0, redrive: generation.id },
    trips: [{ at: 0 }],
  }
  await stage.count([redrive, { ...redrive, seq: nextSeq() }], { shardId: 'shard-b' })
  for (const next of [merger, stage.merger()]) {
    await ticks(stage, next, 4)
    assert.is(pickups(hour(stage, '00')), 3)
    assert.is(pickups(day(stage)), 3)
    const item = status(stage)
    const told = [item?.complete, item?.deadLetters, item?.redriven, item?.trips]
    assert.equal(told, [true, 0, 1, 3])
  }
  assert.is(Number(hour(stage, '00')?.revision), 1)
  const writes = stage.table.written.length
  await ticks(stage, merger, 3)
  assert.is(stage.table.written.length, writes, 'written again without need')
})

test('a run of other producers has a status before any of their records was a trip', async () => {
  const stage = new MergeStage()
  await stage.count([{ seq: nextSeq(), trips: [{ dead: true }, { dead: true }] }])
  await ticks(stage, stage.merger(), 2)
  const item = stage.table.item(`status#${generation.id}#foreign`, 'status')
  assert.equal([item?.trips, item?.deadLetters, item?.asOf], [2, 2, null])
})

test('the last records of another producer are shown, although nothing says that they are the last', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([
    { seq: nextSeq(), trips: [{ at: MINUTE }, { at: 100 * MINUTE }, { at: 61 * MINUTE }] },
  ])
  await ticks(stage, merger, 10)
  assert.is(pickups(day(stage, 'foreign')), 3)
  assert.equal(
    ['00', '01'].map((name) => pickups(hour(stage, name, 'foreign'))),
    [1, 2],
  )
})

test('records of another producer that come from further back are late, and turn nothing back', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  const foreign = (at: number): SegmentSpec => ({ seq: nextSeq(), trips: [{ at: at * MINUTE }] })
  await stage.count([foreign(1), foreign(125)], { shardId: 'shard-a' })
  await ticks(stage, merger, 2)
  assert.is(hour(stage, '00', 'foreign')?.final, true)
  for (const each of [merger, stage.merger()]) {
    await stage.count([foreign(3)], { shardId: 'shard-b' })
    await ticks(stage, each, 3)
    assert.is(status(stage, 'foreign')?.asOf, '2016-01-01T02:05:00')
    assert.is(hour(stage, '00', 'foreign')?.final, true)
  }
  const revised = hour(stage, '00', 'foreign')
  assert.equal([pickups(revised), revised?.revision], [3, 2])
})

test.run()
