import * as assert from 'uvu/assert'
import type { Item } from '../../src/counts/table-port.ts'
import { trouble } from '../simulation/network.ts'
import { suite } from '../support/suite.ts'
import { HOUR, T0 } from './counting.ts'
import { day, hour, lane, pickups, status, ticks } from './merged.ts'
import { MergeStage } from './merging.ts'

const test = suite('mergers, in turn and at once')

/** Whoever is the first to put such an item waits with it, and only that one. */
function napBeforePut(
  { table }: MergeStage,
  isSuch: (item: Item) => boolean,
): { begun: Promise<void>; end: () => void } {
  let fallAsleep = (): void => undefined
  let wakeUp = (): void => undefined
  const begun = new Promise<void>((resolve) => (fallAsleep = resolve))
  const awake = new Promise<void>((resolve) => (wakeUp = resolve))
  const { put } = table
  table.put = async (item, condition) => {
    if (isSuch(item)) {
      table.put = put
      fallAsleep()
      await awake
    }
    return put.call(table, item, condition)
  }
  return { begun, end: () => wakeUp() }
}

test('a new merger with nothing to go by finds everything there is', async () => {
  const stage = new MergeStage()
  await stage.count([lane(0, [1, 61], 62)])
  await ticks(stage, stage.merger(), 2)
  await stage.count([lane(2, [2, 62], 125, true)])
  await ticks(stage, stage.merger(), 3)
  assert.equal(
    ['00', '01'].map((name) => pickups(hour(stage, name))),
    [2, 2],
  )
  assert.is(status(stage)?.complete, true)
})

test('a merger goes on from what the last one left', async () => {
  const stage = new MergeStage()
  const first = stage.merger()
  await stage.count([lane(0, [1, 61], 62)])
  await ticks(stage, first, 2)
  const state = first.state()
  assert.equal(state.pending.get('r')?.includes(T0 + HOUR), true)
  await stage.count([lane(2, [], 125, true)])
  let partialReads = 0
  stage.table.onCall = (call) => {
    if (call === 'scan') partialReads++
  }
  await ticks(stage, stage.merger(structuredClone(state)), 3)
  assert.is(partialReads, 0, 'it need not look at everything')
  assert.equal(
    ['00', '01'].map((name) => hour(stage, name)?.final),
    [true, true],
  )
  assert.is(status(stage)?.complete, true)
})

test('a merger has the hours of a day that the last one wrote, and no others', async () => {
  const stage = new MergeStage()
  const first = stage.merger()
  await stage.count([lane(0, [190], 245)])
  // It comes to hours, and to nothing by which the next one could know that it has a predecessor.
  stage.table.onCall = (call, { pk }) => {
    if (call === 'put' && !pk.startsWith('hour')) throw trouble('a throttle')
  }
  await ticks(stage, first, 1).catch(() => undefined)
  stage.table.onCall = () => undefined
  assert.equal([pickups(hour(stage, '03')), day(stage)], [1, undefined], 'an hour, and no day yet')
  const second = stage.merger(structuredClone(first.state()))
  await stage.count([lane(1, [250], 255)])
  await ticks(stage, second, 3)
  assert.is(pickups(day(stage)), 2)
})

test('two mergers at once do no harm: each writes the truth or nothing', async () => {
  const stage = new MergeStage()
  const [one, two] = [stage.merger(), stage.merger()]
  for (let i = 0; i < 20; i++) {
    await stage.count([lane(i, [i * 9], i * 9 + 1, i === 19)])
    stage.clock.jump(1_000)
    await Promise.all([one.tick(), i % 3 === 0 ? two.tick() : undefined])
  }
  for (let i = 0; i < 4; i++) {
    stage.clock.jump(1_000)
    await Promise.all([one.tick(), two.tick()])
  }
  assert.equal(
    ['00', '01', '02'].map((name) => pickups(hour(stage, name))),
    [7, 7, 6],
  )
  assert.equal([pickups(day(stage)), day(stage)?.final, status(stage)?.complete], [20, true, true])
  assert.ok(stage.table.refused > 0, 'they met')
})

test('a merger that slept in the middle of a round turns nothing back', async () => {
  const stage = new MergeStage()
  const [sleeper, other] = [stage.merger(), stage.merger()]
  await stage.count([lane(0, [1], 65)])
  // It falls asleep once it has read what it wants to sum, right before its first write.
  const nap = napBeforePut(stage, () => true)
  const sleeping = sleeper.tick()
  await nap.begun
  await stage.count([lane(1, [2, 3], 66)])
  await ticks(stage, other, 3)
  assert.is(pickups(hour(stage, '00')), 3)
  nap.end()
  await sleeping
  assert.is(pickups(hour(stage, '00')), 3)
  await ticks(stage, sleeper, 2)
  assert.is(pickups(hour(stage, '00')), 3)
})

test('a merger that slept before it wrote a day turns no later one back', async () => {
  const stage = new MergeStage()
  const [sleeper, other] = [stage.merger(), stage.merger()]
  await stage.count([lane(0, [190], 200)])
  await ticks(stage, sleeper, 3)
  await stage.count([lane(1, [205], 206)])
  const nap = napBeforePut(stage, ({ pk }) => pk.startsWith('day'))
  stage.clock.jump(1_000)
  const sleeping = sleeper.tick()
  await nap.begun
  // In the pane that is open: the sleeper has written the hour of it, and will not for a while.
  await stage.count([lane(2, [207], 208)])
  await ticks(stage, other, 3)
  assert.is(pickups(day(stage)), 3)
  nap.end()
  await sleeping
  await ticks(stage, sleeper, 2)
  assert.is(pickups(day(stage)), 3)
})

test('a failing table leaves a merger able to go on', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([lane(0, [1, 61], 130, true)])
  let calls = 0
  stage.table.onCall = () => {
    if (++calls % 4 === 0) throw trouble('a throttle')
  }
  for (let i = 0; i < 40; i++) {
    stage.clock.jump(1_000)
    await merger.tick().catch(() => undefined)
  }
  stage.table.onCall = () => undefined
  await ticks(stage, merger, 3)
  assert.equal([pickups(day(stage)), status(stage)?.complete], [2, true])
})

test.run()
