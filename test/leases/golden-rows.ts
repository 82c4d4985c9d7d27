/**
 * Lease rows as KCL 3.5.1 writes them, attribute by attribute and type by type: written down by hand
 * from awslabs/amazon-kinesis-client @ 024eb86, leases/dynamodb/DynamoDBLeaseSerializer.java.
 */
import type { Lease } from '../../src/leases/lease.ts'
import { newLease } from '../../src/leases/lease.ts'
import type { StoredItem } from '../../src/leases/lease-item.ts'
import { LATEST, SHARD_END, TRIM_HORIZON } from '../../src/kinesis/sequence-number.ts'
import { LATER_SEQUENCE_NUMBER, SEQUENCE_NUMBER, at } from './leases.ts'

const SHARD = {
  shardId: 'shardId-000000000003',
  parentShardIds: [],
  startingHashKey: '0',
  endingHashKey: '170141183460469231731687303715884105727',
  startingSequenceNumber: SEQUENCE_NUMBER,
}
const HASH_KEYS = {
  startingHashKey: { S: '0' },
  endingHashKey: { S: '170141183460469231731687303715884105727' },
}

export const GOLDEN_ROWS: { what: string; lease: Lease; row: StoredItem }[] = [
  {
    what: 'a fresh lease',
    lease: newLease(SHARD, LATEST),
    row: {
      leaseKey: { S: 'shardId-000000000003' },
      leaseCounter: { N: '0' },
      ownerSwitchesSinceCheckpoint: { N: '0' },
      checkpoint: { S: 'LATEST' },
      checkpointSubSequenceNumber: { N: '0' },
      ...HASH_KEYS,
      entityType: { S: 'LEASE' },
    },
  },
  {
    what: 'an owned lease, stolen once since its checkpoint',
    lease: {
      ...newLease(SHARD, TRIM_HORIZON),
      leaseOwner: 'worker-1',
      leaseCounter: 41,
      ownerSwitchesSinceCheckpoint: 1,
      throughputKBps: 12.5,
    },
    row: {
      leaseKey: { S: 'shardId-000000000003' },
      leaseOwner: { S: 'worker-1' },
      leaseCounter: { N: '41' },
      ownerSwitchesSinceCheckpoint: { N: '1' },
      checkpoint: { S: 'TRIM_HORIZON' },
      checkpointSubSequenceNumber: { N: '0' },
      ...HASH_KEYS,
      throughputKBps: { N: '12.5' },
      entityType: { S: 'LEASE' },
    },
  },
  {
    what: 'a lease with a checkpoint inside an aggregate, a pending one and a hand-over',
    lease: {
      ...newLease(SHARD, at(SEQUENCE_NUMBER, 17)),
      leaseOwner: 'worker-2',
      leaseCounter: 1234567,
      pendingCheckpoint: at(LATER_SEQUENCE_NUMBER, 3),
      pendingCheckpointState: new Uint8Array([1, 2, 255]),
      checkpointOwner: 'worker-1',
    },
    row: {
      leaseKey: { S: 'shardId-000000000003' },
      leaseOwner: { S: 'worker-2' },
      leaseCounter: { N: '1234567' },
      ownerSwitchesSinceCheckpoint: { N: '0' },
      checkpoint: { S: SEQUENCE_NUMBER },
      checkpointSubSequenceNumber: { N: '17' },
      pendingCheckpoint: { S: LATER_SEQUENCE_NUMBER },
      pendingCheckpointSubSequenceNumber: { N: '3' },
      pendingCheckpointState: { B: new Uint8Array([1, 2, 255]) },
      ...HASH_KEYS,
      checkpointOwner: { S: 'worker-1' },
      entityType: { S: 'LEASE' },
    },
  },
  {
    what: 'a finished lease with its children',
    lease: {
      ...newLease(SHARD, SHARD_END),
      leaseOwner: 'worker-1',
      leaseCounter: 77,
      childShardIds: ['shardId-000000000008', 'shardId-000000000009'],
    },
    row: {
      leaseKey: { S: 'shardId-000000000003' },
      leaseOwner: { S: 'worker-1' },
      leaseCounter: { N: '77' },
      ownerSwitchesSinceCheckpoint: { N: '0' },
      checkpoint: { S: 'SHARD_END' },
      checkpointSubSequenceNumber: { N: '0' },
      childShardIds: { SS: ['shardId-000000000008', 'shardId-000000000009'] },
      ...HASH_KEYS,
      entityType: { S: 'LEASE' },
    },
  },
  {
    what: 'the lease of a merged shard, with two parents',
    lease: newLease(
      { ...SHARD, parentShardIds: ['shardId-000000000002', 'shardId-000000000001'] },
      TRIM_HORIZON,
    ),
    row: {
      leaseKey: { S: 'shardId-000000000003' },
      leaseCounter: { N: '0' },
      ownerSwitchesSinceCheckpoint: { N: '0' },
      checkpoint: { S: 'TRIM_HORIZON' },
      checkpointSubSequenceNumber: { N: '0' },
      parentShardId: { SS: ['shardId-000000000001', 'shardId-000000000002'] },
      ...HASH_KEYS,
      entityType: { S: 'LEASE' },
    },
  },
]
