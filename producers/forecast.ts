/** `replay --dry-run`: what a replay would send, need and cost. */
import { aggregateOverhead, userRecordSize } from '../src/kinesis/encode-aggregate.ts'
import {
  ON_DEMAND_ROUNDING_BYTES,
  PRICES,
  PUT_PAYLOAD_UNIT_BYTES,
  SHARD_WRITE_BYTES_PER_SECOND,
} from '../src/kinesis/limits.ts'
import { controlRecordSize } from '../src/lanes/control-record.ts'
import { AWS_PACE } from '../src/program/pace.ts'
import type { Program } from '../src/program/program.ts'
import { count, megabytes, print, say, stopwatch } from '../src/program/program.ts'
import { planDeal } from '../src/replay/plan-deal.ts'
import { tripsPerAggregate } from '../src/replay/lane-queue.ts'
import { formatEventTime } from '../src/time/units.ts'
import { TRIP_RECORD_BYTES } from '../src/trips/trip-record.ts'
import type { TripSummary } from '../src/trips/trip-source.ts'
import { noTrips } from './no-trips.ts'

export interface Forecast {
  trips: number
  bytes: number
  kinesisRecords: number
  /** Seconds on the wall; at speed `max`, those that ten shards take. */
  seconds: number
  shards: number
  provisionedDollars: number
  onDemandDollars: number
}

/** Shards a replay at full speed is reckoned with, as nothing else bounds it. */
const SHARDS_AT_MAX = 10

const NOTHING: Forecast = {
  trips: 0,
  bytes: 0,
  kinesisRecords: 0,
  seconds: 0,
  shards: 0,
  provisionedDollars: 0,
  onDemandDollars: 0,
}

export function forecastOf(
  trips: number,
  spanMillis: number,
  speed: number,
  codec: 'binary' | 'json',
): Forecast {
  const runId = 'a'.repeat(32)
  const partitionKey = '12.abc'
  const { aggregateBytes } = AWS_PACE
  const full = tripsPerAggregate({ runId, partitionKey, codec, aggregateBytes })
  if (trips === 0) return NOTHING
  const paced = speed !== Infinity
  const shardsPaced = shardsNeeded(trips * userRecordSize(TRIP_RECORD_BYTES), spanMillis, speed)
  // A paced replay does not wait for full aggregates: each holds what a lane got while it lingered.
  const { handSize } = planDeal({
    shards: shardsPaced,
    lanes: undefined,
    fullCount: full,
    trips,
    spanMillis,
    speed: paced ? speed : Infinity,
    lingerMillis: AWS_PACE.lingerMillis,
  })
  const kinesisRecords = Math.ceil(trips / handSize)
  const tripBytes = codec === 'json' ? 260 : TRIP_RECORD_BYTES
  const fixed = aggregateOverhead(partitionKey) + userRecordSize(controlRecordSize(runId))
  const bytes = trips * userRecordSize(tripBytes) + kinesisRecords * fixed
  const shardSeconds = bytes / SHARD_WRITE_BYTES_PER_SECOND
  const seconds =
    speed === Infinity ? shardSeconds / SHARDS_AT_MAX : Math.max(1, spanMillis / speed / 1000)
  const shards = paced ? shardsPaced : SHARDS_AT_MAX
  const perRecord = bytes / kinesisRecords
  const units = kinesisRecords * Math.ceil(perRecord / PUT_PAYLOAD_UNIT_BYTES)
  const rounded = Math.ceil(perRecord / ON_DEMAND_ROUNDING_BYTES) * ON_DEMAND_ROUNDING_BYTES
  const hours = seconds / 3600
  return {
    trips,
    bytes,
    kinesisRecords,
    seconds,
    shards,
    provisionedDollars:
      shards * hours * PRICES.shardHour + (units / 1e6) * PRICES.millionPutPayloadUnits,
    onDemandDollars:
      hours * PRICES.onDemandStreamHour +
      ((kinesisRecords * rounded) / 2 ** 30) * PRICES.onDemandGigabyteIn,
  }
}

/** Shards that take `bytes` in the time the replay has, with a quarter kept free. */
function shardsNeeded(bytes: number, spanMillis: number, speed: number): number {
  const seconds = Math.max(1, spanMillis / speed / 1000)
  return Math.max(1, Math.ceil((bytes / SHARD_WRITE_BYTES_PER_SECOND / seconds) * 1.25))
}

export function printForecast(
  summary: TripSummary,
  command: { speed: number; codec: 'binary' | 'json' },
  program: Program,
): void {
  const { speed, codec } = command
  if (summary.trips === 0) say(program, noTrips(summary))
  const span = summary.trips === 0 ? 0 : summary.lastTime - summary.firstTime
  const forecast = forecastOf(summary.trips, span, speed, codec)
  if (program.stdout.isTTY !== true) {
    print(program, {
      type: 'forecast',
      rowsRead: summary.rowsRead,
      rejected: summary.rejected,
      ...forecast,
    })
    return
  }
  if (summary.trips === 0) return
  const dollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`
  const lines = [
    [
      'rows read',
      `${count(summary.rowsRead)}, ${count(summary.rejected)} rejected, ${count(summary.outsideWindow)} outside the window`,
    ],
    [
      'trips',
      `${count(forecast.trips)}${summary.trips === 0 ? '' : `, ${formatEventTime(summary.firstTime)} … ${formatEventTime(summary.lastTime)}`}`,
    ],
    [
      'on the wire',
      `${megabytes(forecast.bytes)} in ${count(forecast.kinesisRecords)} Kinesis records`,
    ],
    [
      'takes',
      speed === Infinity
        ? `${stopwatch(forecast.seconds * 1000)} with ${SHARDS_AT_MAX} shards`
        : stopwatch(forecast.seconds * 1000),
    ],
    ['shards needed', `${forecast.shards} (each takes 1 MiB/s; a quarter is kept free)`],
    ['provisioned', `${dollars(forecast.provisionedDollars)} a run`],
    ['on demand', `${dollars(forecast.onDemandDollars)} a run`],
  ]
  for (const [name, value] of lines) print(program, `${name.padEnd(14)} ${value}`)
  say(program, 'Ingest only, us-east-1 list prices of 2026-11. Nothing was sent.')
}
