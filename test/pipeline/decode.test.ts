import * as assert from 'uvu/assert'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { REASONS } from '../../src/counts/measures.ts'
import type { TripBatch } from '../../src/counts/trip-batch.ts'
import { UNPLACED } from '../../src/counts/trip-batch.ts'
import { encodeAggregate } from '../../src/kinesis/encode-aggregate.ts'
import { MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import type { ControlRecord } from '../../src/lanes/control-record.ts'
import { encodeControl } from '../../src/lanes/control-record.ts'
import { Decoder } from '../../src/pipeline/decode.ts'
import { unclassified } from '../../src/pipeline/row-decoder.ts'
import type { Trip } from '../../src/trips/trip.ts'
import { encodeTripJson } from '../../src/trips/trip-json.ts'
import { encodeTrip, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { controlOf, counterFor } from '../counts/batches.ts'
import { CounterTable, feed, flushAll } from '../counts/counter-harness.ts'
import { suite } from '../support/suite.ts'
import { TRIP, ZONE_TRIP } from '../trips/trips.ts'

const test = suite('the decoder')

const ALL = { start: 0n, end: MAX_HASH_KEY }

function binary(trip: Trip): Uint8Array {
  const bytes = new Uint8Array(TRIP_RECORD_BYTES)
  encodeTrip(trip, new DataView(bytes.buffer), 0)
  return bytes
}

const control = (count: number, changes: Partial<ControlRecord> = {}): Uint8Array =>
  encodeControl(controlOf({ watermark: 5, ...changes }, count))

function decode(data: readonly Uint8Array[], slots = new DistrictSlots([], true)): TripBatch {
  return new Decoder(slots, ALL).decode(
    data.map((bytes, i) => ({
      sequenceNumber: String(1_000 + i),
      partitionKey: 'k',
      data: bytes,
      arrivalTime: 7 + i,
    })),
  )
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('reads an aggregate of a lane: the control record, then the trips in their order', () => {
  const later = { ...TRIP, pickupTime: TRIP.pickupTime + 1, fare: -3 }
  const batch = decode([encodeAggregate('k', [control(2), binary(TRIP), binary(later)])])
  assert.is(batch.rows, 2)
  assert.is(batch.segments.length, 1)
  const [segment] = batch.segments
  assert.is(segment.seq, '1000'.padStart(60, '0'))
  assert.equal([segment.first, segment.end, segment.arrivalTime], [0, 2, 7])
  assert.is(segment.control?.runId, 'r')
  assert.equal([...batch.pickupTime.subarray(0, 2)], [TRIP.pickupTime, later.pickupTime])
  assert.equal([...batch.fare.subarray(0, 2)], [5_200, -3])
  assert.is(batch.dropoffLon[0], -73.78)
  assert.is(batch.dropoffLat[0], 40.64)
  assert.equal([batch.pickupPlace[0], batch.dropoffPlace[0]], [UNPLACED, UNPLACED])
  assert.equal(
    [batch.passengers[0], batch.distance[0], batch.tip[0], batch.total[0]],
    [5, 1_721, 1_000, -6_630],
  )
})

test('tells the codecs apart by the first byte, in one aggregate too', () => {
  const batch = decode([
    encodeAggregate('k', [binary(TRIP), encodeTripJson(TRIP, 0), binary(ZONE_TRIP)]),
    encodeTripJson(ZONE_TRIP, 0),
    binary(TRIP),
  ])
  assert.is(batch.rows, 5)
  assert.equal(batch.deadLetters, [])
  for (const column of [batch.pickupTime, batch.pickupLon, batch.dropoffLat, batch.total]) {
    assert.is(column[0], column[1])
    assert.is(column[0], column[4])
    assert.equal(column[2], column[3])
  }
  assert.equal([...batch.pickupPlace.subarray(2, 4)], [0, 0])
})

test('a heartbeat is a record without trips', () => {
  const [segment] = decode([control(0, { ended: true })]).segments
  assert.equal([segment.first, segment.end, segment.control?.ended], [0, 0, true])
})

test('gives zone ids their slots as they come', () => {
  const slots = new DistrictSlots(['1', '264'], true)
  const trip = { ...ZONE_TRIP, dropoffTime: TRIP.dropoffTime }
  const batch = decode([binary(trip), encodeTripJson(trip, 0)], slots)
  assert.equal([...batch.pickupPlace.subarray(0, 2)], [1, 1])
  assert.equal([...batch.dropoffPlace.subarray(0, 2)], [2, 2])
  assert.equal(slots.ids, ['1', '264', 'Zürich-Nord 1'])
  assert.ok(Number.isNaN(batch.pickupLon[0]))
})

test('a zone id where the districts are no zones has its own reason, an empty one another', () => {
  const slots = new DistrictSlots(['1', '264'], false)
  const { dropoffTime } = TRIP
  const empty: Trip = { ...ZONE_TRIP, dropoffTime, dropoff: { kind: 'zone', zone: '' } }
  for (const record of [binary(empty), encodeTripJson(empty, 0)]) {
    const batch = decode([record], slots)
    assert.is(batch.pickupPlace[0], unclassified('zone-id-without-zones'))
    assert.is(batch.dropoffPlace[0], unclassified('missing-position'))
  }
  assert.equal(slots.ids, ['1', '264'])
})

test('a zone called NONE is no zone: the row of that name is that of the unclassified', () => {
  const slots = new DistrictSlots([], true)
  const zones = ['NONE', 'NON', 'NONE1', 'none']
  const trips = zones.map((zone): Trip => ({ ...TRIP, pickup: { kind: 'zone', zone } }))
  for (const encode of [binary, (trip: Trip) => encodeTripJson(trip, 0)]) {
    const batch = decode(trips.map(encode), slots)
    const missing = unclassified('missing-position')
    assert.equal([...batch.pickupPlace.subarray(0, 4)], [missing, 0, 1, 2])
  }
  assert.equal(slots.ids, ['NON', 'NONE1', 'none'])
})

test('every reason has a code of its own', () => {
  assert.equal(REASONS.map(unclassified), [-1, -2, -3, -4, -5, -6, -7, -8])
})

test('what is no trip is a dead letter: whole, with its place, its run and a reason', () => {
  const odd = text('hello')
  const batch = decode([encodeAggregate('k', [control(3), binary(TRIP), odd, binary(TRIP)]), odd])
  assert.is(batch.rows, 4)
  assert.equal([...batch.dead.subarray(0, 4)], [0, 1, 0, 1])
  assert.equal(
    batch.deadLetters.map(({ seq, index, run, reason, data }) => [
      Number(seq),
      index,
      run,
      reason,
      Buffer.from(data).toString(),
    ]),
    [
      [1_000, 2, 'r', '5 bytes that begin with 104 are not a trip', 'hello'],
      [1_001, 0, 'foreign', '5 bytes that begin with 104 are not a trip', 'hello'],
    ],
  )
})

test('a dead letter keeps its bytes when the buffer of its record is used again', () => {
  const data = text('hello')
  const [letter] = decode([data]).deadLetters
  data.fill(0)
  assert.is(Buffer.from(letter.data).toString(), 'hello')
})

test('empty, short, long and unreadable records are dead letters, and nothing worse', () => {
  const anotherVersion = binary(TRIP)
  anotherVersion[0] = 2
  const records = [
    new Uint8Array(0),
    binary(TRIP).subarray(0, 79),
    Uint8Array.from([...binary(TRIP), 0]),
    anotherVersion,
    text('{"v":1}'),
    text('{not json'),
    binary({ ...TRIP, pickupTime: NaN }),
    binary({ ...TRIP, pickupTime: Infinity }),
    binary({ ...TRIP, pickupTime: 253_402_300_800_000 }),
  ]
  const batch = decode(records)
  assert.is(batch.deadLetters.length, records.length)
  assert.is(batch.rows, records.length)
  assert.is(decode([encodeAggregate('k', records)]).deadLetters.length, records.length)
})

test('a dropoff time that no calendar has is a missing one', () => {
  for (const dropoffTime of [NaN, Infinity, 1e300, 253_402_300_800_000]) {
    const batch = decode([binary({ ...TRIP, dropoffTime })])
    assert.ok(Number.isNaN(batch.dropoffTime[0]))
    assert.is(batch.dropoffPlace[0], unclassified('missing-time'))
    assert.is(batch.deadLetters.length, 0)
  }
})

test('takes the first and the last moment that a trip file may have', () => {
  const [first, last] = [Date.parse('0000-01-01T00:00:00Z'), 253_402_300_799_999]
  const batch = decode([binary({ ...TRIP, pickupTime: first, dropoffTime: last })])
  assert.equal([batch.pickupTime[0], batch.dropoffTime[0]], [first, last])
})

test('a control record that leads another number of trips is a dead letter, its trips are foreign', () => {
  for (const count of [0, 1, 3]) {
    const batch = decode([encodeAggregate('k', [control(count), binary(TRIP), binary(TRIP)])])
    assert.is(batch.segments[0].control, undefined)
    assert.equal(
      batch.deadLetters.map(({ run, reason }) => [run, reason]),
      [['foreign', `a control record of ${count} trips leads 2`]],
    )
    assert.is(batch.rows, 3)
  }
})

test('trips behind a control record that counts wrong are lost to their lane, and told so', () => {
  const slots = new DistrictSlots([], true)
  const batch = decode(
    [
      encodeAggregate('k', [control(3), binary(ZONE_TRIP), binary(ZONE_TRIP)]),
      encodeAggregate('k', [control(1, { firstOrdinal: 3 }), binary(ZONE_TRIP)]),
    ],
    slots,
  )
  const table = new CounterTable()
  const counter = counterFor({ slots })
  feed(counter, batch, table)
  assert.ok(flushAll(counter, table))
  const { lanes, foreignRecords } = table.progress()
  const lane = lanes.get('r')?.get(0)
  assert.equal([lane?.next, lane?.gap, lane?.holes], [4, 3, [[0, 2]]])
  assert.is(foreignRecords, 3)
})

test('a control record that cannot be, and one in the middle, are dead letters', () => {
  const broken = control(1)
  new DataView(broken.buffer).setFloat64(24, NaN, true)
  assert.is(decode([encodeAggregate('k', [broken, binary(TRIP)])]).deadLetters.length, 1)
  const middle = decode([encodeAggregate('k', [binary(TRIP), control(0)])])
  assert.is(middle.segments[0].control, undefined)
  assert.is(middle.deadLetters.length, 1)
})

test('has room for records of many tiny user records', () => {
  const tiny = Array.from({ length: 4_000 }, () => Uint8Array.of(9))
  const batch = decode([binary(TRIP), encodeAggregate('k', tiny), binary(TRIP)])
  assert.is(batch.rows, 4_002)
  assert.is(batch.deadLetters.length, 4_000)
  assert.equal([batch.pickupTime[0], batch.pickupTime[4_001]], [TRIP.pickupTime, TRIP.pickupTime])
  assert.equal(
    batch.segments.map(({ first, end }) => [first, end]),
    [
      [0, 1],
      [1, 4_001],
      [4_001, 4_002],
    ],
  )
})

test('uses its columns again, and nothing of one batch shows in the next', () => {
  const decoder = new Decoder(new DistrictSlots([], true), ALL)
  const read = (data: Uint8Array): TripBatch =>
    decoder.decode([{ sequenceNumber: '1', partitionKey: 'k', data, arrivalTime: 0 }])
  const first = read(encodeAggregate('k', [text('?'), text('?'.repeat(900)), binary(TRIP)]))
  assert.equal([...first.dead.subarray(0, 3)], [1, 1, 0])
  const { pickupTime } = first
  const second = read(encodeAggregate('k', [binary(ZONE_TRIP), binary(TRIP)]))
  assert.ok(second.pickupTime === pickupTime)
  assert.equal([...second.dead.subarray(0, 2)], [0, 0])
  assert.equal([second.rows, second.segments.length, second.deadLetters.length], [2, 1, 0])
  assert.ok(Number.isNaN(second.dropoffTime[0]))
  assert.is(second.pickupPlace[1], UNPLACED)
})

test('gives columns back that are far larger than a batch', () => {
  const decoder = new Decoder(new DistrictSlots([], true), ALL)
  const read = (data: Uint8Array): TripBatch =>
    decoder.decode([{ sequenceNumber: '1', partitionKey: 'k', data, arrivalTime: 0 }])
  const large = read(encodeAggregate('k', Array<Uint8Array>(500).fill(binary(TRIP)))).dead.length
  assert.ok(read(binary(TRIP)).dead.length < large)
})

test('knows a short zone id by its bytes, whatever lies behind them', () => {
  const slots = new DistrictSlots([], true)
  const records = ['7', '71', '264', '7', '71', '264'].map((zone, i) => {
    const bytes = binary({ ...TRIP, pickup: { kind: 'zone', zone } })
    if (i > 2) bytes.fill(0x31, 24 + 1 + zone.length, 40)
    return bytes
  })
  const { pickupPlace } = decode([encodeAggregate('k', records)], slots)
  assert.equal([...pickupPlace.subarray(0, 6)], [0, 1, 2, 0, 1, 2])
  assert.equal(slots.ids, ['7', '71', '264'])
})

test('no records make an empty batch', () => {
  assert.equal([decode([]).rows, decode([]).segments], [0, []])
})

test.run()
