import type { Shard } from '../kinesis/shard.ts'
import type { Lease } from './lease.ts'
import type { LeaseEvent } from './lease-event.ts'
import type { LeaseStore } from './lease-store.ts'
import type { InitialPosition } from './shard-sync.ts'
import { planShardSync } from './shard-sync.ts'

export interface ShardSyncerOptions {
  store: LeaseStore
  /** Everything the stream still lists, closed shards included. */
  listShards: () => Promise<Shard[]>
  initialPosition: InitialPosition
  onEvent: (event: LeaseEvent) => void
}

/** Keeps the leases in step with the stream's shards, one pass at a time. */
export class ShardSyncer {
  readonly #options: ShardSyncerOptions
  #underWay: Promise<unknown> = Promise.resolve()
  #waiting: Promise<Shard[]> | undefined

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
    const { store, listShards, initialPosition, onEvent } = this.#options
    const shards = await listShards()
    const plan = planShardSync(shards, await store.list(), initialPosition)
    for (const wave of plan.create) {
      await Promise.all(wave.map((lease) => this.#create(lease)))
    }
    for (const { leaseKey, childShardIds } of plan.addChildren) {
      await store.addChildren(leaseKey, childShardIds)
    }
    for (const leaseKey of plan.remove) {
      await store.remove(leaseKey)
      onEvent({ type: 'removed', leaseKey })
    }
    return shards
  }

  async #create(lease: Lease): Promise<void> {
    const outcome = await this.#options.store.create(lease)
    if (outcome === 'exists') return
    const { leaseKey, checkpoint } = lease
    this.#options.onEvent({ type: 'created', leaseKey, checkpoint: checkpoint.sequenceNumber })
  }
}
