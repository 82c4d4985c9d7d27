import * as assert from 'uvu/assert'
import { decodeControl } from '../../src/lanes/control-record.ts'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import { UserRecords } from '../../src/kinesis/aggregated-record.ts'
import { LaneQueue, releaseTimeAt, tripsPerAggregate } from '../../src/replay/lane-queue.ts'
import type { Aggregate, LaneSettings } from '../../src/replay/lane-queue.ts'
import type { Trip } from '../../src/trips/trip.ts'
import { decodeTripJson } from '../../src/trips/trip-json.ts'
import { decodeTrip, encodeTrip, FIELD, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { suite } from '../support/suite.ts'
import { TRIP, ZONE_TRIP } from '../trips/trips.ts'

const test = suite('the queue of a lane')

const SETTINGS: LaneSettings = {
  runId: 'r',
  lane: 1,
  lanes: 4,
  partitionKey: '1.a',
  order: 'pickup',
  codec: 'binary',
  aggregateBytes: 1_000,
}

const queueOf = (changes: Partial<LaneSettings> = {}, acknowledged = 0): LaneQueue =>
  new LaneQueue({ ...SETTINGS, ...changes }, acknowledged, 0)

function recordOf(trip: Partial<Trip>): Uint8Array {
  const bytes = new Uint8Array(TRIP_RECORD_BYTES)
  encodeTrip({ ...TRIP, ...trip }, new DataView(bytes.buffer), 0)
  return bytes
}

/** Trips released 1, 2, 3 … seconds after `TRIP`. */
function fill(queue: LaneQueue, count: number, first = 0, now = 0): void {
  for (let i = first; i < first + count; i++) {
    const bytes = recordOf({ pickupTime: TRIP.pickupTime + i * 1_000 })
    queue.push(bytes, 0, { ordinal: i * 4, shift: 0 }, now)
  }
}

function contentOf({ data }: Aggregate): { control: ControlRecord; trips: Uint8Array[] } {
  const records = new UserRecords()
  if (!records.read(data)) return { control: decodeControl(data, 0, data.length), trips: [] }
  const [control, ...trips] = Array.from({ length: records.count }, (_, i) =>
    data.slice(records.offsets[i], records.offsets[i] + records.lengths[i]),
  )
  return { control: decodeControl(control, 0, control.length), trips }
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.length)

test('packs as many trips as fit, in their order, with their ordinals', () => {
  const queue = queueOf()
  assert.is(queue.fullCount, 10)
  fill(queue, 25)
  const sizes: number[] = []
  const ordinals: number[] = []
  let next = 0
  while (queue.waiting > 0) {
    const aggregate = queue.build(TRIP.pickupTime + 25_000, 77, 0)
    const { control, trips } = contentOf(aggregate)
    assert.ok(aggregate.data.length <= SETTINGS.aggregateBytes)
    assert.equal([control.firstOrdinal, control.count, control.putTime], [next, trips.length, 77])
    assert.equal([control.runId, control.lane, control.lanes], ['r', 1, 4])
    next += trips.length
    sizes.push(trips.length)
    ordinals.push(...trips.map((trip) => viewOf(trip).getFloat64(FIELD.ordinal, true)))
  }
  assert.equal(sizes, [10, 10, 5])
  assert.equal(
    ordinals,
    Array.from({ length: 25 }, (_, i) => i * 4),
  )
  assert.is(queue.next, 25)
})

test('goes on at the ordinal that was acknowledged', () => {
  const queue = queueOf({}, 590)
  fill(queue, 1)
  assert.is(contentOf(queue.build(0, 0, 0)).control.firstOrdinal, 590)
})

test('its watermark is the first trip that still waits, else the frontier, and never goes back', () => {
  const queue = queueOf()
  const at = (seconds: number): number => TRIP.pickupTime + seconds * 1_000
  const watermark = (frontier: number): number =>
    contentOf(queue.build(frontier, 0, 0)).control.watermark
  fill(queue, 25)
  assert.is(watermark(at(25)), at(10))
  assert.is(watermark(at(15)), at(15), 'the frontier, where it is behind the trip')
  assert.is(watermark(at(40)), at(40))
  assert.is(watermark(at(30)), at(40))
  assert.is(watermark(-Infinity), at(40))
})

test('a heartbeat is a record of its own, not an aggregate of one', () => {
  const aggregate = queueOf().build(5, 6, 0)
  assert.not.ok(new UserRecords().read(aggregate.data))
  assert.is(aggregate.count, 0)
  const { control } = contentOf(aggregate)
  assert.equal([control.watermark, control.count, control.ended], [5, 0, false])
  assert.is(contentOf(queueOf().build(-Infinity, 0, 0, true)).control.ended, true)
})

test('shifts both times of a trip, and leaves a missing one missing', () => {
  const queue = queueOf()
  queue.push(recordOf({}), 0, { ordinal: 0, shift: 3_600_000 }, 0)
  queue.push(recordOf({ dropoffTime: NaN }), 0, { ordinal: 1, shift: 3_600_000 }, 0)
  const [first, second] = contentOf(queue.build(0, 0, 0)).trips.map((t) => decodeTrip(viewOf(t), 0))
  assert.is(first.pickupTime, TRIP.pickupTime + 3_600_000)
  assert.is(first.dropoffTime, TRIP.dropoffTime + 3_600_000)
  assert.ok(Number.isNaN(second.dropoffTime))
})

test('copies what is pushed, so that the source may use its buffer again', () => {
  const queue = queueOf()
  const buffer = new Uint8Array(200)
  buffer.set(recordOf({}), 90)
  queue.push(buffer, 90, { ordinal: 0, shift: 0 }, 0)
  buffer.fill(0)
  assert.is(decodeTrip(viewOf(contentOf(queue.build(0, 0, 0)).trips[0]), 0).fare, TRIP.fare)
})

test('makes room without losing or turning anything, however it fills and empties', () => {
  const queue = queueOf()
  let pushed = 0
  let read = 0
  for (let round = 0; round < 60; round++) {
    const count = (round * 7) % 40
    fill(queue, count, pushed)
    pushed += count
    for (let i = 0; i < (round * 3) % 5; i++) {
      for (const trip of contentOf(queue.build(0, 0, 0)).trips) {
        assert.is(viewOf(trip).getFloat64(FIELD.ordinal, true), read++ * 4)
      }
    }
  }
  while (queue.waiting > 0) read += contentOf(queue.build(0, 0, 0)).trips.length
  assert.is(read, pushed)
})

test('knows when its oldest trip was dealt', () => {
  const queue = queueOf()
  fill(queue, 1, 0, 100)
  fill(queue, 11, 1, 200)
  assert.is(queue.oldestDealtAt, 100)
  queue.build(0, 0, 300)
  assert.is(queue.oldestDealtAt, 300)
})

test('in JSON no trip is larger than was reckoned', () => {
  const zone = '\u0000'.repeat(15)
  const number = -1.2345678901234567e-300
  const widest: Partial<Trip>[] = [
    { pickup: { kind: 'zone', zone }, dropoff: { kind: 'zone', zone } },
    {
      pickup: { kind: 'position', lon: number, lat: number },
      dropoff: { kind: 'position', lon: number, lat: number },
    },
  ]
  for (const trip of widest) {
    const queue = queueOf({ codec: 'json', aggregateBytes: 4_000 })
    const amounts = { distance: -(2 ** 31), fare: -(2 ** 31), tip: -(2 ** 31), total: -(2 ** 31) }
    for (let i = 0; i < 10; i++) {
      const bytes = recordOf({
        ...trip,
        ...amounts,
        passengers: 255,
        dropoffTime: -61_000_000_000_123,
      })
      queue.push(bytes, 0, { ordinal: 2 ** 53 - 1, shift: 0 }, 0)
    }
    assert.ok(queue.fullCount >= 5)
    const aggregate = queue.build(0, 0, 0)
    assert.ok(aggregate.data.length <= 4_000, `${aggregate.data.length} bytes`)
    assert.is(contentOf(aggregate).trips.length, queue.fullCount)
  }
})

test('in JSON carries the same trip', () => {
  const queue = queueOf({ codec: 'json' })
  const bytes = new Uint8Array(TRIP_RECORD_BYTES)
  encodeTrip(ZONE_TRIP, viewOf(bytes), 0)
  queue.push(bytes, 0, { ordinal: 9, shift: 0 }, 0)
  assert.equal(decodeTripJson(contentOf(queue.build(0, 0, 0)).trips[0]), ZONE_TRIP)
})

test('an aggregate holds at least one trip, and as many as 51,100 bytes take on AWS', () => {
  assert.is(tripsPerAggregate({ ...SETTINGS, aggregateBytes: 1 }), 1)
  const full = tripsPerAggregate({ ...SETTINGS, aggregateBytes: 51_100 })
  assert.is(full, 593)
})

test('a trip is released by its pickup, or by its dropoff where it has one', () => {
  const view = viewOf(recordOf({}))
  assert.is(releaseTimeAt(view, 0, 'pickup'), TRIP.pickupTime)
  assert.is(releaseTimeAt(view, 0, 'dropoff'), TRIP.dropoffTime)
  const without = viewOf(recordOf({ dropoffTime: NaN }))
  assert.is(releaseTimeAt(without, 0, 'dropoff'), TRIP.pickupTime)
})

test.run()
