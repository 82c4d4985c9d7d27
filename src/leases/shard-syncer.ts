import { HailstreamError } from '../errors.ts'
import type { Shard } from '../kinesis/shard.ts'
import type { Clock } from '../time/clock.ts'
import type { Lease } from './lease.ts'
import type { LeaseEvent } from './lease-event.ts'
import type { LeaseStore } from './lease-store.ts'
import type { InitialPosition } from './shard-sync.ts'
import { planShardSync } from './shard-sync.ts'

export interface ShardSyncerOptions {
  store: LeaseStore
  clock: Clock
  /** Everything the stream still lists, closed shards included. */
  listShards: () => Promise<Shard[]>
  initialPosition: InitialPosition
  onEvent: (event: LeaseEvent) => void
}

/**
 * A lease is removed when it could have been for so long: five minutes, as in KCL. A plan is given
 * up when it is older than the other figure. So a process that was frozen with a plan in hand cannot
 * make a lease anew that others have finished and removed meanwhile.
 */
const REMOVAL_DELAY_MILLIS = 300_000
const MAX_PLAN_AGE_MILLIS = 60_000

/** Keeps the leases in step with the stream's shards, one pass at a time. */
export class ShardSyncer {
  readonly #options: ShardSyncerOptions
  #underWay: Promise<unknown> = Promise.resolve()
  #waiting: Promise<Shard[]> | undefined
  #removableSince: ReadonlyMap<string, number> = new Map()

  constructor(options: ShardSyncerOptions) {
    this.#options = options
  }

  /** Lists the shards after this call, creates and removes leases, and resolves to the listing. */
  sync(): Promise<Shard[]> {
    // A pass that is under way may have listed too early for this caller; one that waits has not.
    this.#waiting ??= this.#underWay.then(() => {
      this.#waiting = undefined
      const pass = this.#pass()
      this.#underWay = pass.catch(() => undefined)
      return pass
    })
    return this.#waiting
  }

  async #pass(): Promise<Shard[]> {
    const { store, clock, listShards, initialPosition, onEvent } = this.#options
    const startedAt = clock.monotonicMillis()
    const shards = await listShards()
    const plan = planShardSync(shards, await store.list(), initialPosition)
    for (const wave of plan.create) {
      await Promise.all(wave.map((lease) => this.#create(lease, startedAt)))
    }
    for (const { leaseKey, childShardIds } of plan.addChildren) {
      await store.addChildren(leaseKey, childShardIds)
    }
    for (const leaseKey of this.#ripe(plan.remove)) {
      await store.remove(leaseKey)
      onEvent({ type: 'removed', leaseKey })
    }
    return shards
  }

  async #create(lease: Lease, plannedAt: number): Promise<void> {
    const { store, clock, onEvent } = this.#options
    const ageMillis = clock.monotonicMillis() - plannedAt
    if (ageMillis > MAX_PLAN_AGE_MILLIS) throw stalePlan(ageMillis)
    if ((await store.create(lease)) === 'exists') return
    const { leaseKey, checkpoint } = lease
    onEvent({ type: 'created', leaseKey, checkpoint: checkpoint.sequenceNumber })
  }

  /** Those of `removable` that have been so, without a break, for long enough. */
  #ripe(removable: readonly string[]): string[] {
    const now = this.#options.clock.monotonicMillis()
    const since = new Map(removable.map((key) => [key, this.#removableSince.get(key) ?? now]))
    this.#removableSince = since
    return removable.filter((key) => now - (since.get(key) ?? now) >= REMOVAL_DELAY_MILLIS)
  }
}

function stalePlan(ageMillis: number): HailstreamError {
  return new HailstreamError(
    'STREAM',
    {
      subject: 'Shard sync',
      got: `a plan ${Math.round(ageMillis / 1_000)} s old`,
      expected: `at most ${MAX_PLAN_AGE_MILLIS / 1_000} s`,
      fix: 'It is made anew; was the process stopped for a while?',
    },
    { retryable: true },
  )
}
