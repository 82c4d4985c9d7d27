import * as assert from 'uvu/assert'
import type { Item } from '../../src/counts/table-port.ts'
import type { SegmentSpec } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { HOUR, MINUTE, T0 } from './counting.ts'
import { lane, nextSeq, status, ticks } from './merged.ts'
import { generation, MergeStage } from './merging.ts'

const test = suite('the run that dashboards follow')

test('a run that is complete stays so, when shards have let its lanes go', async () => {
  const stage = new MergeStage()
  await stage.count([lane(0, [1], 2, true)], { shardId: 'shard-a' })
  await ticks(stage, stage.merger(), 2)
  assert.is(status(stage)?.complete, true)
  const version = status(stage)?.version
  const progress = stage.table.items('progress#')[0]
  await stage.table.put({ ...progress, lanes: {} })
  const next = stage.merger()
  await ticks(stage, next, 8)
  assert.equal([status(stage)?.complete, status(stage)?.version], [true, version])
  assert.is(next.state().pending.get('r'), undefined, 'nothing of it is kept for the next merger')
})

test('dashboards follow the run that started last', async () => {
  const stage = new MergeStage()
  const runItem = (sk: string, startedAt: number): Item => ({ pk: 'run', sk, startedAt })
  await stage.table.put(runItem('old', 10))
  await stage.table.put(runItem('new', 20))
  const runs = ['new', 'old'].map((runId): SegmentSpec => ({
    seq: nextSeq(),
    control: { runId, firstOrdinal: 0, watermark: T0 + MINUTE },
    trips: [{}],
  }))
  const merger = stage.merger()
  await stage.count(runs)
  await ticks(stage, merger, 6)
  assert.is(stage.table.item('current', 'current')?.run, 'new')
})

test('dashboards never follow a run that was deleted, in whichever generation it is counted later', async () => {
  const stage = new MergeStage()
  await stage.table.put({ pk: 'run', sk: 'gone', startedAt: 10, state: 'deleted' })
  const merger = stage.merger()
  const control = { runId: 'gone', lanes: 1, firstOrdinal: 0, watermark: T0 + HOUR, ended: true }
  await stage.count([{ seq: nextSeq(), control, trips: [{}] }])
  await ticks(stage, merger, 6)
  assert.is(stage.table.item('current', 'current'), undefined)
  assert.is(stage.table.item(`status#${generation.id}#gone`, 'status')?.complete, true)
})

test.run()
