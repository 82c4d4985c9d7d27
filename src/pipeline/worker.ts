/**
 * One worker: takes its share of the shards, counts each in a consumer of its own, and stands ready
 * to merge. Everything that waits, waits on the clock that is passed in.
 */
import { asError, messageOf, withoutPaths } from '../errors.ts'
import { parkedItem } from '../counts/parked.ts'
import { WrittenPartials } from '../counts/written-partials.ts'
import {
  parsePaddedSequenceNumber,
  SHARD_END,
  unpadSequenceNumber,
} from '../kinesis/sequence-number.ts'
import { LeaseCoordinator } from '../leases/lease-coordinator.ts'
import type { LeaseEvent } from '../leases/lease-event.ts'
import type { LeaseStore } from '../leases/lease-store.ts'
import { runMergerRole } from '../merge/merger-role.ts'
import { backoffMillis } from '../time/backoff.ts'
import { isRetryable, retrying } from '../time/retry.ts'
import type { Trouble } from './parking.ts'
import { isOfOneShard, isParked, pauseAfter, troubleAfter } from './parking.ts'
import type { ConsumerPorts, ConsumerSettings } from './shard-consumer.ts'
import { ShardConsumer } from './shard-consumer.ts'
import { ShardOpening } from './shard-opening.ts'
import { WriteBudget } from './write-budget.ts'
import { WriteGate } from './write-gate.ts'

export interface WorkerSettings extends ConsumerSettings {
  failoverMillis: number
  /** How often the lease checkpoint follows progress. */
  checkpointMillis: number
  /** DynamoDB write units a second: per shard, and for merging. Infinity = no limit. */
  writeUnits: number
  mergeUnits: number
  mergeMillis: number
  rollingMillis: readonly number[]
}

export type WorkerEvent =
  | { type: 'lease'; event: LeaseEvent }
  | { type: 'shard'; shardId: string; what: 'started' | 'ended' | 'stopped' | 'lost' | 'behind' }
  | { type: 'gap'; shardId: string; parents: string[] }
  /** Handling its records threw; `parked` when that was so a few times, and it is tried slowly. */
  | { type: 'trouble'; shardId: string; error: unknown; attempts: number; parked: boolean }
  /** A run could not be merged, and is tried again at a slow pace. */
  | { type: 'stuck'; run: string; error: Error }
  | { type: 'retry'; error: unknown }

export interface WorkerPorts extends Omit<
  ConsumerPorts,
  'budget' | 'onRetry' | 'onDurable' | 'shardsCounted' | 'written'
> {
  leases: LeaseStore
  onEvent(event: WorkerEvent): void
}

interface ShardTask {
  lost: AbortController
  done: Promise<void>
  consumer?: ShardConsumer
  checkpointedAt: number
  /** Padded sequence number of the shard's progress, as this worker last read or wrote it. */
  durableTo: string
  /** Set while handling its records throws. */
  trouble: Trouble | undefined
  /** How often in a row it had to wait for its parents. */
  blocked: number
}

/**
 * Of a shard whose parents are not counted to their end: two calls each time, and of a large reshard
 * hundreds of shards wait together. A parent of the same worker says when it is done.
 */
const BLOCKED = { baseMillis: 600, capMillis: 5_000 }
/** Of all shards together. A write takes up to a millisecond of the event loop. */
const WRITES_AT_ONCE = 16

export class Worker {
  readonly #settings: WorkerSettings
  readonly #ports: WorkerPorts
  readonly #gate: WriteGate
  readonly #written = new WrittenPartials()
  readonly #coordinator: LeaseCoordinator
  readonly #opening: ShardOpening
  readonly #tasks = new Map<string, ShardTask>()
  readonly #drain = new AbortController()
  /** Aborted, and another in its place, whenever a shard is counted to its end. */
  #shardDone = new AbortController()
  #failure: Error | undefined

  constructor(settings: WorkerSettings, ports: WorkerPorts) {
    this.#settings = settings
    this.#ports = ports
    this.#gate = new WriteGate(ports.table, WRITES_AT_ONCE)
    this.#opening = new ShardOpening(settings.generation, {
      kinesis: ports.kinesis,
      table: ports.table,
      persist: (work, lost) => this.#retrying(work, lost),
    })
    this.#coordinator = new LeaseCoordinator({
      store: ports.leases,
      // A connection that breaks just then is no reason not to start.
      listShards: () => this.#retrying(() => ports.kinesis.listShards(), this.#drain.signal),
      workerId: settings.workerId,
      initialPosition:
        settings.generation.startTimestamp === null ? 'TRIM_HORIZON' : 'AT_TIMESTAMP',
      clock: ports.clock,
      random: ports.random,
      failoverTimeMillis: settings.failoverMillis,
      onAcquired: (lease) => this.#take(lease.leaseKey),
      onLost: (shardId) => this.#tasks.get(shardId)?.lost.abort(),
      onEvent: (event) => ports.onEvent({ type: 'lease', event }),
    })
  }

  /** Shards this worker counts right now, with how far behind their tip each is. */
  shards(): { shardId: string; millisBehindLatest: number; tripsCounted: number }[] {
    return [...this.#tasks].map(([shardId, { consumer }]) => ({
      shardId,
      millisBehindLatest: consumer?.millisBehindLatest ?? 0,
      tripsCounted: consumer?.tripsCounted ?? 0,
    }))
  }

  /** Works until `stop`, then makes everything it read durable and hands its shards over. */
  async run(stop: AbortSignal): Promise<void> {
    const onStop = (): void => this.#drain.abort()
    stop.addEventListener('abort', onStop, { once: true })
    if (stop.aborted) this.#drain.abort()
    try {
      await this.#coordinator.start()
      const merging = this.#merge()
      await this.#untilDrained()
      // First of all, or it would take back what its own consumers hand over.
      this.#coordinator.stopTaking()
      await Promise.all([...this.#tasks.values()].map((task) => task.done))
      await this.#coordinator.stop()
      await merging
    } finally {
      stop.removeEventListener('abort', onStop)
    }
    if (this.#failure !== undefined) throw this.#failure
  }

  #untilDrained(): Promise<void> {
    const { signal } = this.#drain
    if (signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  #merge(): Promise<void> {
    const { generation, workerId, failoverMillis, mergeMillis, rollingMillis } = this.#settings
    const { table, clock, onEvent } = this.#ports
    const budget = new WriteBudget(this.#settings.mergeUnits, clock.monotonicMillis())
    return runMergerRole(
      {
        generation,
        workerId,
        failoverMillis,
        tickMillis: mergeMillis,
        rollingMillis,
        concurrency: 16,
      },
      {
        table,
        clock,
        written: this.#written,
        mayWrite: () => budget.available(clock.monotonicMillis()),
        onWrite: (item) => {
          if (this.#settings.mergeUnits !== Infinity) budget.spend(JSON.stringify(item).length)
        },
        onStuck: (run, error) => onEvent({ type: 'stuck', run, error }),
        onError: (error) => onEvent({ type: 'retry', error }),
      },
      this.#drain.signal,
    )
  }

  #take(shardId: string): void {
    const lost = new AbortController()
    const task: ShardTask = {
      lost,
      done: Promise.resolve(),
      checkpointedAt: this.#ports.clock.monotonicMillis(),
      durableTo: '',
      trouble: undefined,
      blocked: 0,
    }
    const before = this.#tasks.get(shardId)?.done ?? Promise.resolve()
    this.#tasks.set(shardId, task)
    task.done = before
      .then(() => this.#countShard(shardId, task))
      .catch((error: unknown) => {
        // Whatever was being tried again when the lease went is another worker's to do now.
        if (lost.signal.aborted && isRetryable(error)) return
        // No shard can be counted any more: the worker goes down, loudly and in order.
        this.#failure ??= asError(error)
        this.#drain.abort()
      })
      .finally(() => {
        if (this.#tasks.get(shardId) === task) this.#tasks.delete(shardId)
      })
  }

  /** Until another has the shard, or nothing of it is left to count. */
  async #countShard(shardId: string, task: ShardTask): Promise<void> {
    const interrupted = AbortSignal.any([this.#drain.signal, task.lost.signal])
    while (!interrupted.aborted) {
      try {
        if ((await this.#countOnce(shardId, task)) === 'done') return
      } catch (error) {
        if (!isOfOneShard(error)) throw error
        await this.#rest(shardId, task, error, interrupted)
      }
    }
  }

  async #countOnce(shardId: string, task: ShardTask): Promise<'done' | 'again'> {
    const { lost } = task
    const { clock, random, onEvent } = this.#ports
    // Of before the look: what ends while it is under way is not missed.
    const { signal: shardDone } = this.#shardDone
    const start = await this.#opening.open(shardId, lost.signal)
    if (start === 'gone') {
      // Trimmed away: nothing of it is left to count, by anyone.
      await this.#opening.noteTrimmed(shardId, lost.signal)
      await this.#finish(shardId, lost.signal)
      return 'done'
    }
    if (start === 'unlisted' || start.kind === 'blocked') {
      const woken = AbortSignal.any([shardDone, lost.signal, this.#drain.signal])
      await clock.sleep(backoffMillis(++task.blocked, random, BLOCKED), woken)
      return 'again'
    }
    task.blocked = 0
    if (start.kind === 'start') {
      task.durableTo = start.progress.seq
      if (start.gaps.length > 0) onEvent({ type: 'gap', shardId, parents: start.gaps })
      onEvent({ type: 'shard', shardId, what: 'started' })
      const consumer = new ShardConsumer(start.shard, start, this.#settings, {
        ...this.#ports,
        table: this.#gate.table,
        budget: this.#budget(),
        written: this.#written,
        shardsCounted: () => this.#tasks.size,
        onRetry: (error) => onEvent({ type: 'retry', error }),
        onDurable: (_shard, seq) => {
          task.durableTo = seq
          task.trouble = undefined
          this.#checkpointNowAndThen(shardId, seq, task, consumer)
        },
      })
      task.consumer = consumer
      const outcome = await consumer.run(this.#drain.signal, lost.signal)
      onEvent({ type: 'shard', shardId, what: outcome })
      if (outcome === 'stopped') await this.#handOver(shardId, consumer.seq)
      if (outcome === 'stopped' || outcome === 'lost') return 'done'
      if (outcome === 'behind') return 'again'
    }
    await this.#finish(shardId, lost.signal)
    return 'done'
  }

  /**
   * Waits after handling the shard's records has thrown. The lease is kept: what one worker cannot
   * handle the next one mostly cannot either, and a shard that went round would be told of by none.
   */
  async #rest(
    shardId: string,
    task: ShardTask,
    error: unknown,
    interrupted: AbortSignal,
  ): Promise<void> {
    const { clock, random, table, onEvent } = this.#ports
    const failure = {
      seq: task.durableTo,
      now: clock.now(),
      reason: withoutPaths(messageOf(error)),
    }
    const trouble = troubleAfter(task.trouble, failure)
    task.trouble = trouble
    const parked = isParked(trouble)
    onEvent({ type: 'trouble', shardId, error, attempts: trouble.attempts, parked })
    if (parked) {
      const { generation, workerId } = this.#settings
      const note = parkedItem(generation.id, { shardId, ...trouble, worker: workerId })
      // Only a note: the next attempt writes it again.
      await table.put(note).catch((cause: unknown) => onEvent({ type: 'retry', error: cause }))
    }
    await clock.sleep(pauseAfter(trouble, random), interrupted)
  }

  #budget(): WriteBudget {
    return new WriteBudget(this.#settings.writeUnits, this.#ports.clock.monotonicMillis())
  }

  #checkpointNowAndThen(
    shardId: string,
    seq: string,
    task: ShardTask,
    consumer: ShardConsumer,
  ): void {
    const now = this.#ports.clock.monotonicMillis()
    if (now - task.checkpointedAt < this.#settings.checkpointMillis) return
    task.checkpointedAt = now
    void this.#checkpoint(shardId, seq)
    void consumer.forgetCompletedRuns().catch((error: unknown) => {
      this.#ports.onEvent({ type: 'retry', error })
    })
  }

  /** The lease checkpoint follows progress; it may lag and it may fail, it never leads. */
  async #checkpoint(shardId: string, seq: string): Promise<void> {
    if (seq === '') return
    try {
      const plain = unpadSequenceNumber(parsePaddedSequenceNumber(seq))
      await this.#coordinator.checkpoint(shardId, plain)
    } catch (error) {
      this.#ports.onEvent({ type: 'retry', error })
    }
  }

  /** Gives a drained shard to whoever wants it, without waiting for the others. */
  async #handOver(shardId: string, seq: string): Promise<void> {
    await this.#checkpoint(shardId, seq)
    try {
      await this.#coordinator.release(shardId)
    } catch (error) {
      this.#ports.onEvent({ type: 'retry', error })
    }
  }

  async #finish(shardId: string, lost: AbortSignal): Promise<void> {
    this.#shardDone.abort()
    this.#shardDone = new AbortController()
    await this.#retrying(
      () => this.#coordinator.checkpoint(shardId, SHARD_END.sequenceNumber),
      lost,
    )
  }

  #retrying<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const { clock, random, onEvent } = this.#ports
    return retrying(
      work,
      { clock, random, onRetry: (error) => onEvent({ type: 'retry', error }) },
      signal,
    )
  }
}
