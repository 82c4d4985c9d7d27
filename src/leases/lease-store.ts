import type { ExtendedSequenceNumber } from '../kinesis/sequence-number.ts'
import type { Lease } from './lease.ts'

/** `lost`: someone else has changed the row in a way that ends the caller's right to it. */
export type LeaseWrite = 'ok' | 'lost'

/**
 * The lease table. Every write states what the writer believes the row to be, and is refused when
 * it is something else; the conditions are KCL's. After `ok` the row is what the transition of the
 * same name in lease.ts makes of the lease that was passed in. Methods reject only for trouble with
 * the table itself (throttling, network, access); whether a rejected write took effect is unknown.
 *
 * A write whose reply was lost and that is repeated, by the caller or below it, is recognised:
 * when the row turns out to be exactly what the write would have made it, the outcome is `ok`.
 * Therefore worker ids must be unique among all workers, past ones included.
 */
export interface LeaseStore {
  /** Creates the table if there is none, and waits until it can be used. */
  ensureTable(): Promise<void>
  /** Every lease, strongly consistent row by row (not as a whole), in no particular order. */
  list(): Promise<Lease[]>
  /** Writes the whole row if there is none with its key. */
  create(lease: Lease): Promise<'ok' | 'exists'>
  /** The owner's heartbeat; refused once the counter has moved or a hand-over has begun. */
  renew(lease: Lease): Promise<LeaseWrite>
  /** Makes `workerId` the owner, whoever was; refused once the counter has moved. */
  take(lease: Lease, workerId: string): Promise<LeaseWrite>
  /** Gives the lease up, or ends a hand-over; refused when the owners are not those in `lease`. */
  evict(lease: Lease): Promise<LeaseWrite>
  /**
   * Moves the checkpoint, and stores the children and hash keys `lease` knows; refused once the
   * counter has moved.
   */
  checkpoint(lease: Lease, checkpoint: ExtendedSequenceNumber): Promise<LeaseWrite>
  /** Names the shards that follow this one; `lost` when the row is gone. Leaves the counter. */
  addChildren(leaseKey: string, childShardIds: readonly string[]): Promise<LeaseWrite>
  /** Deletes the row, whatever it is; nothing happens when there is none. */
  remove(leaseKey: string): Promise<void>
}

/** Whether `row` is `lease` after its owner's own next write: then that write took effect. */
export function isOwnNextState(
  row: Lease | undefined,
  owner: string | undefined,
  counter: number,
): row is Lease {
  return row !== undefined && row.leaseOwner === owner && row.leaseCounter === counter + 1
}
