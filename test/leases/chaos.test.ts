/** Everything at once, by chance, from a seed: the invariants that must survive it. */
import * as assert from 'uvu/assert'
import { compareExtended } from '../../src/kinesis/sequence-number.ts'
import type { Shard } from '../../src/kinesis/shard.ts'
import { isOpen } from '../../src/kinesis/shard.ts'
import type { Lease } from '../../src/leases/lease.ts'
import { isFinished } from '../../src/leases/lease.ts'
import type { Random } from '../../src/time/random.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { openShards } from './shards.ts'
import type { Fate, StagedWorker } from './stage.ts'
import { Stage } from './stage.ts'

const test = suite('leases under chaos')

/** Long enough for leases to be removed, which takes five minutes. */
const STEPS = 500
const STEP_MILLIS = 2_000
const CALM_MILLIS = 45_000

class Chaos {
  readonly stage: Stage
  readonly random: Random
  readonly workers: StagedWorker[] = []
  readonly seen = new Map<string, Lease>()
  #names = 0
  #position = 0
  #isCalm = false

  constructor(seed: number) {
    this.stage = new Stage(openShards(6), seed)
    this.random = seededRandom(seed)
  }

  get chance(): number {
    return this.random()
  }

  pick<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.random() * items.length)]
  }

  join(): void {
    const worker = this.stage.worker(`w${this.#names++}`)
    worker.fate = (): Fate => {
      if (this.#isCalm) return 'works'
      const chance = this.random()
      return chance < 0.05 ? 'fails' : chance < 0.1 ? 'loses the reply' : 'works'
    }
    worker.latencyMillis = () => (this.#isCalm ? 10 : this.random() ** 4 * 2_000)
    this.workers.push(worker)
    worker.coordinator.start().catch(() => {
      this.#remove(worker)
      if (this.#isCalm && this.workers.length === 0) this.join()
    })
  }

  kill(): void {
    const worker = this.pick(this.workers)
    if (worker === undefined) return
    worker.kill()
    this.#remove(worker)
  }

  freeze(): void {
    const worker = this.pick(this.workers)
    if (worker === undefined) return
    worker.freeze()
    void this.stage.clock.sleep(this.random() * 30_000).then(() => {
      worker.wake()
    })
  }

  stop(): void {
    const worker = this.pick(this.workers)
    if (worker === undefined) return
    this.#remove(worker)
    void worker.coordinator.stop()
  }

  reshard(): void {
    const { shards } = this.stage
    const parent = this.pick(shards.filter(isOpen))
    if (parent === undefined || shards.length > 16) return
    const start = BigInt(parent.startingHashKey)
    const end = BigInt(parent.endingHashKey)
    const middle = (start + end) / 2n
    const child = (name: string, from: bigint, to: bigint): Shard => ({
      shardId: `${parent.shardId}${name}`,
      parentShardIds: [parent.shardId],
      startingHashKey: String(from),
      endingHashKey: String(to),
      startingSequenceNumber: '1',
    })
    this.stage.shards = [
      ...shards.map((one) => (one === parent ? { ...one, endingSequenceNumber: '9' } : one)),
      child('a', start, middle),
      child('b', middle + 1n, end),
    ]
  }

  /** Whoever processes a shard moves its checkpoint, or ends it when it is closed. */
  progress(): void {
    const worker = this.pick(this.workers)
    const leaseKey = worker === undefined ? undefined : this.pick([...worker.processing])
    if (worker === undefined || leaseKey === undefined) return
    if (this.#isClosed(leaseKey)) this.#end(worker, leaseKey)
    else worker.coordinator.checkpoint(leaseKey, String(++this.#position)).catch(() => undefined)
  }

  /** Ends all closed shards that are processed, those included whose end was written unheard. */
  endAll(): void {
    for (const worker of this.workers) {
      for (const leaseKey of worker.processing) {
        if (this.#isClosed(leaseKey)) this.#end(worker, leaseKey)
      }
    }
  }

  #isClosed(leaseKey: string): boolean {
    return this.stage.shards.some((shard) => shard.shardId === leaseKey && !isOpen(shard))
  }

  #end(worker: StagedWorker, leaseKey: string): void {
    worker.coordinator.checkpoint(leaseKey, 'SHARD_END').then(
      (outcome) => {
        if (outcome === 'ok') worker.processing.delete(leaseKey)
      },
      () => undefined,
    )
  }

  /** Rows change only as KCL's conditions let them. */
  watch(): void {
    for (const row of this.stage.store.rows.values()) {
      const before = this.seen.get(row.leaseKey)
      this.seen.set(row.leaseKey, row)
      if (before === undefined || before === row) continue
      assert.ok(row.leaseCounter >= before.leaseCounter, `${row.leaseKey}: the counter fell`)
      const moved = compareExtended(row.checkpoint, before.checkpoint)
      assert.ok(moved >= 0, `${row.leaseKey}: the checkpoint fell`)
      if (row.leaseCounter === before.leaseCounter) {
        assert.is(row.leaseOwner, before.leaseOwner, `${row.leaseKey}: moved without the counter`)
      }
    }
    this.#noRangeIsUncovered()
  }

  /** Every open shard has a lease, or an ancestor that is not finished, and so will get one. */
  #noRangeIsUncovered(): void {
    const { store, shards } = this.stage
    if (store.rows.size < 6) return
    const covered = (shard: Shard): boolean => {
      const row = store.rows.get(shard.shardId)
      if (row !== undefined) return true
      const parents = shards.filter(({ shardId }) => shard.parentShardIds.includes(shardId))
      return parents.some((parent) => {
        const lease = store.rows.get(parent.shardId)
        return lease === undefined ? covered(parent) : !isFinished(lease)
      })
    }
    for (const shard of shards.filter(isOpen)) assert.ok(covered(shard), `${shard.shardId} is bare`)
  }

  calm(): void {
    this.#isCalm = true
    for (const worker of this.workers) worker.wake()
    if (this.workers.length === 0) this.join()
  }

  #remove(worker: StagedWorker): void {
    const index = this.workers.indexOf(worker)
    if (index >= 0) this.workers.splice(index, 1)
  }
}

async function survive(seed: number): Promise<Chaos> {
  const chaos = new Chaos(seed)
  for (let i = 0; i < 3; i++) chaos.join()
  for (let step = 0; step < STEPS; step++) {
    await chaos.stage.clock.advance(chaos.chance * STEP_MILLIS)
    chaos.watch()
    const { chance } = chaos
    if (chance < 0.02) chaos.kill()
    else if (chance < 0.04) chaos.freeze()
    else if (chance < 0.05) chaos.stop()
    else if (chance < 0.1 && chaos.workers.length < 5) chaos.join()
    else if (chance < 0.12) chaos.reshard()
    else chaos.progress()
  }
  chaos.calm()
  for (let millis = 0; millis < CALM_MILLIS; millis += 5_000) {
    await chaos.stage.clock.advance(5_000)
    chaos.endAll()
  }
  await chaos.stage.clock.advance(5_000)
  chaos.watch()
  return chaos
}

for (let seed = 1; seed <= 25; seed++) {
  test(`seed ${seed}: every lease ends up with one live worker, shared evenly`, async () => {
    const { stage, workers } = await survive(seed)
    const open = [...stage.store.rows.values()].filter((row) => !isFinished(row))
    const holders = new Map(workers.flatMap((worker) => worker.held().map((key) => [key, worker])))
    for (const { leaseKey, leaseOwner } of open) {
      assert.is(leaseOwner, holders.get(leaseKey)?.workerId, leaseKey)
      const processing = workers.filter((worker) => worker.processing.has(leaseKey))
      assert.equal(
        processing.map(({ workerId }) => workerId),
        [leaseOwner],
        leaseKey,
      )
    }
    const loads = workers.map((worker) => worker.held().length)
    assert.is(
      loads.reduce((sum, load) => sum + load, 0),
      open.length,
    )
    assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, loads.join())
    const leased = new Set(stage.store.rows.keys())
    for (const { shardId } of stage.shards.filter(isOpen)) assert.ok(leased.has(shardId), shardId)
  })
}

test.run()
