import * as assert from 'uvu/assert'
import { SHARD_END } from '../../src/kinesis/sequence-number.ts'
import { LeaseCoordinator } from '../../src/leases/lease-coordinator.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { at, lease, LATER_SEQUENCE_NUMBER, SEQUENCE_NUMBER } from './leases.ts'
import { mergedStream, openShards, shard, splitStream } from './shards.ts'
import type { StagedWorker } from './stage.ts'
import { Stage } from './stage.ts'

const test = suite('a lease coordinator')

const FAILOVER = 10_000
/** A scan comes at least every 1.1 s, and the calls after it take a little. */
const TICK = 1_150

const sizes = (...workers: StagedWorker[]): number[] =>
  workers.map((worker) => worker.held().length).sort()

// --- taking, joining, leaving

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

// --- dying, freezing, being cut off

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
  cutOff.fate = () => 'fails'
  cutOff.lost.length = 0
  await stage.clock.advanceUntil(() => cutOff.lost.length === 3, FAILOVER + TICK)
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

// --- checkpoints and releases

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

// --- shards that end

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
