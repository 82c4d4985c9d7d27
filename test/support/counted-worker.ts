/**
 * What a worker writes in a day: the real one, with all defaults, over memory and a clock of its own,
 * and every write that the tables accept is counted.
 */
import type { Item } from '../../src/counts/table-port.ts'
import { encodeAggregate } from '../../src/kinesis/encode-aggregate.ts'
import type { KinesisPort } from '../../src/kinesis/kinesis-port.ts'
import { encodeControl } from '../../src/lanes/control-record.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import { AWS_PACE } from '../../src/program/pace.ts'
import { DAY_MILLIS } from '../../src/time/units.ts'
import type { Place, Trip } from '../../src/trips/trip.ts'
import { encodeTrip, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { openShards } from './canned-stream.ts'
import { FakeClock } from './fake-clock.ts'
import { MemoryTable } from './memory-table.ts'
import { plainGeneration, plainWorker } from './plain-worker.ts'

export interface CountedDay {
  /** Of each shard: writes of its lease, of its progress, and of its partials. */
  lease: number
  progress: number
  partials: number
  /** Write units of those of the counts table: an item costs one for each KB begun. */
  shardUnits: number
  /** Whatever is merged, however many shards there are. */
  merging: number
}

export interface CountedFeed {
  /** `rest`: no record comes. `heartbeats`: a run that has nothing to send. `trips`: it sends some. */
  kind: 'rest' | 'heartbeats' | 'trips'
  shards: number
  flushMillis: number
  /** Of the day so much is run through; the counts are scaled up. */
  millis: number
}

const RUN = 'counted'
const RECORD_MILLIS = 1_000
const TRIPS_A_RECORD = 5
const TRIP_MILLIS = 12 * 60_000

export async function countedDay(feed: CountedFeed): Promise<CountedDay> {
  const clock = new FakeClock()
  const table = new MemoryTable()
  const leases = new MemoryLeaseStore()
  const generation = plainGeneration({ application: 'counted', now: clock.now() })
  const stop = new AbortController()
  const worker = plainWorker(
    {
      generation,
      outOfOrdernessMillis: 60_000,
      flushMillis: feed.flushMillis,
      idleMillis: AWS_PACE.idleMillis,
      readMillis: AWS_PACE.readMillis,
      readLimit: AWS_PACE.readLimit,
      cachedBytes: 50_000_000,
      rollingMillis: [5, 15, 30, 60].map((minutes) => minutes * 60_000),
    },
    { kinesis: streamOf(feed, clock), table, leases, clock },
  )
  const running = worker.run(stop.signal)
  const warmUpMillis = 60_000
  await clock.advance(warmUpMillis)
  const before = table.written.length
  const leaseWritesBefore = leaseWrites(leases)
  await clock.advance(feed.millis)
  const written = table.written.slice(before)
  const leaseWritten = leaseWrites(leases) - leaseWritesBefore
  stop.abort()
  await clock.advance(5_000)
  await running
  const scale = DAY_MILLIS / feed.millis
  const perShard = (value: number): number => Math.round((value * scale) / feed.shards)
  const progress = written.filter(({ pk }) => pk.startsWith('progress#'))
  const partials = written.filter(({ pk }) => pk.startsWith('partial#'))
  return {
    lease: perShard(leaseWritten),
    progress: perShard(progress.length),
    partials: perShard(partials.length),
    shardUnits: perShard(sum([...progress, ...partials].map(writeUnits))),
    merging: Math.round((written.length - progress.length - partials.length) * scale),
  }
}

/** Every write of a lease raises its counter by one. */
function leaseWrites(leases: MemoryLeaseStore): number {
  return sum([...leases.rows.values()].map(({ leaseCounter }) => leaseCounter))
}

/**
 * About what DynamoDB reckons: names and text by their bytes, numbers by some four.
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
function writeUnits(item: Item): number {
  const { counts, ...rest } = item
  const bytes = JSON.stringify(rest).length + (counts instanceof Uint8Array ? counts.length : 0)
  return Math.ceil(bytes / 1024)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

/** One lane a shard; a record a second each, made as it is read. */
function streamOf(feed: CountedFeed, clock: FakeClock): KinesisPort {
  const startedAt = clock.now()
  const shardIds = Array.from(
    { length: feed.shards },
    (_, i) => `shardId-${String(i).padStart(12, '0')}`,
  )
  return openShards(
    shardIds,
    (shardId, after) => {
      const last = Math.floor((clock.now() - startedAt) / RECORD_MILLIS)
      const lane = shardIds.indexOf(shardId)
      const data: Uint8Array[] = []
      for (let n = after + 1; n <= last && feed.kind !== 'rest'; n++) {
        data.push(recordOf(feed, lane, n, startedAt + n * RECORD_MILLIS))
      }
      return data
    },
    () => clock.now(),
  )
}

/** At the speed of the clock: what begins now is in it, and what ended now began a while ago. */
function recordOf(feed: CountedFeed, lane: number, n: number, time: number): Uint8Array {
  const count = feed.kind === 'trips' ? TRIPS_A_RECORD : 0
  const control = encodeControl({
    runId: RUN,
    lane,
    lanes: feed.shards,
    firstOrdinal: feed.kind === 'trips' ? (n - 1) * TRIPS_A_RECORD : 0,
    count,
    putTime: time,
    watermark: time,
    ended: false,
    abandoned: false,
  })
  const trips = Array.from({ length: count }, (_, i) => tripAt(time, (lane + n + i) % 9))
  return count === 0 ? control : encodeAggregate('k', [control, ...trips])
}

function tripAt(pickupTime: number, district: number): Uint8Array {
  const position: Place = {
    kind: 'position',
    lon: -73.9 + 0.25 * (district % 3),
    lat: 40.1 + 0.25 * Math.floor(district / 3),
  }
  const trip: Trip = {
    pickupTime,
    dropoffTime: pickupTime + TRIP_MILLIS,
    pickup: position,
    dropoff: position,
    passengers: 1,
    distance: 200,
    fare: 1_000,
    tip: 150,
    total: 1_230,
  }
  const bytes = new Uint8Array(TRIP_RECORD_BYTES)
  encodeTrip(trip, new DataView(bytes.buffer), 0)
  return bytes
}
