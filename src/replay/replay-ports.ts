/** What a replay is given, and what it tells of itself. */
import type { KinesisPort } from '../kinesis/kinesis-port.ts'
import type { Run } from '../runs/run.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'

/** The trips of a run in release order, as 80-byte records; may be iterated again for a next pass. */
export interface ReplaySource {
  readonly trips: number
  /** Release times of the first and last trip; NaN when there are none. */
  readonly firstTime: number
  readonly lastTime: number
  slabs(): AsyncIterable<{ bytes: Uint8Array; count: number }>
}

export interface ReplaySettings {
  run: Run
  /** Event seconds per second; Infinity = as fast as the stream takes them. */
  speed: number
  aggregateBytes: number
  /** How long a trip may wait for others to share its aggregate with. */
  lingerMillis: number
  /** How often a lane that has nothing to send says so. */
  heartbeatMillis: number
  /** Bytes of trips that may wait in all lanes together. */
  bufferBytes: number
  /** PutRecords calls under way at once. */
  maxRequests: number
}

export interface ReplayPorts {
  kinesis: Pick<KinesisPort, 'putRecords'>
  clock: Clock
  random: Random
  /** Keeps the acknowledged frontier: per lane, how many of its trips are in the stream. */
  saveFrontier(acknowledged: readonly number[]): Promise<void>
  onProgress?(progress: ReplayProgress): void
}

export interface ReplayProgress {
  /** Event clock: every trip released before it is in the stream; −Infinity at first. */
  eventTime: number
  /** Trips acknowledged, those of earlier attempts at the run included. */
  trips: number
  kinesisRecords: number
  bytes: number
  requests: number
  throttled: number
  retried: number
  /** Trips that wait to be put or acknowledged. */
  waiting: number
}

export type ReplayOutcome = ReplayProgress & {
  /** False when it was drained before the last trip. */
  complete: boolean
}
