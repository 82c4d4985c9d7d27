import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import type { HeldLeases } from './held-leases.ts'
import type { Lease } from './lease.ts'
import { taken } from './lease.ts'
import type { LeaseView } from './lease-assignment.ts'
import { observe, ownedByWorker, planAssignment } from './lease-assignment.ts'
import type { LeaseEvent } from './lease-event.ts'
import type { LeaseStore } from './lease-store.ts'

export interface LeaseTakerOptions {
  store: LeaseStore
  held: HeldLeases
  workerId: string
  clock: Clock
  random: Random
  failoverTimeMillis: number
  onAcquired: (lease: Lease) => void
  onEvent: (event: LeaseEvent) => void
}

/** Watches the whole table and takes what this worker should have of it. */
export class LeaseTaker {
  readonly #options: LeaseTakerOptions
  #view: Omit<LeaseView, 'held'>
  /** Monotonic ms at which this object last was seen to run. */
  #aliveAt: number | undefined
  /** Leases that were given up, and until when they are left to others. */
  readonly #shunned = new Map<string, number>()
  #isTaking = true

  constructor(options: LeaseTakerOptions) {
    this.#options = options
    const { workerId, failoverTimeMillis } = options
    this.#view = { leases: [], observations: new Map(), now: 0, workerId, failoverTimeMillis }
  }

  /**
   * One scan of the table, and what follows from it. Resolves to whether other workers were faster
   * at a lease this one wanted; rejects when the scan failed.
   */
  async scanAndTake(): Promise<boolean> {
    const { store, held, random } = this.#options
    const now = this.#beat()
    const leases = await store.list().finally(() => this.#beat())
    const seenAt = this.#beat()
    const observations = observe(this.#view.observations, leases, seenAt)
    this.#view = { ...this.#view, leases, observations, now }
    held.compareWith(new Map(leases.map((lease) => [lease.leaseKey, lease])))
    await this.#endHandOvers(leases)
    if (!this.#isTaking) return false

    const shunned = new Set<string>()
    for (const [leaseKey, until] of this.#shunned) if (until > now) shunned.add(leaseKey)
    const plan = planAssignment({ ...this.#view, held: held.keys() }, { shunned, random })
    const lost = await Promise.all([
      ...plan.take.map((lease) => this.#take(lease, 'taken')),
      ...plan.steal.map((lease) => this.#take(lease, 'stolen')),
    ])
    this.#beat()
    return lost.includes(true)
  }

  /** Leaves a lease to others for a fail-over time. */
  shun(leaseKey: string): void {
    const { clock, failoverTimeMillis } = this.#options
    this.#shunned.set(leaseKey, clock.monotonicMillis() + failoverTimeMillis)
  }

  /** From now on only watches. A take that is under way is given up again. */
  stopTaking(): void {
    this.#isTaking = false
  }

  /** Live workers as of the last scan, by id, with how many unfinished leases each owns. */
  workers(): { workerId: string; leases: number }[] {
    return [...ownedByWorker({ ...this.#view, held: this.#options.held.keys() })]
      .map(([workerId, leases]) => ({ workerId, leases: leases.length }))
      .sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
  }

  /**
   * The time. A process that was frozen, perhaps together with all others, knows nothing of what
   * they did meanwhile: it forgets since when it has seen each counter.
   */
  #beat(): number {
    const { clock, failoverTimeMillis, onEvent } = this.#options
    const now = clock.monotonicMillis()
    const gapMillis = now - (this.#aliveAt ?? now)
    this.#aliveAt = now
    if (gapMillis > failoverTimeMillis / 2) {
      this.#view = { ...this.#view, observations: new Map() }
      onEvent({ type: 'frozen', gapMillis })
    }
    return now
  }

  /**
   * Leases that a Java leader has given to other workers, who wait for our name to go. They need
   * not: whatever we still write is true.
   */
  async #endHandOvers(leases: readonly Lease[]): Promise<void> {
    const { store, workerId, onEvent } = this.#options
    const ours = leases.filter((lease) => lease.checkpointOwner === workerId)
    await Promise.all(
      ours.map((lease) =>
        store.evict(lease).catch((error: unknown) => {
          onEvent({ type: 'failed', operation: 'evict', leaseKey: lease.leaseKey, error })
        }),
      ),
    )
  }

  /** Whether another worker was faster. */
  async #take(lease: Lease, how: 'taken' | 'stolen'): Promise<boolean> {
    const { store, held, workerId, clock, onAcquired, onEvent } = this.#options
    const { leaseKey, leaseOwner } = lease
    const sentAt = clock.monotonicMillis()
    try {
      if ((await store.take(lease, workerId)) === 'lost') return true
    } catch (error) {
      onEvent({ type: 'failed', operation: 'take', leaseKey, error })
      return false
    }
    const mine = taken(lease, workerId)
    held.add(mine, sentAt)
    onEvent({ type: 'acquired', leaseKey, from: leaseOwner, how })
    // While the last takes were under way the worker may have begun to stop: held, and released
    // with the others, but no longer announced.
    if (this.#isTaking) onAcquired(mine)
    return false
  }
}
