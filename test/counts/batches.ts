/** Batches and counters for tests: trips by hand instead of through a decoder. */
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import type { Progress } from '../../src/counts/progress.ts'
import { ShardCounter } from '../../src/counts/shard-counter.ts'
import type { ShardCounterOptions } from '../../src/counts/shard-counter.ts'
import type { TripBatch } from '../../src/counts/trip-batch.ts'
import { emptyBatch } from '../../src/counts/trip-batch.ts'
import { padSequenceNumber } from '../../src/kinesis/sequence-number.ts'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'

export const T0 = Date.UTC(2016, 0, 1)
export const MINUTE = 60_000

/** Times in ms after T0; places are slots, or −1 − reason. */
export interface TripSpec {
  at?: number
  /** null = no dropoff time. */
  off?: number | null
  from?: number
  to?: number
  passengers?: number
  distance?: number
  fare?: number
  tip?: number
  total?: number
  dead?: boolean
}

export interface SegmentSpec {
  seq: number
  control?: Partial<ControlRecord>
  trips?: readonly TripSpec[]
}

export const seqOf = (seq: number): string => padSequenceNumber(String(seq))

export function controlOf(changes: Partial<ControlRecord>, count: number): ControlRecord {
  return {
    runId: 'r',
    lane: 0,
    lanes: 1,
    firstOrdinal: 0,
    count,
    putTime: 0,
    watermark: -Infinity,
    ended: false,
    abandoned: false,
    ...changes,
  }
}

export function batchOf(segments: readonly SegmentSpec[]): TripBatch {
  const batch = emptyBatch(segments.reduce((sum, { trips = [] }) => sum + trips.length, 0))
  for (const { seq, control, trips = [] } of segments) {
    const first = batch.rows
    for (const trip of trips) {
      const row = batch.rows++
      const at = trip.at ?? 0
      batch.pickupTime[row] = T0 + at
      batch.dropoffTime[row] = trip.off === null ? NaN : T0 + (trip.off ?? at)
      batch.pickupPlace[row] = trip.from ?? 0
      batch.dropoffPlace[row] = trip.to ?? 0
      batch.passengers[row] = trip.passengers ?? 0
      batch.distance[row] = trip.distance ?? 0
      batch.fare[row] = trip.fare ?? 0
      batch.tip[row] = trip.tip ?? 0
      batch.total[row] = trip.total ?? 0
      batch.dead[row] = trip.dead === true ? 1 : 0
    }
    batch.segments.push({
      seq: seqOf(seq),
      arrivalTime: 0,
      first,
      end: batch.rows,
      ...(control !== undefined && { control: controlOf(control, trips.length) }),
    })
  }
  return batch
}

export function progressOf(changes: Partial<Progress> = {}): Progress {
  return { ...emptyProgress('shardId-000000000000'), ...changes }
}

export function counterFor(changes: Partial<ShardCounterOptions> = {}): ShardCounter {
  return new ShardCounter({
    generation: 'g',
    geometry: { paneMillis: 5 * MINUTE, blockMillis: 15 * MINUTE },
    slots: new DistrictSlots(['a', 'b', 'c'], false),
    progress: progressOf(),
    outOfOrdernessMillis: 0,
    fromBeginning: true,
    ...changes,
  })
}
