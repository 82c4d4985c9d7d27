/**
 * One worker: takes its share of the shards, counts each in a consumer of its own, and stands ready
 * to merge. Everything that waits, waits on the clock that is passed in.
 */
import { asError } from '../errors.ts'
import { progressKey, progressPk, statusKey } from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import { parseProgress, progressCondition, progressItem } from '../counts/progress.ts'
import {
  parsePaddedSequenceNumber,
  SHARD_END,
  unpadSequenceNumber,
} from '../kinesis/sequence-number.ts'
import type { Shard } from '../kinesis/shard.ts'
import { byId } from '../kinesis/shard.ts'
import { LeaseCoordinator } from '../leases/lease-coordinator.ts'
import type { LeaseEvent } from '../leases/lease-event.ts'
import type { LeaseStore } from '../leases/lease-store.ts'
import { runMergerRole } from '../merge/merger-role.ts'
import { isRetryable, retrying } from '../time/retry.ts'
import type { ConsumerPorts, ConsumerSettings } from './shard-consumer.ts'
import { ShardConsumer } from './shard-consumer.ts'
import type { StartPosition } from './shard-start.ts'
import { isOrphan, shardStart } from './shard-start.ts'
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
  | { type: 'retry'; error: unknown }

export interface WorkerPorts extends Omit<ConsumerPorts, 'budget' | 'onRetry' | 'onDurable'> {
  leases: LeaseStore
  onEvent(event: WorkerEvent): void
}

interface ShardTask {
  lost: AbortController
  done: Promise<void>
  consumer?: ShardConsumer
  checkpointedAt: number
}

const BLOCKED_MILLIS = 500
/** Of all shards together. A write takes up to a millisecond of the event loop. */
const WRITES_AT_ONCE = 16

export class Worker {
  readonly #settings: WorkerSettings
  readonly #ports: WorkerPorts
  readonly #gate: WriteGate
  readonly #coordinator: LeaseCoordinator
  readonly #tasks = new Map<string, ShardTask>()
  readonly #drain = new AbortController()
  #failure: Error | undefined

  constructor(settings: WorkerSettings, ports: WorkerPorts) {
    this.#settings = settings
    this.#ports = ports
    this.#gate = new WriteGate(ports.table, WRITES_AT_ONCE)
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
        mayWrite: () => budget.available(clock.monotonicMillis()),
        onWrite: (item) => {
          if (this.#settings.mergeUnits !== Infinity) budget.spend(JSON.stringify(item).length)
        },
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
    }
    const before = this.#tasks.get(shardId)?.done ?? Promise.resolve()
    this.#tasks.set(shardId, task)
    task.done = before
      .then(() => this.#countShard(shardId, task))
      .catch((error: unknown) => {
        // Whatever was being tried again when the lease went is another worker's to do now.
        if (lost.signal.aborted && isRetryable(error)) return
        // Nothing here is expected to fail for good: the worker goes down, loudly and in order.
        this.#failure ??= asError(error)
        this.#drain.abort()
      })
      .finally(() => {
        if (this.#tasks.get(shardId) === task) this.#tasks.delete(shardId)
      })
  }

  async #countShard(shardId: string, task: ShardTask): Promise<void> {
    const { lost } = task
    const { onEvent } = this.#ports
    while (!this.#drain.signal.aborted && !lost.signal.aborted) {
      const start = await this.#start(shardId, lost.signal)
      if (start === 'gone') {
        // Trimmed away: nothing of it is left to count, by anyone.
        await this.#noteTrimmed(shardId, lost.signal)
        await this.#finish(shardId, lost.signal)
        return
      }
      if (start === 'unlisted' || start.kind === 'blocked') {
        await this.#ports.clock.sleep(BLOCKED_MILLIS, lost.signal)
        continue
      }
      if (start.kind === 'start') {
        if (start.gaps.length > 0) onEvent({ type: 'gap', shardId, parents: start.gaps })
        onEvent({ type: 'shard', shardId, what: 'started' })
        const consumer = new ShardConsumer(start.shard, start, this.#settings, {
          ...this.#ports,
          table: this.#gate.table,
          budget: this.#budget(),
          onRetry: (error) => onEvent({ type: 'retry', error }),
          onDurable: (_shard, seq) => this.#checkpointNowAndThen(shardId, seq, task, consumer),
        })
        task.consumer = consumer
        const outcome = await consumer.run(this.#drain.signal, lost.signal)
        onEvent({ type: 'shard', shardId, what: outcome })
        if (outcome === 'stopped') await this.#handOver(shardId, consumer.seq)
        if (outcome === 'stopped' || outcome === 'lost') return
        if (outcome === 'behind') continue
      }
      await this.#finish(shardId, lost.signal)
      return
    }
  }

  /** `gone` when the shard was trimmed away, `unlisted` when it is there all the same. */
  async #start(
    shardId: string,
    lost: AbortSignal,
  ): Promise<(ReturnType<typeof shardStart> & { shard: Shard }) | 'gone' | 'unlisted'> {
    const { generation } = this.#settings
    const listed = byId(await this.#retrying(() => this.#ports.kinesis.listShards(), lost))
    const shard = listed.get(shardId)
    if (shard === undefined) return this.#unlisted(shardId, lost)
    const keys = [shardId, ...shard.parentShardIds].map((id) => progressKey(generation.id, id))
    const items = await this.#retrying(() => this.#ports.table.getMany(keys), lost)
    const progress = new Map<string, Progress>(items.map((item) => [item.sk, parseProgress(item)]))
    const initial: StartPosition =
      generation.startTimestamp === null
        ? { type: 'TRIM_HORIZON' }
        : { type: 'AT_TIMESTAMP', timestamp: generation.startTimestamp }
    const others = isOrphan(shard, listed, progress)
      ? await this.#retrying(() => this.#ports.table.query(progressPk(generation.id)), lost)
      : []
    const start = shardStart(shard, listed, progress, initial, others.map(parseProgress))
    if (start.kind === 'start' && !progress.has(shardId)) {
      const lanes = await this.#withoutCompleteRuns(start.progress.lanes, lost)
      return { ...start, progress: { ...start.progress, lanes }, shard }
    }
    return { ...start, shard }
  }

  /**
   * Of a run that is complete one parent may have forgotten the lanes, while the other still has what
   * it once inherited and never saw grow. Without lanes every record of it is known for a duplicate.
   * To be asked after the parents' progress was read: a run that is not complete then was whole in it.
   */
  async #withoutCompleteRuns(
    lanes: Progress['lanes'],
    lost: AbortSignal,
  ): Promise<Progress['lanes']> {
    const { table } = this.#ports
    const keys = [...lanes.keys()].map((run) => statusKey(this.#settings.generation.id, run))
    const statuses = await this.#retrying(() => table.getMany(keys), lost)
    const complete = new Set(
      statuses.filter((status) => status.complete === true).map((status) => status.pk),
    )
    return new Map(
      [...lanes].filter(([run]) => !complete.has(statusKey(this.#settings.generation.id, run).pk)),
    )
  }

  /**
   * A listing may lag behind, and whoever made the lease has seen a later one: only the shard itself
   * can say that it is gone.
   */
  async #unlisted(shardId: string, lost: AbortSignal): Promise<'gone' | 'unlisted'> {
    const { kinesis } = this.#ports
    const oldest = { type: 'TRIM_HORIZON' } as const
    const iterator = await this.#retrying(() => kinesis.shardIterator(shardId, oldest), lost)
    return iterator === 'gone' ? 'gone' : 'unlisted'
  }

  /** What was counted of a shard that is gone stays as it is, and is known not to be all. */
  async #noteTrimmed(shardId: string, lost: AbortSignal): Promise<void> {
    const { table } = this.#ports
    const { generation } = this.#settings
    const item = await this.#retrying(() => table.get(progressKey(generation.id, shardId)), lost)
    if (item === undefined || item.ended === true) return
    const over: Progress = { ...parseProgress(item), ended: true, trimmed: true }
    // Refused: someone else has noted it, and only that can be.
    await this.#retrying(
      () => table.put(progressItem(generation.id, over), progressCondition(over)),
      lost,
    )
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
