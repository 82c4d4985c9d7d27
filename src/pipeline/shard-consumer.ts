/**
 * Counts one shard: read ▸ decode ▸ classify ▸ absorb ▸ flush, one batch at a time. The next read
 * begins when the last batch is absorbed, so nothing piles up anywhere.
 */
import { textOf } from '../counts/item-values.ts'
import { concatMap, defer, lastValueFrom, repeat, takeWhile } from 'rxjs'
import type { DistrictSlots } from '../counts/district-slots.ts'
import { parsePartialPk, partialPk, runKey, statusKey } from '../counts/keys.ts'
import { ShardCounter } from '../counts/shard-counter.ts'
import type { BlockRef } from '../counts/shard-counter.ts'
import type { Item, TablePort } from '../counts/table-port.ts'
import type { DeadLetter, TripBatch } from '../counts/trip-batch.ts'
import type { WrittenPartials } from '../counts/written-partials.ts'
import type { Generation } from '../counts/generation.ts'
import type { KinesisPort, ReadPort, ReadReply } from '../kinesis/kinesis-port.ts'
import type { Shard } from '../kinesis/shard.ts'
import { hashKeyRangeOf } from '../kinesis/shard.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { retrying } from '../time/retry.ts'
import type { Slices } from '../time/slices.ts'
import { slicesOf } from '../time/slices.ts'
import { classify } from './classify.ts'
import type { Locator } from './classify.ts'
import { Decoder } from './decode.ts'
import { flush } from './flush.ts'
import { endOfPiece, LEAST_BYTES, nextPieceBytes } from './pieces.ts'
import type { ReaderPace } from './shard-reader.ts'
import { ShardReader } from './shard-reader.ts'
import type { ShardStart } from './shard-start.ts'
import type { WriteBudget } from './write-budget.ts'

export interface ConsumerSettings extends ReaderPace {
  workerId: string
  generation: Generation
  slots: DistrictSlots
  locator: Locator | undefined
  outOfOrdernessMillis: number
  /** How often counts are made durable, when the write budget allows. */
  flushMillis: number
  /** Of blocks that are kept in memory, of all shards of the worker; more only while they are dirty. */
  cachedBytes: number
  /** Flushes whose touched blocks progress names; a merger further behind looks at all partials. */
  touchGroups?: number | undefined
}

export interface ConsumerPorts {
  kinesis: KinesisPort
  /** How shards are read where it is not by polling. */
  reads?: ReadPort
  table: TablePort
  clock: Clock
  random: Random
  budget: WriteBudget
  /** For a merger in the same process. */
  written?: WrittenPartials
  /** Resolves once they are kept; repeated after an error that is retryable. */
  keepDeadLetters(
    letters: readonly DeadLetter[],
    from: { shardId: string; generation: string },
  ): Promise<void>
  onRetry?(error: unknown, attempt: number): void
  /** How many shards share the cache; one where it is left out. */
  shardsCounted?(): number
  /** Everything up to this padded sequence number is durable. */
  onDurable?(shardId: string, seq: string): void
}

/**
 * `ended`: the closed shard is counted to its end. `stopped`: drained, all that was read is durable.
 * `lost`: another worker counts it now. `behind`: another worker was further; begin again.
 */
export type ConsumerOutcome = 'ended' | 'stopped' | 'lost' | 'behind'

const PARTIAL_WRITES_AT_ONCE = 16
/**
 * A sparse run at full speed touches thousands of blocks a second. Flushing them in portions moves
 * progress on, so that merging goes along with counting instead of following it.
 */
const MAX_DIRTY_BLOCKS = 1_500

export class ShardConsumer {
  readonly #shard: Shard
  readonly #unbegun: boolean
  readonly #settings: ConsumerSettings
  readonly #ports: ConsumerPorts
  readonly #counter: ShardCounter
  readonly #decoder: Decoder
  readonly #reader: ShardReader
  readonly #slices: Slices
  /** The first batch is flushed at once: until then nobody sees that the shard is counted again. */
  #flushedAt = -Infinity
  #dirty: boolean
  /** Complete runs whose lanes may go. */
  readonly #completed = new Set<string>()
  #millisBehindLatest = 0
  #pieceBytes = LEAST_BYTES

  constructor(
    shard: Shard,
    start: Extract<ShardStart, { kind: 'start' }>,
    settings: ConsumerSettings,
    ports: ConsumerPorts,
  ) {
    this.#shard = shard
    this.#unbegun = start.unbegun
    this.#settings = settings
    this.#ports = ports
    this.#slices = slicesOf(ports.clock)
    this.#decoder = new Decoder(settings.slots, hashKeyRangeOf(shard))
    this.#reader = new ShardReader(
      shard.shardId,
      start.from,
      { ...ports, kinesis: ports.reads ?? ports.kinesis },
      settings,
    )
    // Lanes that were cut off are told of even if nothing follows.
    this.#dirty = start.gaps.length > 0
    this.#counter = new ShardCounter({
      generation: settings.generation.id,
      geometry: settings.generation.geometry,
      slots: settings.slots,
      progress: start.progress,
      outOfOrdernessMillis: settings.outOfOrdernessMillis,
      fromBeginning: settings.generation.startTimestamp === null,
      touchGroups: settings.touchGroups,
      countedAlone: start.unbegun,
    })
  }

  get millisBehindLatest(): number {
    return this.#millisBehindLatest
  }

  /** Padded sequence number of the last record that was counted; durable once `run` has returned. */
  get seq(): string {
    return this.#counter.seq
  }

  get tripsCounted(): number {
    return this.#counter.tripsCounted
  }

  /** What is kept: blocks that wait for a flush, and this shard's part of the cache. */
  get inMemory(): { blocks: number; bytes: number } {
    return this.#counter.inMemory
  }

  /** Runs until the shard ends, `drain` asks it to finish, or `lost` says the lease is gone. */
  async run(drain: AbortSignal, lost: AbortSignal): Promise<ConsumerOutcome> {
    const interrupted = AbortSignal.any([drain, lost])
    const cycle = defer(() => this.#reader.next(interrupted)).pipe(
      concatMap((reply) => this.#count(reply, lost)),
      concatMap(() => this.#untilAffordable(interrupted)),
      concatMap(() => this.#settle(drain, lost)),
      repeat(),
      takeWhile((outcome) => outcome === undefined, true),
    )
    try {
      if (this.#unbegun && (await this.#begin(lost)) === 'refused') {
        return lost.aborted ? 'lost' : 'behind'
      }
      return (await lastValueFrom(cycle)) ?? 'stopped'
    } catch (error) {
      if (lost.aborted) return 'lost'
      throw error
    } finally {
      this.#reader.close()
    }
  }

  /**
   * Says that the shard is begun, before any partial of it is written. Whoever finds no progress and
   * is first to write some knows that no partial is there; whoever comes later looks.
   */
  #begin(lost: AbortSignal): Promise<'ok' | 'refused'> {
    return this.#flush(lost)
  }

  async #count({ records, millisBehindLatest }: ReadReply, lost: AbortSignal): Promise<void> {
    this.#millisBehindLatest = millisBehindLatest
    const { clock } = this.#ports
    for (let from = 0; from < records.length;) {
      while (this.#slices.over) await this.#slices.pause()
      const began = clock.monotonicMillis()
      const piece = records.slice(from, endOfPiece(records, from, this.#pieceBytes))
      await this.#absorb(classify(this.#decoder.decode(piece), this.#settings.locator), lost)
      this.#pieceBytes = nextPieceBytes(this.#pieceBytes, clock.monotonicMillis() - began)
      from += piece.length
    }
  }

  async #absorb(batch: TripBatch, lost: AbortSignal): Promise<void> {
    if (batch.segments.length === 0) return
    const completed = await this.#completedRuns(this.#counter.unknownRuns(batch), lost)
    await this.#readBack(this.#counter.missingBlocks(batch), lost)
    const letters = this.#counter.absorb(batch, completed, await this.#deletedRuns(batch, lost))
    this.#dirty = true
    // Kept before they are durably counted, so that none is counted and not kept.
    if (letters.length > 0) {
      const { shardId } = this.#shard
      const generation = this.#settings.generation.id
      await this.#persist(() => this.#ports.keepDeadLetters(letters, { shardId, generation }), lost)
    }
  }

  /** Those of `runs` whose lanes were forgotten because every one of them had ended. */
  async #completedRuns(runs: readonly string[], lost: AbortSignal): Promise<Set<string>> {
    const completed = new Set<string>()
    for (const run of runs) {
      const key = statusKey(this.#settings.generation.id, run)
      const status = await this.#persist(() => this.#ports.table.get(key), lost)
      if (status?.complete === true) completed.add(run)
    }
    return completed
  }

  /** Those of the runs whose letters come back that have been deleted meanwhile. */
  async #deletedRuns(batch: TripBatch, lost: AbortSignal): Promise<Set<string>> {
    const deleted = new Set<string>()
    const redriven = batch.segments.filter(({ control }) => control?.redrive !== undefined)
    for (const run of new Set(redriven.map(({ control }) => control?.runId ?? ''))) {
      const item = await this.#persist(() => this.#ports.table.get(runKey(run)), lost)
      if (item?.state === 'deleted') deleted.add(run)
    }
    return deleted
  }

  async #readBack(missing: readonly BlockRef[], lost: AbortSignal): Promise<void> {
    if (missing.length === 0) return
    const { shardId } = this.#shard
    const generation = this.#settings.generation.id
    const keys = missing
      .filter((ref) => this.#counter.mayHavePartial(ref))
      .map(({ run, block }) => ({ pk: partialPk(generation, run, block), sk: shardId }))
    const items = await this.#persist(() => this.#ports.table.getMany(keys), lost)
    for (const ref of missing) {
      while (this.#slices.over) await this.#slices.pause()
      this.#counter.install(ref)
    }
    for (const item of items) {
      while (this.#slices.over) await this.#slices.pause()
      this.#counter.install(parsePartialPk(item.pk), partialFrom(item))
    }
  }

  /**
   * Back-pressure of the write budget: with as much to flush as one flush takes, nothing more is read
   * before there is budget for it. Each flush would be larger, and go deeper into debt, than the last.
   */
  async #untilAffordable(interrupted: AbortSignal): Promise<void> {
    if (this.#counter.dirtyBlocks < MAX_DIRTY_BLOCKS) return
    const { clock, budget } = this.#ports
    const wait = budget.untilAvailable(clock.monotonicMillis())
    if (wait > 0) await clock.sleep(wait, interrupted)
  }

  /** Flushes when it is time, and says whether the shard is done with. */
  async #settle(drain: AbortSignal, lost: AbortSignal): Promise<ConsumerOutcome | undefined> {
    if (lost.aborted) return 'lost'
    for (const run of this.#completed) this.#counter.forgetRun(run)
    this.#completed.clear()
    const { clock, budget } = this.#ports
    const ending = this.#reader.ended
    if (ending) this.#counter.end(this.#reader.gone)
    const now = clock.monotonicMillis()
    const full = this.#counter.dirtyBlocks >= MAX_DIRTY_BLOCKS
    const timely = full || now - this.#flushedAt >= this.#settings.flushMillis
    const due = timely && budget.available(now)
    if (ending || (this.#dirty && (due || drain.aborted))) {
      this.#flushedAt = now
      this.#dirty = false
      if ((await this.#flush(lost)) === 'refused') return lost.aborted ? 'lost' : 'behind'
      this.#ports.onDurable?.(this.#shard.shardId, this.#counter.seq)
      this.#trimCache()
    }
    if (ending) return 'ended'
    return drain.aborted ? 'stopped' : undefined
  }

  #flush(lost: AbortSignal): Promise<'ok' | 'refused'> {
    const { table, written, budget, clock } = this.#ports
    return flush(
      this.#counter,
      {
        worker: this.#settings.workerId,
        writtenAt: clock.now(),
        millisBehindLatest: this.#millisBehindLatest,
      },
      {
        table,
        generation: this.#settings.generation.id,
        written,
        budget,
        clock,
        concurrency: PARTIAL_WRITES_AT_ONCE,
        persist: (work) => this.#persist(work, lost),
      },
    )
  }

  #trimCache(): void {
    const share = this.#settings.cachedBytes / (this.#ports.shardsCounted?.() ?? 1)
    let excess = this.#counter.inMemory.bytes - share
    if (excess <= 0) return
    for (const ref of this.#counter.cleanBlocks()) {
      if (excess <= 0) break
      excess -= this.#counter.forget(ref)
    }
  }

  /**
   * Lets the lanes of runs that are complete go; called now and then by the worker. They go between
   * two batches: one that is being absorbed has looked up its unknown lanes already.
   */
  async forgetCompletedRuns(): Promise<void> {
    for (const run of this.#counter.endedRuns()) {
      const status = await this.#ports.table.get(statusKey(this.#settings.generation.id, run))
      if (status?.complete === true) this.#completed.add(run)
    }
  }

  #persist<T>(work: () => Promise<T>, lost: AbortSignal): Promise<T> {
    return retrying(work, this.#ports, lost)
  }
}

function partialFrom(item: Item): { seq: string; counts: Uint8Array } {
  return {
    seq: textOf(item.seq),
    counts: item.counts instanceof Uint8Array ? item.counts : new Uint8Array(0),
  }
}
