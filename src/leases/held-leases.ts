import { compareExtended, SHARD_END } from '../kinesis/sequence-number.ts'
import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import type { Clock } from '../time/clock.ts'
import type { Lease } from './lease.ts'
import { checkpointed, renewed, withChildren } from './lease.ts'
import type { LeaseEvent, LossReason } from './lease-event.ts'
import type { LeaseStore, LeaseWrite } from './lease-store.ts'

export interface HeldLeasesOptions {
  store: LeaseStore
  clock: Clock
  workerId: string
  failoverTimeMillis: number
  onLost: (leaseKey: string) => void
  onEvent: (event: LeaseEvent) => void
}

interface Held {
  lease: Lease
  /** When the last write that moved the counter was sent: nobody can have seen it earlier. */
  movedAt: number
  /** Set while it is being given up: then it is no loss. */
  releasing: boolean
  /** When the first of the writes was sent of which it is open whether they moved the counter. */
  unsureSince: number | undefined
  /** The writes of one lease go one after the other: each needs the counter of the last. */
  queue: Promise<unknown>
}

/** The leases of this worker: keeps them renewed, and writes to their rows. */
export class HeldLeases {
  readonly #options: HeldLeasesOptions
  readonly #held = new Map<string, Held>()
  readonly #renewMillis: number
  readonly #retryMillis: number

  constructor(options: HeldLeasesOptions) {
    this.#options = options
    this.#renewMillis = options.failoverTimeMillis / 3
    this.#retryMillis = options.failoverTimeMillis / 10
  }

  keys(): Set<string> {
    return new Set(this.#held.keys())
  }

  list(): Lease[] {
    return [...this.#held.values()].map(({ lease }) => lease)
  }

  /** `movedAt`: monotonic ms at which the take was sent. */
  add(lease: Lease, movedAt: number): void {
    this.#held.set(lease.leaseKey, {
      lease,
      movedAt,
      releasing: false,
      unsureSince: undefined,
      queue: Promise.resolve(),
    })
  }

  /** Gives up what has expired, starts the renewals that are due; ms until it should be called again. */
  renewDue(): number {
    const now = this.#options.clock.monotonicMillis()
    let next = now + this.#renewMillis
    for (const held of this.#held.values()) {
      const expiresAt = held.movedAt + this.#options.failoverTimeMillis
      if (now >= expiresAt) {
        this.#lose(held, 'expired')
        continue
      }
      let lookAgainAt = held.movedAt + this.#renewMillis
      if (lookAgainAt <= now) {
        void this.#renew(held)
        lookAgainAt = now + this.#retryMillis
      }
      next = Math.min(next, lookAgainAt, expiresAt)
    }
    return Math.max(1, next - now)
  }

  /**
   * Gives up, after a scan, what others have taken. A row older than what this worker last wrote was
   * read before that write and says nothing.
   */
  compareWith(rows: ReadonlyMap<string, Lease>): void {
    const { workerId } = this.#options
    for (const held of this.#held.values()) {
      const { leaseKey, leaseCounter } = held.lease
      const row = rows.get(leaseKey)
      if (row === undefined) {
        this.#lose(held, 'gone')
      } else if (row.leaseOwner !== workerId && row.leaseCounter >= leaseCounter) {
        this.#lose(held, row.checkpointOwner === workerId ? 'handed over' : 'taken')
      }
    }
  }

  /**
   * Moves the checkpoint forward; one at or before the present one is not written, and `ok`. A lease
   * at SHARD_END is held no longer. Rejects when the table did not answer.
   */
  async checkpoint(
    leaseKey: string,
    checkpoint: ExtendedSequenceNumber,
    childShardIds: readonly string[] = [],
  ): Promise<LeaseWrite> {
    const held = this.#held.get(leaseKey)
    if (held === undefined) return 'lost'
    return this.#write(held, async (lease) => {
      if (compareExtended(checkpoint, lease.checkpoint) <= 0) return lease
      const known = childShardIds.length > 0 ? withChildren(lease, childShardIds) : lease
      const outcome = await this.#options.store.checkpoint(known, checkpoint)
      if (outcome === 'lost') return undefined
      if (checkpoint.sequenceNumber === SHARD_END.sequenceNumber) {
        this.#drop(held)
        this.#options.onEvent({ type: 'finished', leaseKey })
      }
      return checkpointed(known, checkpoint)
    })
  }

  /** Removes this worker's name from the row. When it rejects the lease is still held. */
  async release(leaseKey: string): Promise<LeaseWrite> {
    const held = this.#held.get(leaseKey)
    if (held === undefined) return 'lost'
    held.releasing = true
    try {
      return await this.#enqueue(held, async () => {
        const outcome = await this.#options.store.evict(held.lease)
        this.#drop(held)
        if (outcome === 'ok') this.#options.onEvent({ type: 'released', leaseKey })
        return outcome
      })
    } finally {
      held.releasing = false
    }
  }

  async #renew(held: Held): Promise<void> {
    const { leaseKey } = held.lease
    try {
      await this.#write(held, async (lease) => {
        // A checkpoint that went before has moved the counter: that was a renewal.
        const age = this.#options.clock.monotonicMillis() - held.movedAt
        if (age < this.#renewMillis) return lease
        return (await this.#options.store.renew(lease)) === 'ok' ? renewed(lease) : undefined
      })
    } catch (error) {
      this.#options.onEvent({ type: 'failed', operation: 'renew', leaseKey, error })
    }
  }

  /**
   * Runs `write` when the writes before it are over. It gets the lease as the row should be, and
   * returns it as the row is now, or `undefined` when the lease turned out to be lost.
   */
  #write(held: Held, write: (lease: Lease) => Promise<Lease | undefined>): Promise<LeaseWrite> {
    return this.#enqueue(held, async () => {
      const kept = (await this.#settle(held)) && (await this.#attempt(held, write))
      if (!kept) this.#lose(held, 'taken')
      return kept ? 'ok' : 'lost'
    })
  }

  #enqueue(held: Held, operation: () => Promise<LeaseWrite>): Promise<LeaseWrite> {
    const outcome = held.queue.then(() =>
      this.#held.get(held.lease.leaseKey) === held ? operation() : 'lost',
    )
    held.queue = outcome.catch(() => undefined)
    return outcome
  }

  /** A renewal says whether the counter moved in a write of unknown outcome: `ok` in both cases. */
  async #settle(held: Held): Promise<boolean> {
    if (held.unsureSince === undefined) return true
    return this.#attempt(held, async (lease) =>
      (await this.#options.store.renew(lease)) === 'ok' ? renewed(lease) : undefined,
    )
  }

  async #attempt(
    held: Held,
    write: (lease: Lease) => Promise<Lease | undefined>,
  ): Promise<boolean> {
    // If an earlier write did move the counter after all, others may have seen it since then.
    const sentAt = held.unsureSince ?? this.#options.clock.monotonicMillis()
    const before = held.lease
    held.unsureSince = sentAt
    const after = await write(before)
    held.unsureSince = undefined
    if (after === undefined) return false
    if (after !== before) held.movedAt = sentAt
    held.lease = after
    return true
  }

  #lose(held: Held, reason: LossReason): void {
    const { leaseKey } = held.lease
    if (!this.#drop(held) || held.releasing) return
    this.#options.onEvent({ type: 'lost', leaseKey, reason })
    this.#options.onLost(leaseKey)
  }

  /** Whether it was still held. */
  #drop(held: Held): boolean {
    const { leaseKey } = held.lease
    return this.#held.get(leaseKey) === held && this.#held.delete(leaseKey)
  }
}
