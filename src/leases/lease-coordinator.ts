import { HailstreamError } from '../errors.ts'
import { SHARD_END } from '../kinesis/sequence-number.ts'
import type { Shard } from '../kinesis/shard.ts'
import { childrenOf } from '../kinesis/shard.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { HeldLeases } from './held-leases.ts'
import type { Lease } from './lease.ts'
import type { LeaseEvent } from './lease-event.ts'
import type { LeaseStore, LeaseWrite } from './lease-store.ts'
import { LeaseTaker } from './lease-taker.ts'
import type { Loop } from './loop.ts'
import { startLoop } from './loop.ts'
import type { InitialPosition } from './shard-sync.ts'
import { ShardSyncer } from './shard-syncer.ts'

export interface LeaseCoordinatorOptions {
  store: LeaseStore
  /** Everything the stream still lists, closed shards included. */
  listShards: () => Promise<Shard[]>
  /** Unique among all workers that ever used the table, earlier lives of this one included. */
  workerId: string
  initialPosition: InitialPosition
  clock: Clock
  random: Random
  /** The lease is this worker's: its shard may be processed from now on. Must not throw. */
  onAcquired: (lease: Lease) => void
  /** It no longer is. Not called for leases that were released or have finished. Must not throw. */
  onLost: (leaseKey: string) => void
  onEvent?: (event: LeaseEvent) => void
  /** A lease that has not been renewed for so long may be taken. Default 10 s, as in KCL. */
  failoverTimeMillis?: number
  /** How often the table is scanned. Default 0.5 s, or a tenth of the fail-over time if shorter. */
  scanIntervalMillis?: number
  /** How often the stream's shards are listed. Default 30 s. */
  shardSyncIntervalMillis?: number
}

/** After a scan in which others were faster the next one comes at once, so many times. */
const MAX_HASTY_SCANS = 3
const HASTY_SCAN_MILLIS = 50

const RELEASE_ATTEMPTS = 3
const RELEASE_RETRY_MILLIS = 200

/**
 * Gets this worker its share of the leases and keeps them. Three loops, independent of each other
 * and of whoever processes the shards: one scans the table and takes leases, one renews those held,
 * one follows the stream's shards. They carry out plans made elsewhere (lease-assignment.ts,
 * shard-sync.ts); trouble with the table is reported, and the next round tries again.
 */
export class LeaseCoordinator {
  readonly #options: Required<LeaseCoordinatorOptions>
  readonly #held: HeldLeases
  readonly #taker: LeaseTaker
  readonly #syncer: ShardSyncer
  #scanning: Loop | undefined
  #syncing: Loop | undefined
  #renewing: Loop | undefined
  #hastyScans = 0

  constructor(options: LeaseCoordinatorOptions) {
    const failoverTimeMillis = options.failoverTimeMillis ?? 10_000
    this.#options = {
      onEvent: () => undefined,
      scanIntervalMillis: Math.min(500, failoverTimeMillis / 10),
      shardSyncIntervalMillis: 30_000,
      ...options,
      failoverTimeMillis,
    }
    const { scanIntervalMillis } = this.#options
    if (!(scanIntervalMillis > 0 && scanIntervalMillis <= failoverTimeMillis / 4)) {
      throw new HailstreamError('USAGE', {
        subject: 'Scan interval',
        got: `${scanIntervalMillis} ms`,
        expected: `more than 0 and at most a quarter of the fail-over time, ${failoverTimeMillis} ms`,
      })
    }
    this.#held = new HeldLeases(this.#options)
    this.#taker = new LeaseTaker({
      ...this.#options,
      held: this.#held,
      onAcquired: (lease) => {
        // Its take may have been so slow that it is due already.
        this.#renewing?.poke()
        options.onAcquired(lease)
      },
    })
    this.#syncer = new ShardSyncer(this.#options)
  }

  /**
   * Makes sure that the table and the leases are there, takes this worker's share, and starts the
   * loops. Once. Rejects, with nothing left running, when the table or the stream does not answer.
   */
  async start(): Promise<void> {
    const { store, clock, shardSyncIntervalMillis } = this.#options
    await store.ensureTable()
    await this.#syncer.sync()
    this.#renewing = startLoop(clock, () => this.#held.renewDue())
    try {
      const delay = this.#delayAfterScan(await this.#taker.scanAndTake())
      this.#scanning = startLoop(clock, () => this.#scan(), delay)
    } catch (thrown) {
      await this.stop()
      throw thrown
    }
    this.#syncing = startLoop(clock, () => this.#sync(), shardSyncIntervalMillis)
  }

  /** Takes no further leases; those held are kept. For a worker that drains before it stops. */
  stopTaking(): void {
    this.#taker.stopTaking()
  }

  /**
   * Gives up all leases, so that others can take them at once, and ends the loops. To be called when
   * the shards are no longer processed; `onLost` is not called.
   */
  async stop(): Promise<void> {
    this.#taker.stopTaking()
    await Promise.all([this.#scanning?.stop(), this.#syncing?.stop()])
    await Promise.all(this.#held.list().map(({ leaseKey }) => this.#releaseForGood(leaseKey)))
    await this.#renewing?.stop()
  }

  /** The leases held right now. */
  held(): Lease[] {
    return this.#held.list()
  }

  /** Live workers as of the last scan, by id, with how many unfinished leases each owns. */
  workers(): { workerId: string; leases: number }[] {
    return this.#taker.workers()
  }

  /**
   * Records that the shard is processed up to and including `sequenceNumber` (plain digits), or to
   * its end (`SHARD_END`). A position at or before the present one is `ok` and not written. At the
   * end the shards that follow get their leases first, so that no range of keys is ever without one.
   * Rejects when the table or the stream did not answer: call again.
   */
  async checkpoint(
    leaseKey: string,
    sequenceNumber: string,
    subSequenceNumber = 0,
  ): Promise<LeaseWrite> {
    if (sequenceNumber !== SHARD_END.sequenceNumber) {
      return this.#held.checkpoint(leaseKey, { sequenceNumber, subSequenceNumber })
    }
    const children = childrenOf(await this.syncShards(), leaseKey)
    const childShardIds = children.map((shard) => shard.shardId)
    const outcome = await this.#held.checkpoint(leaseKey, SHARD_END, childShardIds)
    this.#scanning?.poke()
    return outcome
  }

  /** Gives one lease up and leaves it to others for a fail-over time. Rejects like `checkpoint`. */
  release(leaseKey: string): Promise<LeaseWrite> {
    this.#taker.shun(leaseKey)
    return this.#held.release(leaseKey)
  }

  /** Lists the shards now, creates and removes leases accordingly, and resolves to the listing. */
  syncShards(): Promise<Shard[]> {
    return this.#syncer.sync()
  }

  async #scan(): Promise<number> {
    let contended = false
    try {
      contended = await this.#taker.scanAndTake()
    } catch (error) {
      this.#options.onEvent({ type: 'failed', operation: 'scan', error })
    }
    return this.#delayAfterScan(contended)
  }

  #delayAfterScan(contended: boolean): number {
    const { random, scanIntervalMillis } = this.#options
    this.#hastyScans = contended ? this.#hastyScans + 1 : 0
    if (contended && this.#hastyScans <= MAX_HASTY_SCANS) return HASTY_SCAN_MILLIS * random()
    // Spread, so that workers that were started together do not go on scanning together.
    return scanIntervalMillis * (0.9 + 0.2 * random())
  }

  async #sync(): Promise<number> {
    const { onEvent, shardSyncIntervalMillis, scanIntervalMillis } = this.#options
    try {
      await this.#syncer.sync()
      return shardSyncIntervalMillis
    } catch (error) {
      onEvent({ type: 'failed', operation: 'sync shards', error })
      return scanIntervalMillis
    }
  }

  /** Tries a few times; a lease that cannot be given up is free for others when it has expired. */
  async #releaseForGood(leaseKey: string): Promise<void> {
    const { clock, onEvent } = this.#options
    for (let attempt = 1; attempt <= RELEASE_ATTEMPTS; attempt++) {
      try {
        await this.#held.release(leaseKey)
        return
      } catch (error) {
        onEvent({ type: 'failed', operation: 'evict', leaseKey, error })
        await clock.sleep(RELEASE_RETRY_MILLIS * attempt)
      }
    }
  }
}
