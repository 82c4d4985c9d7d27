import * as assert from 'uvu/assert'
import type { Item } from '../../src/counts/table-port.ts'
import { WrittenPartials } from '../../src/counts/written-partials.ts'
import { trouble } from '../simulation/network.ts'
import { suite } from '../support/suite.ts'
import { hour, lane, pickups, ticks } from './merged.ts'
import { MergeStage } from './merging.ts'

const test = suite('a merger beside the counters of its process')

/** Gathers the partials that are read and are there. */
function readsOfPartials({ table }: MergeStage): Item[] {
  const reads: Item[] = []
  const { getMany } = table
  table.getMany = async (keys) => {
    const items = await getMany.call(table, keys)
    reads.push(...items.filter(({ pk }) => pk.startsWith('partial#')))
    return items
  }
  return reads
}

test('reads no partial that they wrote', async () => {
  const stage = new MergeStage()
  const written = new WrittenPartials()
  const merger = stage.merger(undefined, written)
  const reads = readsOfPartials(stage)
  await stage.count([lane(0, [1], 5)], { written })
  await ticks(stage, merger, 1)
  await stage.count([lane(1, [6, 13], 70)], { written })
  await ticks(stage, merger, 2)
  assert.is(pickups(hour(stage, '00')), 3)
  assert.equal(reads, [])
})

test('reads those that another worker has written over since', async () => {
  const stage = new MergeStage()
  const written = new WrittenPartials()
  const merger = stage.merger(undefined, written)
  await stage.count([lane(0, [1], 5)], { written })
  await ticks(stage, merger, 1)
  const reads = readsOfPartials(stage)
  await stage.count([lane(1, [6, 7], 12)])
  await ticks(stage, merger, 2)
  assert.is(pickups(hour(stage, '00')), 3)
  assert.ok(reads.length > 0)
})

test('reads every one from the table once it has met another merger', async () => {
  const stage = new MergeStage()
  const written = new WrittenPartials()
  const [one, other] = [stage.merger(undefined, written), stage.merger()]
  await stage.count([lane(0, [1], 30)], { written })
  await ticks(stage, one, 1)
  await stage.count([lane(1, [31], 40)], { written })
  // Another worker has the shard now: its partial is written, and its progress is not yet.
  stage.table.onCall = (call, { pk }) => {
    if (call === 'put' && pk.startsWith('progress#')) throw trouble('a throttle')
  }
  await stage.count([lane(2, [41], 50)]).catch(() => undefined)
  stage.table.onCall = () => undefined
  await ticks(stage, other, 2)
  assert.is(pickups(hour(stage, '00')), 3, 'the other merger has met that partial')
  for (let i = 0; i < 4; i++) {
    await ticks(stage, one, 1)
    assert.is(pickups(hour(stage, '00')), 3)
  }
  assert.ok(stage.table.refused > 0, 'they met')
})

test.run()
