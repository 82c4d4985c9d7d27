/**
 * Leases as rows of KCL's lease table: the same attribute names and types, so that Java workers and
 * ours can share a table. Read from awslabs/amazon-kinesis-client 3.5.1,
 * leases/dynamodb/DynamoDBLeaseSerializer.java.
 */
import { HailstreamError } from '../errors.ts'
import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import { isSentinel, isSequenceNumber } from '../kinesis/sequence-number.ts'
import type { Lease } from './lease.ts'

/** The DynamoDB types a lease row is written with. */
export type LeaseAttribute = { S: string } | { N: string } | { SS: string[] } | { B: Uint8Array }
export type LeaseItem = Record<string, LeaseAttribute>

/** Any DynamoDB attribute, as far as a reader of lease rows looks at it. */
export interface StoredAttribute {
  readonly S?: string | undefined
  readonly N?: string | undefined
  readonly SS?: string[] | undefined
  readonly B?: Uint8Array | undefined
}
export type StoredItem = Readonly<Record<string, StoredAttribute>>

/**
 * Marks the rows that are leases. Since KCL 3.5 the table also holds rows of other kinds, told
 * apart by this attribute; a row without it is a lease.
 */
const ENTITY_TYPE = 'LEASE'

/** The whole row, as PutItem writes it. What is not known is left out, never written empty. */
export function leaseToItem(lease: Lease): LeaseItem {
  return {
    leaseKey: { S: lease.leaseKey },
    leaseCounter: numberAttribute(lease.leaseCounter),
    ...(lease.leaseOwner !== undefined && { leaseOwner: { S: lease.leaseOwner } }),
    ...checkpointAttributes(lease),
    ...(lease.parentShardIds.length > 0 && { parentShardId: { SS: [...lease.parentShardIds] } }),
    ...shardAttributes(lease),
    ...(lease.pendingCheckpoint !== undefined && {
      pendingCheckpoint: { S: lease.pendingCheckpoint.sequenceNumber },
      pendingCheckpointSubSequenceNumber: numberAttribute(
        lease.pendingCheckpoint.subSequenceNumber,
      ),
    }),
    ...(lease.pendingCheckpointState !== undefined && {
      pendingCheckpointState: { B: lease.pendingCheckpointState },
    }),
    ...(lease.throughputKBps !== undefined && {
      throughputKBps: numberAttribute(lease.throughputKBps),
    }),
    ...(lease.checkpointOwner !== undefined && { checkpointOwner: { S: lease.checkpointOwner } }),
    entityType: { S: ENTITY_TYPE },
  }
}

/** The attributes that every checkpoint sets. */
export function checkpointAttributes(
  lease: Pick<Lease, 'checkpoint' | 'ownerSwitchesSinceCheckpoint'>,
): LeaseItem {
  return {
    checkpoint: { S: lease.checkpoint.sequenceNumber },
    checkpointSubSequenceNumber: numberAttribute(lease.checkpoint.subSequenceNumber),
    ownerSwitchesSinceCheckpoint: numberAttribute(lease.ownerSwitchesSinceCheckpoint),
  }
}

/** The attributes that describe the shard, as far as they are known. */
export function shardAttributes(
  lease: Pick<Lease, 'childShardIds' | 'startingHashKey' | 'endingHashKey'>,
): LeaseItem {
  const { childShardIds, startingHashKey, endingHashKey } = lease
  return {
    ...(childShardIds.length > 0 && { childShardIds: { SS: [...childShardIds] } }),
    ...(startingHashKey !== undefined && { startingHashKey: { S: startingHashKey } }),
    ...(endingHashKey !== undefined && { endingHashKey: { S: endingHashKey } }),
  }
}

export function numberAttribute(value: number): { N: string } {
  return { N: String(value) }
}

/**
 * The lease in a row, or `undefined` when the row is of another kind. Throws `CORRUPT` for a lease
 * that lacks its counter or its checkpoint: leaving it out would leave its shard unread unnoticed.
 */
export function leaseFromItem(item: StoredItem): Lease | undefined {
  const entityType = item.entityType?.S
  if (item.entityType !== undefined && entityType !== ENTITY_TYPE) return undefined
  const leaseKey = item.leaseKey?.S ?? ''
  return {
    leaseKey,
    leaseOwner: item.leaseOwner?.S,
    leaseCounter: countIn(item, 'leaseCounter', leaseKey),
    ownerSwitchesSinceCheckpoint: Number(item.ownerSwitchesSinceCheckpoint?.N ?? 0),
    checkpoint: checkpointIn(item, leaseKey),
    pendingCheckpoint: pendingCheckpointIn(item),
    // KCL up to 3.5.1 creates it as N by mistake; such a value carries no state.
    pendingCheckpointState: item.pendingCheckpointState?.B,
    parentShardIds: [...(item.parentShardId?.SS ?? [])].sort(),
    childShardIds: [...(item.childShardIds?.SS ?? [])].sort(),
    startingHashKey: item.startingHashKey?.S,
    endingHashKey: item.endingHashKey?.S,
    throughputKBps: item.throughputKBps?.N === undefined ? undefined : +item.throughputKBps.N,
    checkpointOwner: item.checkpointOwner?.S,
  }
}

function checkpointIn(item: StoredItem, leaseKey: string): ExtendedSequenceNumber {
  const sequenceNumber = item.checkpoint?.S ?? ''
  if (!isSentinel(sequenceNumber) && !isSequenceNumber(sequenceNumber)) {
    throw notALease(leaseKey, 'checkpoint', item.checkpoint, 'a sequence number or a sentinel')
  }
  return {
    sequenceNumber,
    subSequenceNumber: Number(item.checkpointSubSequenceNumber?.N ?? 0),
  }
}

function pendingCheckpointIn(item: StoredItem): ExtendedSequenceNumber | undefined {
  const sequenceNumber = item.pendingCheckpoint?.S ?? ''
  if (sequenceNumber === '') return undefined
  return {
    sequenceNumber,
    subSequenceNumber: Number(item.pendingCheckpointSubSequenceNumber?.N ?? 0),
  }
}

function countIn(item: StoredItem, name: string, leaseKey: string): number {
  const count = Number(item[name]?.N ?? NaN)
  if (!Number.isSafeInteger(count)) throw notALease(leaseKey, name, item[name], 'a whole number')
  return count
}

function notALease(
  leaseKey: string,
  name: string,
  attribute: StoredAttribute | undefined,
  expected: string,
): HailstreamError {
  return new HailstreamError('CORRUPT', {
    subject: `Lease row ${JSON.stringify(leaseKey)}`,
    got: `${name} ${attribute === undefined ? 'missing' : JSON.stringify(attribute)}`,
    expected,
    fix: 'Repair or delete the row; was the table made by another program?',
  })
}
