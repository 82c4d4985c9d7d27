/** Lease rows as KCL's own serializer made them, and what they say; see test/golden/kcl-lease-rows. */
import { readFileSync } from 'node:fs'
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

interface JsonRow {
  what: string
  row: Record<string, { S?: string; N?: string; SS?: string[]; B?: string }>
}

// Compiled, this file is dist/test/leases/golden-rows.js; the rows stay where they are.
const file = new URL('../../../test/golden/kcl-lease-rows/rows.json', import.meta.url)
const rows = JSON.parse(readFileSync(file, 'utf8')) as JsonRow[]

export function goldenRow(what: string): StoredItem {
  const found = rows.find((row) => row.what === what)
  if (found === undefined) throw new Error(`no golden row "${what}"`)
  return Object.fromEntries(
    Object.entries(found.row).map(([name, { B, ...attribute }]) => [
      name,
      B === undefined ? attribute : { B: new Uint8Array(Buffer.from(B, 'base64')) },
    ]),
  )
}

export const GOLDEN_ROWS: { what: string; lease: Lease; row: StoredItem }[] = [
  {
    what: 'a fresh lease',
    lease: newLease(SHARD, LATEST),
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
  },
  {
    what: 'a finished lease with its children',
    lease: {
      ...newLease(SHARD, SHARD_END),
      leaseOwner: 'worker-1',
      leaseCounter: 77,
      childShardIds: ['shardId-000000000008', 'shardId-000000000009'],
    },
  },
  {
    what: 'the lease of a merged shard, with two parents',
    lease: newLease(
      { ...SHARD, parentShardIds: ['shardId-000000000002', 'shardId-000000000001'] },
      TRIM_HORIZON,
    ),
  },
].map((golden) => ({ ...golden, row: goldenRow(golden.what) }))
