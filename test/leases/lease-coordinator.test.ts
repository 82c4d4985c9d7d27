import * as assert from 'uvu/assert'
import { LeaseCoordinator } from '../../src/leases/lease-coordinator.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { at, SEQUENCE_NUMBER } from './leases.ts'
import { openShards } from './shards.ts'
import type { StagedWorker } from './stage.ts'
import { Stage } from './stage.ts'

const test = suite('a lease coordinator')

/** A scan comes at least every 0.55 s, and the calls after it take a little. */
const TICK = 600

const sizes = (...workers: StagedWorker[]): number[] =>
  workers.map((worker) => worker.held().length).sort()

test('leases every shard of the stream at its first start, and holds them all', async () => {
  const stage = new Stage(openShards(4))
  const worker = await stage.started('w1')
  assert.equal(worker.held(), ['shard-000', 'shard-001', 'shard-002', 'shard-003'])
  assert.equal([...worker.processing].sort(), worker.held())
  assert.equal(new Set(Object.values(stage.owners())), new Set(['w1']))
  assert.ok(stage.clock.monotonicMillis() < 1_500, 'a start takes no time to speak of')
})

test('gives one that joins its half within three ticks, and then nothing moves', async () => {
  const stage = new Stage(openShards(10))
  const first = await stage.started('w1')
  await stage.clock.advance(5_000)
  const second = await stage.started('w2')
  await stage.clock.advanceUntil(() => second.processing.size === 5, 3 * TICK)
  await stage.clock.advance(TICK)
  assert.is(first.processing.size, 5, 'the victim knows')
  assert.equal(sizes(first, second), [5, 5])
  const moved = stage.events('acquired').length
  await stage.clock.advance(120_000)
  assert.is(stage.events('acquired').length, moved)
  assert.equal(first.coordinator.workers(), [
    { workerId: 'w1', leases: 5 },
    { workerId: 'w2', leases: 5 },
  ])
})

test('settles three that start together at 4/3/3, and then nothing moves', async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const stage = new Stage(openShards(10), seed)
    const workers = ['w1', 'w2', 'w3'].map((workerId) => stage.worker(workerId))
    await stage.run(Promise.all(workers.map(({ coordinator }) => coordinator.start())))
    await stage.clock.advance(5_000)
    assert.equal(sizes(...workers), [3, 3, 4])
    const moved = stage.events('acquired').length
    await stage.clock.advance(60_000)
    assert.is(stage.events('acquired').length, moved)
  }
})

test('hands over at a graceful stop within two ticks, and reports no loss', async () => {
  const stage = new Stage(openShards(10))
  const first = await stage.started('w1')
  const second = await stage.started('w2')
  await stage.clock.advance(5_000)
  const own = first.held()
  first.coordinator.stopTaking()
  for (const key of own) {
    assert.is(await stage.run(first.coordinator.checkpoint(key, SEQUENCE_NUMBER)), 'ok')
  }
  const lost = first.lost.length
  await stage.run(first.coordinator.stop())
  assert.equal(first.held(), [])
  assert.is(first.lost.length, lost)
  const millis = await stage.clock.advanceUntil(() => second.processing.size === 10, 2 * TICK)
  assert.ok(millis <= 2_000, `${millis} ms`)
  for (const key of own) {
    const taken = second.coordinator.held().find(({ leaseKey }) => leaseKey === key)
    assert.equal(taken?.checkpoint, at(SEQUENCE_NUMBER))
  }
})

test('leaves nothing running when it is stopped', async () => {
  const stage = new Stage(openShards(3))
  const worker = await stage.started('w1')
  await stage.clock.advance(12_345)
  const before = stage.clock.monotonicMillis()
  await stage.run(worker.coordinator.stop())
  assert.ok(stage.clock.monotonicMillis() - before < 100, 'nothing is slept out')
  await stage.clock.advance(60_000)
  assert.is(stage.clock.sleepers, 0)
  assert.equal(new Set(Object.values(stage.owners())), new Set([undefined]))
})

test('takes nothing more once it is told so, and keeps what it has', async () => {
  const stage = new Stage(openShards(4))
  const first = await stage.started('w1')
  first.coordinator.stopTaking()
  stage.shards = openShards(8)
  await stage.run(first.coordinator.syncShards())
  await stage.clock.advance(60_000)
  assert.is(first.held().length, 4)
  assert.is(stage.store.rows.size, 8)
})

test('does not announce what it still takes while it is being stopped, and gives it up', async () => {
  const stage = new Stage(openShards(2))
  const worker = await stage.started('w1')
  stage.shards = openShards(4)
  await stage.run(worker.coordinator.syncShards())
  worker.latencyMillis = ({ operation }) => (operation === 'take' ? 2_000 : 5)
  worker.drainCalls('take')
  await stage.clock.advanceUntil(() => worker.drainCalls('take').length > 0, TICK)
  await stage.run(worker.coordinator.stop())
  assert.is(stage.events('acquired').length, 4)
  assert.is(worker.processing.size, 2)
  assert.equal(new Set(Object.values(stage.owners())), new Set([undefined]))
})

test('rejects its start when the table does not answer, and leaves nothing running', async () => {
  for (const operation of ['ensureTable', 'list', 'create'] as const) {
    const stage = new Stage(openShards(2))
    const worker = stage.worker('w1')
    worker.fate = (call) => (call.operation === operation ? 'fails' : 'works')
    const error = await stage.run(worker.coordinator.start()).catch((thrown: unknown) => thrown)
    assert.match(String(error), 'the table does not answer')
    await stage.clock.advance(1_000)
    assert.is(stage.clock.sleepers, 0)
  }
})

test('rejects its start when only the second scan fails, and leaves nothing running', async () => {
  const stage = new Stage(openShards(2))
  const worker = stage.worker('w1')
  let scans = 0
  worker.fate = (call) => (call.operation === 'list' && ++scans === 2 ? 'fails' : 'works')
  const error = await stage.run(worker.coordinator.start()).catch((thrown: unknown) => thrown)
  assert.match(String(error), 'the table does not answer')
  assert.is(stage.clock.sleepers, 0)
})

test('refuses to scan so seldom that it could not tell a frozen process', () => {
  const { clock, store } = new Stage([])
  const make = (scanIntervalMillis: number) =>
    new LeaseCoordinator({
      store,
      clock,
      listShards: () => Promise.resolve([]),
      workerId: 'w1',
      initialPosition: 'LATEST',
      random: seededRandom(1),
      onAcquired: () => undefined,
      onLost: () => undefined,
      failoverTimeMillis: 2_000,
      scanIntervalMillis,
    })
  assert.throws(() => make(501), /Scan interval: got 501 ms, expected more than 0 and at most/)
  assert.throws(() => make(0), /Scan interval/)
  assert.ok(make(500))
})

test.run()
