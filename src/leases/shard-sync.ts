/**
 * Which leases a stream's shards call for. Pure; the coordinator carries the plan out.
 *
 * Sequence numbers say nothing about the age of a shard that is safe across emulators, so a shard's
 * place in time is read from its lineage, and where trimmed shards have broken the lineage, from the
 * hash keys: of two shards that overlap, one came before the other.
 */
import type { HashKeyRange } from '../kinesis/hash-key.ts'
import { rangesOverlap } from '../kinesis/hash-key.ts'
import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import { AT_TIMESTAMP, LATEST, TRIM_HORIZON } from '../kinesis/sequence-number.ts'
import type { Shard } from '../kinesis/shard.ts'
import { byId, childrenOf, generationsOf, hashKeyRangeOf, isOpen } from '../kinesis/shard.ts'
import type { Lease } from './lease.ts'
import { hasBegun, isFinished, newLease } from './lease.ts'

/** Where an application that has never run begins to read. */
export type InitialPosition = 'TRIM_HORIZON' | 'LATEST' | 'AT_TIMESTAMP'

export interface ShardSyncPlan {
  /**
   * In waves: all of a wave is in the table before the next one is begun. So whenever a lease is
   * there, those of its parents are, or were; this is how a lease that was removed is told from one
   * that a crash prevented.
   */
  readonly create: Lease[][]
  /** Finished leases that do not name their children yet, with the children that are listed. */
  readonly addChildren: { leaseKey: string; childShardIds: string[] }[]
  /** Keys of finished leases that nothing needs any more. */
  readonly remove: string[]
}

/** `shards`: everything the stream lists, read before `leases`, the whole table. */
export function planShardSync(
  shards: readonly Shard[],
  leases: readonly Lease[],
  initialPosition: InitialPosition,
): ShardSyncPlan {
  const addChildren = leases
    .filter((lease) => isFinished(lease) && lease.childShardIds.length === 0)
    .map(({ leaseKey }) => ({
      leaseKey,
      childShardIds: childrenOf(shards, leaseKey).map((child) => child.shardId),
    }))
    .filter(({ childShardIds }) => childShardIds.length > 0)
  return {
    create: leasesToCreate(shards, leases, initialPosition),
    addChildren,
    remove: leasesToRemove(shards, leases),
  }
}

/**
 * From TRIM_HORIZON and AT_TIMESTAMP every listed shard is read, closed ones included; from LATEST
 * the open ones, and whatever comes after a shard that has a lease, from its first record. A shard
 * with a leased descendant has been read before, or was passed over at the start.
 */
function leasesToCreate(
  shards: readonly Shard[],
  leases: readonly Lease[],
  initialPosition: InitialPosition,
): Lease[][] {
  const leased = new Set(leases.map((lease) => lease.leaseKey))
  const generations = generationsOf(shards)
  const settled = withAncestors(leased, generations)
  const comesLater = laterThan(leases, generations)
  const checkpointFor = (shard: Shard): ExtendedSequenceNumber | undefined => {
    if (initialPosition === 'AT_TIMESTAMP') return AT_TIMESTAMP
    if (initialPosition === 'TRIM_HORIZON' || comesLater(shard)) return TRIM_HORIZON
    return isOpen(shard) ? LATEST : undefined
  }
  return generations
    .map((generation) =>
      generation.flatMap((shard) => {
        const checkpoint = settled.has(shard.shardId) ? undefined : checkpointFor(shard)
        return checkpoint === undefined ? [] : [newLease(shard, checkpoint)]
      }),
    )
    .filter((wave) => wave.length > 0)
}

/** The leased shards and all of their listed ancestors. */
function withAncestors(leased: ReadonlySet<string>, generations: Shard[][]): Set<string> {
  const settled = new Set(leased)
  for (const shard of generations.flat().reverse()) {
    if (settled.has(shard.shardId)) for (const id of shard.parentShardIds) settled.add(id)
  }
  return settled
}

/** Whether a shard without leased descendants came after one that has a lease. */
function laterThan(leases: readonly Lease[], generations: Shard[][]): (shard: Shard) => boolean {
  const shards = generations.flat()
  const listed = byId(shards)
  const ranges = leases.flatMap((lease) => leasedRange(lease, listed.get(lease.leaseKey)))
  const lineage = new Set(leases.map((lease) => lease.leaseKey))
  for (const { shardId, parentShardIds } of shards) {
    if (parentShardIds.some((id) => lineage.has(id))) lineage.add(shardId)
  }
  return (shard) => {
    const range = hashKeyRangeOf(shard)
    return lineage.has(shard.shardId) || ranges.some((leased) => rangesOverlap(leased, range))
  }
}

function leasedRange(lease: Lease, shard: Shard | undefined): HashKeyRange[] {
  if (shard !== undefined) return [hashKeyRangeOf(shard)]
  const { startingHashKey, endingHashKey } = lease
  if (startingHashKey === undefined || endingHashKey === undefined) return []
  return [{ start: BigInt(startingHashKey), end: BigInt(endingHashKey) }]
}

/**
 * A finished lease may go, as in KCL, when all of its children have been begun and those of its own
 * parents are gone. Children that are neither leased nor listed were trimmed, but only if the shard
 * itself no longer is listed either: a listing may lag behind.
 */
function leasesToRemove(shards: readonly Shard[], leases: readonly Lease[]): string[] {
  const listed = byId(shards)
  const leased = new Map(leases.map((lease) => [lease.leaseKey, lease]))
  const children = childIds(shards, leases)
  const isPast = (childId: string, parentId: string): boolean => {
    const child = leased.get(childId)
    if (child !== undefined) return hasBegun(child)
    return !listed.has(childId) && !listed.has(parentId)
  }
  return leases
    .filter(isFinished)
    .filter(({ leaseKey, parentShardIds }) => {
      const childrenIds = [...(children.get(leaseKey) ?? [])]
      return (
        !parentShardIds.some((id) => leased.has(id)) &&
        childrenIds.every((id) => isPast(id, leaseKey)) &&
        (childrenIds.length > 0 || !listed.has(leaseKey))
      )
    })
    .map((lease) => lease.leaseKey)
}

/** Child ids by parent id, from everything that knows any. */
function childIds(shards: readonly Shard[], leases: readonly Lease[]): Map<string, Set<string>> {
  const children = new Map<string, Set<string>>()
  const add = (parentId: string, childId: string): void => {
    const known = children.get(parentId)
    if (known === undefined) children.set(parentId, new Set([childId]))
    else known.add(childId)
  }
  for (const shard of shards) for (const id of shard.parentShardIds) add(id, shard.shardId)
  for (const lease of leases) {
    for (const id of lease.parentShardIds) add(id, lease.leaseKey)
    for (const id of lease.childShardIds) add(lease.leaseKey, id)
  }
  return children
}
