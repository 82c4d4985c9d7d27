import * as assert from 'uvu/assert'
import { SHARD_END } from '../../src/kinesis/sequence-number.ts'
import { suite } from '../support/suite.ts'
import { lease, SEQUENCE_NUMBER } from './leases.ts'
import { mergedStream, openShards, shard, splitStream } from './shards.ts'
import { Stage } from './stage.ts'

const test = suite('a lease coordinator and a stream that changes')

/** A scan comes at least every 0.55 s, and the calls after it take a little. */
const TICK = 600

test('leases the children before it ends the parent, and takes them at once', async () => {
  const stage = new Stage([shard('A')])
  const worker = await stage.started('w1')
  stage.shards = splitStream()
  assert.is(await stage.run(worker.coordinator.checkpoint('A', 'SHARD_END')), 'ok')
  const parent = stage.store.rows.get('A')
  assert.equal(parent?.checkpoint, SHARD_END)
  assert.equal(parent?.childShardIds, ['B', 'C'])
  assert.equal(worker.lost, [])
  await stage.clock.advanceUntil(() => worker.processing.has('C'), 100)
  assert.equal(worker.held(), ['B', 'C'])
  assert.equal(stage.store.rows.get('B')?.parentShardIds, ['A'])
})

test('makes no lease of a child while that of its parent cannot be made', async () => {
  const stage = new Stage(splitStream())
  const worker = stage.worker('w1')
  worker.fate = ({ operation }) => (operation === 'create' ? 'fails' : 'works')
  await stage.run(worker.coordinator.start()).catch(() => undefined)
  const created = worker.drainCalls('create').map(({ leaseKey }) => leaseKey)
  assert.equal(created, ['A'])
})

test('does not end the parent when its children cannot be leased', async () => {
  const stage = new Stage([shard('A')])
  const worker = await stage.started('w1')
  stage.shards = splitStream()
  worker.fate = ({ operation }) => (operation === 'create' ? 'fails' : 'works')
  const end = () => stage.run(worker.coordinator.checkpoint('A', 'SHARD_END'))
  assert.match(String(await end().catch(String)), 'does not answer')
  assert.is.not(stage.store.rows.get('A')?.checkpoint.sequenceNumber, 'SHARD_END')
  assert.equal(worker.held(), ['A'])
  worker.fate = () => 'works'
  assert.is(await end(), 'ok')
})

test('removes a finished lease some minutes after its children began, and makes none again', async () => {
  const stage = new Stage(mergedStream())
  const { coordinator } = await stage.started('w1')
  const keys = (): string => [...stage.store.rows.keys()].sort().join('')
  for (const key of ['A', 'B']) await stage.run(coordinator.checkpoint(key, 'SHARD_END'))
  await stage.clock.advance(400_000)
  assert.is(keys(), 'ABC', 'the child has not begun')
  await stage.run(coordinator.checkpoint('C', SEQUENCE_NUMBER))
  await stage.clock.advance(290_000)
  assert.is(keys(), 'ABC')
  await stage.clock.advance(60_000)
  assert.is(keys(), 'C')
  await stage.clock.advance(600_000)
  assert.is(keys(), 'C')
  assert.is(stage.events('created').length, 3)
})

test('makes no lease by a plan that it slept over: the lease may be finished and gone', async () => {
  const stage = new Stage([shard('A')])
  const worker = await stage.started('w1')
  stage.shards = splitStream()
  worker.fate = ({ operation }) => {
    if (operation === 'list') stage.clock.jump(61_000)
    return 'works'
  }
  const sync = stage.run(worker.coordinator.syncShards(), 300_000)
  const error: unknown = await sync.catch((thrown: unknown) => thrown)
  assert.match(String(error), /Shard sync: got a plan \d+ s old/)
  worker.fate = () => 'works'
  assert.equal([...stage.store.rows.keys()], ['A'])
  await stage.clock.advance(31_000)
  assert.equal([...stage.store.rows.keys()], ['A', 'B', 'C'])
})

test('finds the children of a shard that ended under another worker', async () => {
  const stage = new Stage([shard('A')])
  const worker = await stage.started('w1', { initialPosition: 'LATEST' })
  stage.shards = splitStream()
  await stage.clock.advance(31_000)
  assert.equal(worker.held(), ['A', 'B', 'C'])
  assert.is(stage.store.rows.get('B')?.checkpoint.sequenceNumber, 'TRIM_HORIZON')
})

test('asks again, soon, for shards that could not be listed', async () => {
  const stage = new Stage([shard('A')])
  let working = true
  const listShards = async () => {
    if (!working) throw new Error('throttled')
    return stage.shards
  }
  const worker = await stage.started('w1', { listShards })
  working = false
  await stage.clock.advance(35_000)
  const failures = stage.events('failed').length
  assert.ok(failures >= 3, `${failures} attempts`)
  working = true
  stage.shards = splitStream()
  await stage.clock.advance(2 * TICK)
  assert.equal(worker.held(), ['A', 'B', 'C'])
})

test('makes two callers wait for one listing, but for none that began before they asked', async () => {
  const stage = new Stage([shard('A')])
  let listings = 0
  const listShards = async () => {
    listings++
    await stage.clock.sleep(100)
    return stage.shards
  }
  const { coordinator } = await stage.started('w1', { listShards })
  listings = 0
  const first = coordinator.syncShards()
  await stage.clock.advance(50)
  const later = [coordinator.syncShards(), coordinator.syncShards()]
  await stage.run(Promise.all([first, ...later]))
  assert.is(listings, 2)
})

test('counts every live owner in the table among the workers, strangers included', async () => {
  const stage = new Stage(openShards(2))
  const worker = await stage.started('w1')
  stage.store.rows.set('stranger', lease('stranger', { leaseOwner: 'java', leaseCounter: 3 }))
  await stage.clock.advance(5_000)
  assert.equal(worker.held(), ['shard-000', 'shard-001'])
  assert.equal(worker.coordinator.workers(), [
    { workerId: 'java', leases: 1 },
    { workerId: 'w1', leases: 2 },
  ])
})

test.run()
