/**
 * Workers that share one lease table and one stream in virtual time; each can be killed, frozen, cut
 * off from the table, or told that its writes failed when they did not.
 */
import type { Shard } from '../../src/kinesis/shard.ts'
import type { LeaseCoordinatorOptions } from '../../src/leases/lease-coordinator.ts'
import { LeaseCoordinator } from '../../src/leases/lease-coordinator.ts'
import type { LeaseEvent } from '../../src/leases/lease-event.ts'
import type { LeaseStore } from '../../src/leases/lease-store.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import type { Clock } from '../../src/time/clock.ts'
import { seededRandom } from '../../src/time/random.ts'
import { FakeClock } from '../support/fake-clock.ts'

export interface Call {
  operation: keyof LeaseStore
  leaseKey: string | undefined
}

/** What becomes of one call of one worker to the table. */
export type Fate = 'works' | 'fails' | 'loses the reply' | 'never answers'

export type LogEntry = LeaseEvent & { at: number; workerId: string }

export class Stage {
  readonly clock = new FakeClock()
  readonly store = new MemoryLeaseStore()
  shards: Shard[]
  /** Everything that was reported, in order. */
  readonly log: LogEntry[] = []
  #seed = 1

  constructor(shards: Shard[], seed = 1) {
    this.shards = shards
    this.#seed = seed * 1_000
  }

  /** A worker that has not started yet. */
  worker(workerId: string, options: Partial<LeaseCoordinatorOptions> = {}): StagedWorker {
    return new StagedWorker(this, workerId, seededRandom(this.#seed++), options)
  }

  async started(workerId: string, options?: Partial<LeaseCoordinatorOptions>) {
    const worker = this.worker(workerId, options)
    await this.run(worker.coordinator.start())
    return worker
  }

  /** Lets time pass until `work` is done. */
  async run<T>(work: Promise<T>, limitMillis = 60_000): Promise<T> {
    let over = false
    work.then(
      () => (over = true),
      () => (over = true),
    )
    await this.clock.advanceUntil(() => over, limitMillis)
    return work
  }

  owners(): Record<string, string | undefined> {
    const rows = [...this.store.rows.values()]
    return Object.fromEntries(rows.map(({ leaseKey, leaseOwner }) => [leaseKey, leaseOwner]))
  }

  events(type: LeaseEvent['type'], workerId?: string): LogEntry[] {
    return this.log.filter(
      (entry) => entry.type === type && (workerId === undefined || entry.workerId === workerId),
    )
  }
}

export class StagedWorker {
  readonly workerId: string
  readonly coordinator: LeaseCoordinator
  /** What `onAcquired` and `onLost` say this worker may process. */
  readonly processing = new Set<string>()
  readonly calls: Call[] = []
  readonly lost: string[] = []
  fate: (call: Call) => Fate = () => 'works'
  /** How long each call to the table takes. */
  latencyMillis: (call: Call) => number = () => 5
  #gate: Promise<void> = Promise.resolve()
  #open: () => void = () => undefined

  constructor(
    stage: Stage,
    workerId: string,
    random: () => number,
    options: Partial<LeaseCoordinatorOptions>,
  ) {
    this.workerId = workerId
    this.coordinator = new LeaseCoordinator({
      store: this.#storeOf(stage),
      listShards: async () => stage.shards,
      workerId,
      initialPosition: 'TRIM_HORIZON',
      clock: this.#clockOf(stage),
      random,
      onAcquired: ({ leaseKey }) => this.processing.add(leaseKey),
      onLost: (leaseKey) => {
        this.processing.delete(leaseKey)
        this.lost.push(leaseKey)
      },
      onEvent: (event) => {
        stage.log.push({ ...event, at: stage.clock.monotonicMillis(), workerId })
      },
      ...options,
    })
  }

  /** For ever. */
  kill(): void {
    this.freeze()
    this.wake = () => undefined
  }

  /** Nothing of this worker goes on until it is woken. */
  freeze(): void {
    const earlier = this.#open
    this.#gate = new Promise((resolve) => {
      this.#open = () => {
        earlier()
        resolve()
      }
    })
  }

  wake: () => void = () => {
    this.#open()
  }

  held(): string[] {
    return this.coordinator
      .held()
      .map(({ leaseKey }) => leaseKey)
      .sort()
  }

  /** Calls to the table since the last time this was asked. */
  drainCalls(operation: keyof LeaseStore): Call[] {
    return this.calls.splice(0).filter((call) => call.operation === operation)
  }

  /** A freeze may end in a moment in which another one begins. */
  async #awake(): Promise<void> {
    let passed: Promise<void> | undefined
    while (passed !== this.#gate) {
      passed = this.#gate
      await passed
    }
  }

  #clockOf({ clock }: Stage): Clock {
    return {
      now: () => clock.now(),
      monotonicMillis: () => clock.monotonicMillis(),
      sleep: async (millis, signal) => {
        await clock.sleep(millis, signal)
        await this.#awake()
      },
    }
  }

  #storeOf({ clock, store }: Stage): LeaseStore {
    const call = async <T>(
      operation: keyof LeaseStore,
      leaseKey: string | undefined,
      work: () => Promise<T>,
    ): Promise<T> => {
      const made = { operation, leaseKey }
      this.calls.push(made)
      const fate = this.fate(made)
      const latency = this.latencyMillis(made)
      await clock.sleep(latency / 2)
      if (fate === 'never answers') return new Promise(() => undefined)
      if (fate === 'fails') throw new Error('the table does not answer')
      const result = await work()
      await clock.sleep(latency / 2)
      await this.#awake()
      if (fate === 'loses the reply') throw new Error('the reply was lost')
      return result
    }
    return {
      ensureTable: () => call('ensureTable', undefined, () => store.ensureTable()),
      list: () => call('list', undefined, () => store.list()),
      create: (lease) => call('create', lease.leaseKey, () => store.create(lease)),
      renew: (lease) => call('renew', lease.leaseKey, () => store.renew(lease)),
      take: (lease, me) => call('take', lease.leaseKey, () => store.take(lease, me)),
      evict: (lease) => call('evict', lease.leaseKey, () => store.evict(lease)),
      checkpoint: (lease, at) =>
        call('checkpoint', lease.leaseKey, () => store.checkpoint(lease, at)),
      addChildren: (key, ids) => call('addChildren', key, () => store.addChildren(key, ids)),
      remove: (key) => call('remove', key, () => store.remove(key)),
    }
  }
}
