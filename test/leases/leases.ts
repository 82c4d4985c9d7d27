/** Leases as they stand in a table, for tests. */
import type { Lease } from '../../src/leases/lease.ts'
import { newLease } from '../../src/leases/lease.ts'
import { TRIM_HORIZON } from '../../src/kinesis/sequence-number.ts'
import { shard } from './shards.ts'

export function lease(leaseKey: string, parts: Partial<Lease> = {}): Lease {
  return { ...newLease(shard(leaseKey), TRIM_HORIZON), ...parts }
}

export const SEQUENCE_NUMBER = '49590338271490256608559692538361571095921575989136588898'
export const LATER_SEQUENCE_NUMBER = '49590338271490256608559692540925702759324208523137515618'

export function at(sequenceNumber: string, subSequenceNumber = 0) {
  return { sequenceNumber, subSequenceNumber }
}
