/** What a coordinator reports as it goes, for logs, metrics and tests. */
export type LeaseEvent =
  | { type: 'acquired'; leaseKey: string; from: string | undefined; how: 'taken' | 'stolen' }
  | { type: 'lost'; leaseKey: string; reason: LossReason }
  | { type: 'released'; leaseKey: string }
  | { type: 'finished'; leaseKey: string }
  | { type: 'created'; leaseKey: string; checkpoint: string }
  | { type: 'removed'; leaseKey: string }
  /** This process stood still for so long that what it had seen before tells it nothing. */
  | { type: 'frozen'; gapMillis: number }
  /** Trouble with the table or the listing; what failed is tried again. */
  | { type: 'failed'; operation: LeaseOperation; leaseKey?: string; error: unknown }

export type LossReason =
  /** Another worker has the lease. */
  | 'taken'
  /** It could not be renewed in time, so another worker may have it. */
  | 'expired'
  /** Its row is gone. */
  | 'gone'
  /** A Java leader gave it to another worker. */
  | 'handed over'

export type LeaseOperation = 'scan' | 'take' | 'renew' | 'evict' | 'sync shards'
