import * as assert from 'uvu/assert'
import { suite } from '../support/suite.ts'
import { at, LATER_SEQUENCE_NUMBER, SEQUENCE_NUMBER } from './leases.ts'
import { openShards } from './shards.ts'
import { Stage } from './stage.ts'

const test = suite('checkpoints and releases of a lease coordinator')

const FAILOVER = 10_000
/** A scan comes at least every 0.55 s, and the calls after it take a little. */
const TICK = 600

test('writes a checkpoint, once, and only forward', async () => {
  const stage = new Stage(openShards(1))
  const { coordinator, calls } = await stage.started('w1')
  const checkpoint = (sequenceNumber: string, subSequenceNumber?: number) =>
    stage.run(coordinator.checkpoint('shard-000', sequenceNumber, subSequenceNumber))
  calls.length = 0
  assert.is(await checkpoint(LATER_SEQUENCE_NUMBER, 4), 'ok')
  assert.is(await checkpoint(LATER_SEQUENCE_NUMBER, 4), 'ok')
  assert.is(await checkpoint(LATER_SEQUENCE_NUMBER, 3), 'ok')
  assert.is(await checkpoint(SEQUENCE_NUMBER, 9), 'ok')
  assert.is(await checkpoint('TRIM_HORIZON'), 'ok')
  assert.is(calls.filter(({ operation }) => operation === 'checkpoint').length, 1)
  assert.equal(stage.store.rows.get('shard-000')?.checkpoint, at(LATER_SEQUENCE_NUMBER, 4))
})

test('spares the renewals that checkpoints make needless', async () => {
  const stage = new Stage(openShards(2))
  const worker = await stage.started('w1')
  worker.drainCalls('renew')
  for (let i = 1; i <= 60; i++) {
    await stage.clock.advance(1_000)
    await stage.run(worker.coordinator.checkpoint('shard-000', String(i)))
  }
  const renewals = worker.drainCalls('renew')
  assert.is(renewals.filter(({ leaseKey }) => leaseKey === 'shard-000').length, 0)
  const others = renewals.filter(({ leaseKey }) => leaseKey === 'shard-001').length
  assert.ok(others >= 16 && others <= 19, `${others} renewals a minute`)
})

test('spares a renewal that became due while a checkpoint was under way', async () => {
  const stage = new Stage(openShards(1))
  const worker = await stage.started('w1')
  worker.latencyMillis = ({ operation }) => (operation === 'checkpoint' ? 2_000 : 5)
  await stage.clock.advance(2_000)
  worker.drainCalls('renew')
  const checkpoint = worker.coordinator.checkpoint('shard-000', '5')
  await stage.clock.advance(3_000)
  assert.is(await checkpoint, 'ok')
  assert.is(worker.drainCalls('renew').length, 0)
})

test('refuses the checkpoint of a lease that was stolen, or never held', async () => {
  const stage = new Stage(openShards(1))
  const { coordinator, lost } = await stage.started('w1')
  const [row] = await stage.store.list()
  await stage.store.take(row, 'thief')
  assert.is(await stage.run(coordinator.checkpoint('shard-000', '5')), 'lost')
  assert.equal(lost, ['shard-000'])
  assert.is(await stage.run(coordinator.checkpoint('shard-000', '6')), 'lost')
  assert.is(await stage.run(coordinator.checkpoint('nowhere', '6')), 'lost')
  assert.equal(lost, ['shard-000'], 'said once')
})

test('keeps the lease when a checkpoint fails, and writes it when asked again', async () => {
  for (const fate of ['fails', 'loses the reply'] as const) {
    const stage = new Stage(openShards(1))
    const worker = await stage.started('w1')
    worker.fate = ({ operation }) => (operation === 'checkpoint' ? fate : 'works')
    const checkpoint = () => stage.run(worker.coordinator.checkpoint('shard-000', '7'))
    assert.match(String(await checkpoint().catch(String)), /answer|reply/)
    worker.fate = () => 'works'
    assert.is(await checkpoint(), 'ok')
    await stage.clock.advance(30_000)
    assert.equal(worker.lost, [])
    assert.equal(stage.store.rows.get('shard-000')?.checkpoint, at('7'))
  }
})

test('writes one after the other what is asked for at the same time', async () => {
  const stage = new Stage(openShards(1))
  const { coordinator, lost } = await stage.started('w1')
  const writes = ['3', '5', '4', '9'].map((text) => coordinator.checkpoint('shard-000', text))
  assert.equal(await stage.run(Promise.all(writes)), ['ok', 'ok', 'ok', 'ok'])
  assert.equal(stage.store.rows.get('shard-000')?.checkpoint, at('9'))
  await stage.clock.advance(20_000)
  assert.equal(lost, [])
})

test('leaves a released lease to others, and takes it back when nobody wants it', async () => {
  const stage = new Stage(openShards(4))
  const first = await stage.started('w1')
  const second = await stage.started('w2')
  await stage.clock.advance(5_000)
  const [key] = first.held()
  first.lost.length = 0
  assert.is(await stage.run(first.coordinator.release(key)), 'ok')
  assert.is(await stage.run(first.coordinator.release(key)), 'lost')
  assert.equal(first.lost, [])
  await stage.clock.advance(2 * TICK)
  assert.ok(!first.held().includes(key))

  await stage.run(second.coordinator.stop())
  await stage.clock.advance(2 * FAILOVER + 2 * TICK)
  assert.is(first.held().length, 4)
})

test('reports no loss when it sees its own release in the table before it hears of it', async () => {
  const stage = new Stage(openShards(1))
  const worker = await stage.started('w1')
  worker.latencyMillis = ({ operation }) => (operation === 'evict' ? 5_000 : 5)
  assert.is(await stage.run(worker.coordinator.release('shard-000')), 'ok')
  assert.equal(worker.lost, [])
  assert.equal(stage.events('lost'), [])
})

test('retries to give its leases up when the table is in trouble while it stops', async () => {
  const stage = new Stage(openShards(3))
  const worker = await stage.started('w1')
  let failures = 0
  worker.fate = ({ operation }) => (operation === 'evict' && failures++ < 5 ? 'fails' : 'works')
  await stage.run(worker.coordinator.stop())
  assert.equal(new Set(Object.values(stage.owners())), new Set([undefined]))
  assert.is(stage.clock.sleepers, 0)
})

test.run()
