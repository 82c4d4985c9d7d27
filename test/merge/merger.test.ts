import * as assert from 'uvu/assert'
import { dayPk, hourPk, rollingPk, statusKey } from '../../src/counts/keys.ts'
import { attributesOf } from '../../src/counts/item-values.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { PICKUPS } from '../../src/counts/measures.ts'
import { sumsFrom } from '../../src/merge/columns.ts'
import type { SegmentSpec } from '../counts/batches.ts'
import { trouble } from '../simulation/network.ts'
import { suite } from '../support/suite.ts'
import { HOUR, MINUTE, T0 } from './counting.ts'
import { generation, MergeStage } from './merging.ts'

const test = suite('a merger')

const G = generation.id
let seq = 0

/** Trips of one lane at minutes after midnight, with a watermark in minutes. */
function lane(
  firstOrdinal: number,
  minutes: readonly number[],
  watermark: number,
  ended = false,
): SegmentSpec {
  return {
    seq: ++seq,
    control: { firstOrdinal, watermark: T0 + watermark * MINUTE, ended },
    trips: minutes.map((at) => ({ at: at * MINUTE, off: at * MINUTE })),
  }
}

const hour = (stage: MergeStage, name: string, run = 'r'): Item | undefined =>
  stage.table.item(hourPk(G, run), `2016-01-01T${name}`)

const day = (stage: MergeStage, run = 'r'): Item | undefined =>
  stage.table.item(dayPk(G, run), '2016-01-01')

const status = (stage: MergeStage, run = 'r'): Item | undefined => {
  const { pk, sk } = statusKey(G, run)
  return stage.table.item(pk, sk)
}

const pickups = (item: Item | undefined): number => {
  let sum = 0
  const panes = item?.panes === undefined ? [item ?? null] : Object.values(attributesOf(item.panes))
  for (const pane of panes) for (const row of sumsFrom(pane).values()) sum += row[PICKUPS]
  return sum
}

async function ticks(
  stage: MergeStage,
  merger: ReturnType<MergeStage['merger']>,
  n: number,
): Promise<void> {
  for (let i = 0; i < n; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
}

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
  const rolling = stage.table.item(rollingPk(G, 'r'), '15m')
  assert.equal([rolling?.final, attributesOf(rolling?.all).pickups], [true, 1])
  const routes = stage.table.item(rollingPk(G, 'r'), 'routes-30m')
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

test('the last records of another producer are shown, although nothing says that they are the last', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([
    { seq: ++seq, trips: [{ at: MINUTE }, { at: 100 * MINUTE }, { at: 61 * MINUTE }] },
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
  const foreign = (at: number): SegmentSpec => ({ seq: ++seq, trips: [{ at: at * MINUTE }] })
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
  let fallAsleep = (): void => undefined
  let wakeUp = (): void => undefined
  const asleep = new Promise<void>((resolve) => (fallAsleep = resolve))
  const awake = new Promise<void>((resolve) => (wakeUp = resolve))
  const { put } = stage.table
  stage.table.put = async (item, condition) => {
    fallAsleep()
    await awake
    return put.call(stage.table, item, condition)
  }
  const sleeping = sleeper.tick()
  await asleep
  stage.table.put = put
  await stage.count([lane(1, [2, 3], 66)])
  await ticks(stage, other, 3)
  assert.is(pickups(hour(stage, '00')), 3)
  wakeUp()
  await sleeping
  assert.is(pickups(hour(stage, '00')), 3)
  await ticks(stage, sleeper, 2)
  assert.is(pickups(hour(stage, '00')), 3)
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

test('dead letters are counted in the status of their run', async () => {
  const stage = new MergeStage()
  await stage.count([
    { seq: ++seq, control: { firstOrdinal: 0, ended: true }, trips: [{}, { dead: true }, {}] },
  ])
  await ticks(stage, stage.merger(), 2)
  assert.is(status(stage)?.deadLetters, 1)
})

test('letters that come back to a complete run are merged, and are dead no more', async () => {
  const stage = new MergeStage()
  const merger = stage.merger()
  await stage.count([
    { seq: ++seq, control: { firstOrdinal: 0, ended: true }, trips: [{}, { dead: true }, {}] },
  ])
  await ticks(stage, merger, 3)
  assert.equal([status(stage)?.complete, status(stage)?.deadLetters], [true, 1])
  const redrive = {
    seq: ++seq,
    control: { firstOrdinal: 0, redrive: generation.id },
    trips: [{ at: 0 }],
  }
  await stage.count([redrive, { ...redrive, seq: ++seq }], { shardId: 'shard-b' })
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
  await stage.count([{ seq: ++seq, trips: [{ dead: true }, { dead: true }] }])
  await ticks(stage, stage.merger(), 2)
  const item = stage.table.item(`status#${generation.id}#foreign`, 'status')
  assert.equal([item?.trips, item?.deadLetters, item?.asOf], [2, 2, null])
})

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
    seq: ++seq,
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
  await stage.count([{ seq: ++seq, control, trips: [{}] }])
  await ticks(stage, merger, 6)
  assert.is(stage.table.item('current', 'current'), undefined)
  assert.is(stage.table.item(`status#${generation.id}#gone`, 'status')?.complete, true)
})

test.run()
