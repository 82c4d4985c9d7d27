import * as assert from 'uvu/assert'
import { suite } from '../support/suite.ts'
import { at, lease } from './leases.ts'
import { openShards } from './shards.ts'
import type { StagedWorker } from './stage.ts'
import { Stage } from './stage.ts'

const test = suite('a lease coordinator in trouble')

const FAILOVER = 10_000
/** A scan comes at least every 0.55 s, and the calls after it take a little. */
const TICK = 600

const sizes = (...workers: StagedWorker[]): number[] =>
  workers.map((worker) => worker.held().length).sort()

test('takes over from a killed worker within the fail-over time and two ticks', async () => {
  let worst = 0
  for (let seed = 1; seed <= 10; seed++) {
    const stage = new Stage(openShards(10), seed)
    const victim = await stage.started('w1')
    const others = [await stage.started('w2'), await stage.started('w3')]
    await stage.clock.advance(20_000 + seed * 331)
    victim.kill()
    const all = (): boolean => others[0].held().length + others[1].held().length === 10
    worst = Math.max(worst, await stage.clock.advanceUntil(all, 60_000))
    await stage.clock.advance(5_000)
    assert.equal(sizes(...others), [5, 5])
  }
  assert.ok(worst <= FAILOVER + 2 * TICK, `${worst} ms`)
  assert.ok(worst >= FAILOVER - 4_000, `${worst} ms: nothing was waited for`)
})

test('loses, when it wakes up from a freeze, what others took, and calls nobody expired', async () => {
  const stage = new Stage(openShards(10))
  const sleeper = await stage.started('w1')
  const other = await stage.started('w2')
  await stage.clock.advance(5_000)
  const own = sleeper.held()
  sleeper.freeze()
  await stage.clock.advanceUntil(() => other.held().length === 10, 20_000)
  await stage.clock.advance(30_000)
  const before = stage.log.length
  sleeper.lost.length = 0
  sleeper.wake()
  await stage.clock.advance(10)
  assert.equal(sleeper.lost.sort(), own)
  await stage.clock.advance(60_000)
  const after = stage.log.slice(before)
  assert.is(after.filter(({ type }) => type === 'frozen').length, 1)
  const taken = after.filter((entry) => entry.type === 'acquired' && entry.how === 'taken')
  assert.equal(taken, [])
  assert.equal(sizes(sleeper, other), [5, 5])
})

test('calls nobody expired after a sleep of the whole machine', async () => {
  const stage = new Stage(openShards(10))
  const workers = [await stage.started('w1'), await stage.started('w2')]
  await stage.clock.advance(5_000)
  const owners = stage.owners()
  const before = stage.log.length
  stage.clock.jump(3_600_000)
  await stage.clock.advance(30_000)
  const others = stage.log
    .slice(before)
    .filter((entry) => entry.type === 'acquired' && entry.from !== entry.workerId)
  assert.equal(others, [])
  assert.equal(stage.owners(), owners)
  assert.equal(sizes(...workers), [5, 5])
})

test('gives a lease up before anybody else can take it when it cannot renew', async () => {
  const stage = new Stage(openShards(6))
  const cutOff = await stage.started('w1')
  const other = await stage.started('w2')
  await stage.clock.advance(5_000)
  const own = cutOff.held()
  cutOff.drainCalls('renew')
  await stage.clock.advanceUntil(() => cutOff.drainCalls('renew').length > 0, FAILOVER)
  await stage.clock.advance(100)
  cutOff.fate = () => 'fails'
  cutOff.lost.length = 0
  const millis = await stage.clock.advanceUntil(() => cutOff.lost.length > 0, FAILOVER + TICK)
  assert.ok(millis <= FAILOVER - 99, `${millis} ms`)
  await stage.clock.advanceUntil(() => cutOff.lost.length === 3, FAILOVER)
  for (const key of own) assert.is(stage.owners()[key], 'w1', 'nobody has it yet')
  await stage.clock.advanceUntil(() => other.held().length === 6, 3 * TICK)
  assert.ok(stage.events('failed', 'w1').length > 0)
  cutOff.fate = () => 'works'
  await stage.clock.advance(10_000)
  assert.equal(sizes(cutOff, other), [3, 3])
})

test('rides out an outage that is shorter than the fail-over time', async () => {
  const stage = new Stage(openShards(6))
  const workers = [await stage.started('w1'), await stage.started('w2')]
  await stage.clock.advance(20_000)
  const moved = stage.events('acquired').length
  const lost = stage.events('lost').length
  for (const worker of workers) worker.fate = () => 'fails'
  await stage.clock.advance(6_000)
  for (const worker of workers) worker.fate = () => 'works'
  await stage.clock.advance(60_000)
  assert.is(stage.events('acquired').length, moved)
  assert.is(stage.events('lost').length, lost)
})

test('keeps its leases when the reply of every other write is lost', async () => {
  const stage = new Stage(openShards(4))
  const worker = await stage.started('w1')
  let writes = 0
  worker.fate = ({ operation }) =>
    operation !== 'list' && writes++ % 2 === 0 ? 'loses the reply' : 'works'
  await stage.clock.advance(60_000)
  assert.ok(stage.events('failed').length >= 10)
  assert.equal(worker.lost, [])
  assert.is(worker.held().length, 4)
})

test('takes again at the next scan what it had taken without hearing so', async () => {
  const stage = new Stage(openShards(4))
  const worker = stage.worker('w1')
  let takes = 0
  worker.fate = ({ operation }) =>
    operation === 'take' && takes++ < 4 ? 'loses the reply' : 'works'
  await stage.run(worker.coordinator.start())
  assert.equal(worker.held(), [])
  await stage.clock.advance(TICK)
  assert.is(worker.held().length, 4)
  assert.is(worker.processing.size, 4)
})

test('does not process what another worker was faster to take, and looks again at once', async () => {
  const stage = new Stage(openShards(2))
  const worker = stage.worker('w1')
  worker.fate = ({ operation, leaseKey = '' }) => {
    const row = stage.store.rows.get(leaseKey)
    if (operation === 'take' && leaseKey === 'shard-000' && row?.leaseOwner === undefined) {
      stage.store.rows.set(leaseKey, lease(leaseKey, { leaseOwner: 'faster', leaseCounter: 1 }))
    }
    return 'works'
  }
  await stage.run(worker.coordinator.start())
  assert.equal([...worker.processing], ['shard-001'])
  assert.equal(worker.held(), ['shard-001'])
  worker.drainCalls('list')
  await stage.clock.advance(100)
  assert.is(worker.drainCalls('list').length, 1)
})

test('is not told of its own success twice when a renewal was lost before a checkpoint', async () => {
  const stage = new Stage(openShards(1))
  const worker = await stage.started('w1')
  worker.fate = ({ operation }) => (operation === 'renew' ? 'loses the reply' : 'works')
  await stage.clock.advanceUntil(() => stage.events('failed').length === 1, FAILOVER)
  worker.fate = () => 'works'
  assert.is(await stage.run(worker.coordinator.checkpoint('shard-000', '7')), 'ok')
  assert.equal(worker.lost, [])
  assert.equal(stage.store.rows.get('shard-000')?.checkpoint, at('7'))
})

test('counts the fail-over time from the first renewal that may have been the last', async () => {
  const stage = new Stage(openShards(1))
  const worker = await stage.started('w1')
  let renewals = 0
  let lastMoved = 0
  worker.fate = ({ operation }) => {
    if (operation !== 'renew') return 'works'
    // The first works unheard, the seventh says so; the table never moves after the first.
    renewals++
    if (renewals === 1) lastMoved = stage.clock.monotonicMillis()
    return renewals === 1 ? 'loses the reply' : renewals === 6 ? 'works' : 'fails'
  }
  await stage.clock.advanceUntil(() => renewals >= 6, FAILOVER)
  const counter = stage.store.rows.get('shard-000')?.leaseCounter
  await stage.clock.advanceUntil(() => worker.lost.length === 1, FAILOVER)
  assert.is(stage.store.rows.get('shard-000')?.leaseCounter, counter)
  const millis = stage.clock.monotonicMillis() - lastMoved
  assert.ok(millis <= FAILOVER + 1, `${millis} ms`)
})

test('renews at once what took long to take: others have seen the counter since then', async () => {
  const stage = new Stage(openShards(1))
  const worker = stage.worker('w1')
  worker.latencyMillis = ({ operation }) => (operation === 'take' ? 4_000 : 5)
  await stage.run(worker.coordinator.start())
  await stage.clock.advance(1_000)
  assert.is(worker.drainCalls('renew').length, 1)
})

test('renews its other leases while the renewal of one never answers', async () => {
  const stage = new Stage(openShards(4))
  const worker = await stage.started('w1')
  worker.fate = ({ operation, leaseKey }) =>
    operation === 'renew' && leaseKey === 'shard-002' ? 'never answers' : 'works'
  await stage.clock.advance(30_000)
  for (const key of ['shard-000', 'shard-001', 'shard-003']) assert.not(worker.lost.includes(key))
  assert.equal(worker.lost.slice(0, 1), ['shard-002'], 'that one expires')
})

test('knows of a theft at the next scan, long before it would renew', async () => {
  const stage = new Stage(openShards(1))
  const worker = await stage.started('w1', { failoverTimeMillis: 60_000 })
  const [row] = await stage.store.list()
  await stage.store.take(row, 'thief')
  await stage.clock.advanceUntil(() => worker.lost.length === 1, TICK)
  assert.equal(stage.events('lost')[0], {
    ...{ type: 'lost', leaseKey: 'shard-000', reason: 'taken' },
    ...{ at: stage.clock.monotonicMillis(), workerId: 'w1' },
  })
})

test('loses a lease whose row was deleted, and makes it anew', async () => {
  const stage = new Stage(openShards(2))
  const worker = await stage.started('w1')
  await stage.store.remove('shard-000')
  await stage.clock.advanceUntil(() => worker.lost.includes('shard-000'), TICK)
  await stage.clock.advance(31_000)
  assert.equal(worker.held(), ['shard-000', 'shard-001'])
})

test('ends a hand-over that a Java leader began, so that the new owner need not wait', async () => {
  const stage = new Stage(openShards(2))
  const worker = await stage.started('w1', { failoverTimeMillis: 60_000 })
  const [row] = await stage.store.list()
  const { leaseKey } = row
  stage.store.rows.set(leaseKey, { ...row, leaseOwner: 'java', checkpointOwner: 'w1' })
  await stage.clock.advance(TICK)
  assert.equal(worker.lost, [leaseKey])
  assert.is(stage.owners()[leaseKey], 'java')
  assert.is(stage.store.rows.get(leaseKey)?.checkpointOwner, undefined)
})

test.run()
