import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import { compareExtended } from '../kinesis/sequence-number.ts'
import type { Lease } from './lease.ts'
import { changesOwner, checkpointed, evicted, renewed, taken, withChildren } from './lease.ts'
import type { LeaseStore, LeaseWrite } from './lease-store.ts'
import { isOwnNextState } from './lease-store.ts'

/** A lease table in memory, with the conditions of the real one; for tests and simulations. */
export class MemoryLeaseStore implements LeaseStore {
  readonly rows = new Map<string, Lease>()

  async ensureTable(): Promise<void> {}

  async list(): Promise<Lease[]> {
    return [...this.rows.values()]
  }

  async create(lease: Lease): Promise<'ok' | 'exists'> {
    if (this.rows.has(lease.leaseKey)) return 'exists'
    this.rows.set(lease.leaseKey, lease)
    return 'ok'
  }

  async renew(lease: Lease): Promise<LeaseWrite> {
    const row = this.rows.get(lease.leaseKey)
    if (row?.leaseCounter === lease.leaseCounter && row.checkpointOwner === undefined) {
      return this.#write(renewed(row))
    }
    return isOwnNextState(row, lease.leaseOwner, lease.leaseCounter) ? 'ok' : 'lost'
  }

  async take(lease: Lease, workerId: string): Promise<LeaseWrite> {
    const row = this.rows.get(lease.leaseKey)
    if (row?.leaseCounter === lease.leaseCounter) {
      return this.#write({
        ...taken(row, workerId),
        ownerSwitchesSinceCheckpoint:
          row.ownerSwitchesSinceCheckpoint + (changesOwner(lease, workerId) ? 1 : 0),
      })
    }
    return isOwnNextState(row, workerId, lease.leaseCounter) ? 'ok' : 'lost'
  }

  async evict(lease: Lease): Promise<LeaseWrite> {
    const row = this.rows.get(lease.leaseKey)
    const asSeen =
      row !== undefined &&
      row.leaseOwner === lease.leaseOwner &&
      row.checkpointOwner === lease.checkpointOwner
    return asSeen ? this.#write(evicted(row)) : 'lost'
  }

  async checkpoint(lease: Lease, checkpoint: ExtendedSequenceNumber): Promise<LeaseWrite> {
    const row = this.rows.get(lease.leaseKey)
    if (row?.leaseCounter === lease.leaseCounter) {
      const { childShardIds, startingHashKey, endingHashKey } = lease
      return this.#write({
        ...checkpointed(row, checkpoint),
        childShardIds: childShardIds.length > 0 ? childShardIds : row.childShardIds,
        startingHashKey: startingHashKey ?? row.startingHashKey,
        endingHashKey: endingHashKey ?? row.endingHashKey,
      })
    }
    const isDone =
      isOwnNextState(row, lease.leaseOwner, lease.leaseCounter) &&
      compareExtended(row.checkpoint, checkpoint) === 0
    return isDone ? 'ok' : 'lost'
  }

  async addChildren(leaseKey: string, childShardIds: readonly string[]): Promise<LeaseWrite> {
    const row = this.rows.get(leaseKey)
    return row === undefined ? 'lost' : this.#write(withChildren(row, childShardIds))
  }

  async remove(leaseKey: string): Promise<void> {
    this.rows.delete(leaseKey)
  }

  #write(row: Lease): 'ok' {
    this.rows.set(row.leaseKey, row)
    return 'ok'
  }
}
