import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import { SHARD_END, isSentinel } from '../kinesis/sequence-number.ts'
import type { Shard } from '../kinesis/shard.ts'

/** The right to process one shard: a row of KCL's lease table. */
export interface Lease {
  /** The shard id. */
  readonly leaseKey: string
  /** Worker id; absent while nobody owns the lease. */
  readonly leaseOwner: string | undefined
  /**
   * Goes up by one with each renewal, take-over, eviction and checkpoint. It is both the owner's
   * heartbeat and the fence: a write that expects an older counter is refused.
   */
  readonly leaseCounter: number
  readonly ownerSwitchesSinceCheckpoint: number
  /** Up to and including this record everything is processed. */
  readonly checkpoint: ExtendedSequenceNumber
  /** A checkpoint a Java worker has prepared and not yet made; ours never prepare any. */
  readonly pendingCheckpoint: ExtendedSequenceNumber | undefined
  readonly pendingCheckpointState: Uint8Array | undefined
  /** Sorted; two after a merge. */
  readonly parentShardIds: readonly string[]
  /** Sorted; known at the shard's end. */
  readonly childShardIds: readonly string[]
  /** Decimal strings, inclusive; absent in rows of KCL before 2.3. */
  readonly startingHashKey: string | undefined
  readonly endingHashKey: string | undefined
  readonly throughputKBps: number | undefined
  /** While KCL 3 hands the lease over: the old owner, who may still renew and checkpoint. */
  readonly checkpointOwner: string | undefined
}

/** The lease of a shard that has none yet, owned by nobody. */
export function newLease(shard: Shard, checkpoint: ExtendedSequenceNumber): Lease {
  return {
    leaseKey: shard.shardId,
    leaseOwner: undefined,
    leaseCounter: 0,
    ownerSwitchesSinceCheckpoint: 0,
    checkpoint,
    pendingCheckpoint: undefined,
    pendingCheckpointState: undefined,
    parentShardIds: [...shard.parentShardIds].sort(),
    childShardIds: [],
    startingHashKey: shard.startingHashKey,
    endingHashKey: shard.endingHashKey,
    throughputKBps: undefined,
    checkpointOwner: undefined,
  }
}

export function renewed(lease: Lease): Lease {
  return { ...lease, leaseCounter: lease.leaseCounter + 1 }
}

export function taken(lease: Lease, workerId: string): Lease {
  return {
    ...lease,
    leaseOwner: workerId,
    leaseCounter: lease.leaseCounter + 1,
    ownerSwitchesSinceCheckpoint:
      lease.ownerSwitchesSinceCheckpoint + (changesOwner(lease, workerId) ? 1 : 0),
    checkpointOwner: undefined,
  }
}

/** Whether a take by `workerId` counts as a switch: taking a lease that nobody owns does not. */
export function changesOwner({ leaseOwner }: Lease, workerId: string): boolean {
  return leaseOwner !== undefined && leaseOwner !== workerId
}

/** Without its owner; or, in the middle of a KCL 3 hand-over, with the new owner alone. */
export function evicted(lease: Lease): Lease {
  return {
    ...lease,
    leaseOwner: lease.checkpointOwner === undefined ? undefined : lease.leaseOwner,
    leaseCounter: lease.leaseCounter + 1,
    checkpointOwner: undefined,
  }
}

export function checkpointed(lease: Lease, checkpoint: ExtendedSequenceNumber): Lease {
  return {
    ...lease,
    leaseCounter: lease.leaseCounter + 1,
    ownerSwitchesSinceCheckpoint: 0,
    checkpoint,
    pendingCheckpoint: undefined,
    pendingCheckpointState: undefined,
  }
}

export function withChildren(lease: Lease, childShardIds: readonly string[]): Lease {
  return { ...lease, childShardIds: [...childShardIds].sort() }
}

/** Whether the shard's end has been processed: nobody needs to own the lease any more. */
export function isFinished(lease: Lease): boolean {
  return lease.checkpoint.sequenceNumber === SHARD_END.sequenceNumber
}

/** Whether at least one record, or the end, of the shard has been processed. */
export function hasBegun(lease: Lease): boolean {
  return isFinished(lease) || !isSentinel(lease.checkpoint.sequenceNumber)
}
