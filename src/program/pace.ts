/**
 * What differs between AWS and an embedded pair: an emulator's cost is per call and per byte kept,
 * AWS's is per shard and per write.
 */
export interface Pace {
  /** Most bytes of an aggregate. On AWS two PUT payload units, less what rounding wastes. */
  aggregateBytes: number
  lingerMillis: number
  heartbeatMillis: number
  maxRequests: number
  readMillis: number
  idleMillis: number
  readLimit: number
}

export const AWS_PACE: Pace = {
  aggregateBytes: 51_100,
  lingerMillis: 250,
  heartbeatMillis: 1_000,
  maxRequests: 8,
  readMillis: 250,
  idleMillis: 1_000,
  readLimit: 10_000,
}

/** Measured on kinesis-local 0.6.2: it slows with records above 25 KB and with calls (docs/performance.md). */
export const EMULATOR_PACE: Pace = {
  aggregateBytes: 25_000,
  lingerMillis: 1_000,
  heartbeatMillis: 5_000,
  maxRequests: 2,
  readMillis: 100,
  idleMillis: 400,
  readLimit: 8,
}

/** `emulated`: an emulator of Kinesis, see `Clients.emulated`. */
export function paceFor(emulated: boolean): Pace {
  return emulated ? EMULATOR_PACE : AWS_PACE
}
