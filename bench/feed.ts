/** Seeded trips of a city, as the records of a feed: what the codec, pipeline and growth benches eat. */
import { encodeAggregate } from '../src/kinesis/encode-aggregate.ts'
import { MAX_HASH_KEY, hashKeySlice, partitionKeyFor } from '../src/kinesis/hash-key.ts'
import type { KinesisPort, KinesisRecord } from '../src/kinesis/kinesis-port.ts'
import type { Shard } from '../src/kinesis/shard.ts'
import { encodeControl } from '../src/lanes/control-record.ts'
import { tripsPerAggregate } from '../src/replay/lane-queue.ts'
import { AWS_PACE } from '../src/program/pace.ts'
import { seededRandom } from '../src/time/random.ts'
import { encodeTripJson } from '../src/trips/trip-json.ts'
import type { Trip } from '../src/trips/trip.ts'
import { decodeTrip, encodeTrip, TRIP_RECORD_BYTES } from '../src/trips/trip-record.ts'
import { realPoints } from './classify/points.ts'
import type { Points } from './classify/points.ts'

export const FEED_START = Date.UTC(2016, 0, 1)
export const BENCH_RUN = 'bench'

/** `count` trips, evenly over `spanMillis`, between real places: 80-byte records in release order. */
export function tripRecords(places: Points, count: number, spanMillis = 3_600_000): Uint8Array {
  const random = seededRandom(7)
  const pickups = realPoints(places, count, random)
  const dropoffs = realPoints(places, count, random)
  const bytes = new Uint8Array(count * TRIP_RECORD_BYTES)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) {
    const pickupTime = FEED_START + Math.floor((i * spanMillis) / count / 1000) * 1000
    const fare = 250 + Math.floor(random() * 5_000)
    const tip = random() < 0.5 ? 0 : Math.floor(fare * random() * 0.3)
    const trip: Trip = {
      pickupTime,
      dropoffTime: pickupTime + 120_000 + Math.floor(random() * 1_500) * 1000,
      pickup: { kind: 'position', lon: pickups.lons[i], lat: pickups.lats[i] },
      dropoff: { kind: 'position', lon: dropoffs.lons[i], lat: dropoffs.lats[i] },
      passengers: 1 + Math.floor(random() * 4),
      distance: Math.floor(random() * 1_200),
      fare,
      tip,
      total: fare + tip + 130,
    }
    encodeTrip(trip, view, i * TRIP_RECORD_BYTES)
  }
  return bytes
}

export interface FeedOptions {
  /** One lane a shard. */
  shards?: number
  /** What the user records of trips are; `json` feeds have no control records. */
  codec?: 'binary' | 'json'
  /** Most bytes of an aggregate; as on AWS by default. */
  aggregateBytes?: number
}

/** The Kinesis records of each shard, as a replay to AWS would have put them. */
export function feedOf(trips: Uint8Array, options: FeedOptions = {}): KinesisRecord[][] {
  const { shards = 1, codec = 'binary', aggregateBytes = AWS_PACE.aggregateBytes } = options
  const count = trips.length / TRIP_RECORD_BYTES
  const keys = Array.from({ length: shards }, (_, lane) =>
    partitionKeyFor(hashKeySlice(lane, shards), 'b'),
  )
  const full = tripsPerAggregate({
    runId: BENCH_RUN,
    partitionKey: keys[0],
    codec,
    aggregateBytes,
  })
  const feeds = keys.map((): KinesisRecord[] => [])
  const next = keys.map(() => 0)
  for (let first = 0, hand = 0; first < count; first += full, hand++) {
    const lane = hand % shards
    const records = userRecords(trips, first, Math.min(count, first + full), codec)
    const last = first + full * shards >= count
    const control = encodeControl({
      runId: BENCH_RUN,
      lane,
      lanes: shards,
      firstOrdinal: next[lane],
      count: records.length,
      putTime: FEED_START,
      watermark: pickupTimeAt(trips, first),
      ended: last,
      abandoned: false,
    })
    next[lane] += records.length
    const data = encodeAggregate(keys[lane], codec === 'binary' ? [control, ...records] : records)
    feeds[lane].push({
      sequenceNumber: String(1e15 + hand),
      partitionKey: keys[lane],
      data,
      arrivalTime: FEED_START,
    })
  }
  return feeds
}

/** The shards that `feedOf` feeds. */
export function shardsOf(count: number): Shard[] {
  return Array.from({ length: count }, (_, index) => {
    const { start, end } = hashKeySlice(index, count)
    return {
      shardId: `shardId-${String(index).padStart(12, '0')}`,
      parentShardIds: [],
      startingHashKey: String(start),
      endingHashKey: String(end),
      startingSequenceNumber: '0',
    }
  })
}

/** A Kinesis that has these feeds in memory, `recordsPerRead` at a time; every shard ends. */
export function feedReader(feeds: readonly KinesisRecord[][], recordsPerRead: number): KinesisPort {
  const shards = shardsOf(feeds.length)
  const notHere = (): Promise<never> => Promise.reject(new Error('a feed is only read'))
  return {
    describe: notHere,
    putRecords: notHere,
    listShards: () => Promise.resolve(shards),
    shardIterator: (shardId) =>
      Promise.resolve(`${shards.findIndex((shard) => shard.shardId === shardId)} 0`),
    getRecords(iterator) {
      const [shard, at] = iterator.split(' ').map(Number)
      const next = at + recordsPerRead
      return Promise.resolve({
        records: feeds[shard].slice(at, next),
        ...(next < feeds[shard].length && { nextIterator: `${shard} ${next}` }),
        millisBehindLatest: 0,
      })
    },
  }
}

export const WHOLE_RANGE = { start: 0n, end: MAX_HASH_KEY }

function userRecords(
  trips: Uint8Array,
  first: number,
  end: number,
  codec: 'binary' | 'json',
): Uint8Array[] {
  const view = new DataView(trips.buffer, trips.byteOffset, trips.byteLength)
  const records: Uint8Array[] = []
  for (let i = first; i < end; i++) {
    const at = i * TRIP_RECORD_BYTES
    records.push(
      codec === 'binary'
        ? trips.subarray(at, at + TRIP_RECORD_BYTES)
        : encodeTripJson(decodeTrip(view, at), i),
    )
  }
  return records
}

function pickupTimeAt(trips: Uint8Array, index: number): number {
  const view = new DataView(trips.buffer, trips.byteOffset, trips.byteLength)
  return decodeTrip(view, index * TRIP_RECORD_BYTES).pickupTime
}
