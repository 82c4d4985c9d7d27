import * as assert from 'uvu/assert'
import { PUT_RECORDS_MAX_BYTES, PUT_RECORDS_MAX_ENTRIES } from '../../src/kinesis/limits.ts'
import { suite } from '../support/suite.ts'
import {
  arrivals,
  checkComplete,
  checkLanes,
  evenly,
  replayOf,
  runOf,
  START,
  toTheEnd,
} from './stage.ts'

const test = suite('a replay')

const deal = { lanes: 4, handSize: 5 }

for (const trips of [0, 1, 4, 99, 1_000]) {
  test(`of ${trips} trips at full speed arrives whole, in order, and ends every lane`, async () => {
    const stage = replayOf({ times: evenly(trips, 1_000) })
    const outcome = await toTheEnd(stage)
    checkComplete(stage, deal, trips)
    assert.is(outcome.complete, true)
    assert.is(outcome.trips, trips)
    assert.is(outcome.waiting, 0)
    assert.is(outcome.kinesisRecords, stage.stream.puts.length)
    assert.equal(
      stage.frontiers.at(-1)?.reduce((sum, count) => sum + count, 0),
      trips,
    )
    assert.is(stage.clock.sleepers, 0, 'nothing is left behind')
  })
}

test('of nothing takes no time', async () => {
  const stage = replayOf({ times: [] })
  await toTheEnd(stage, 1_000)
  const [first] = arrivals(stage.stream.puts).get(0) ?? []
  assert.is(first.control.watermark, -Infinity)
})

test('says at its end that everything before the last trip has been sent, and it too', async () => {
  const stage = replayOf({ times: evenly(20, 1_000) })
  await toTheEnd(stage)
  for (const records of arrivals(stage.stream.puts).values()) {
    assert.is(records.at(-1)?.control.watermark, START + 19_001)
  }
})

test('never has two aggregates of a lane under way', async () => {
  const stage = replayOf({
    times: evenly(400, 10),
    run: runOf({ lanes: 2, handSize: 3 }),
    prepare: (stream) => {
      stream.latencyMillis = 50
    },
  })
  const underWay = new Set<string>()
  const { putRecords } = stage.stream
  stage.stream.putRecords = async (entries) => {
    for (const { partitionKey } of entries) {
      assert.not.ok(underWay.has(partitionKey), 'two at once')
      underWay.add(partitionKey)
    }
    const outcomes = await putRecords.call(stage.stream, entries)
    for (const { partitionKey } of entries) underWay.delete(partitionKey)
    return outcomes
  }
  await toTheEnd(stage)
  checkComplete(stage, { lanes: 2, handSize: 3 }, 400)
})

test('releases each trip when its time has come, by the speed', async () => {
  const stage = replayOf({ times: evenly(60, 1_000), speed: 10, lingerMillis: 0 })
  const startedAt = stage.clock.monotonicMillis()
  await toTheEnd(stage)
  for (const records of arrivals(stage.stream.puts).values()) {
    for (const { at, times } of records) {
      for (const time of times) {
        const due = startedAt + (time - START) / 10
        assert.ok(at >= due && at <= due + 1_000, `due at ${due}, sent at ${at}`)
      }
    }
  }
  checkComplete(stage, deal, 60)
})

test('does not drift, however slow the stream was for a while', async () => {
  const stage = replayOf({
    times: evenly(600, 1_000),
    speed: 10,
    lingerMillis: 100,
    prepare: (stream) => {
      stream.behaviour = (_entry, call) => (call > 5 && call < 15 ? 'InternalFailure' : 'ok')
    },
  })
  const startedAt = stage.clock.monotonicMillis()
  await toTheEnd(stage)
  const last = Math.max(...stage.stream.puts.map(({ at }) => at))
  assert.ok(last - startedAt >= 59_900 && last - startedAt < 61_500, `took ${last - startedAt}`)
})

test("shares a lane's waiting trips for a while, and no longer", async () => {
  const stage = replayOf({
    times: evenly(100, 40),
    run: runOf({ lanes: 1, handSize: 5 }),
    speed: 1,
    lingerMillis: 200,
    aggregateBytes: 100_000,
  })
  await toTheEnd(stage)
  const sizes =
    arrivals(stage.stream.puts)
      .get(0)
      ?.map(({ ordinals }) => ordinals.length) ?? []
  assert.ok(Math.max(...sizes.slice(0, -1)) <= 8, String(sizes))
  assert.ok(sizes.length < 40, String(sizes))
})

test('a lane that has nothing to send says so, as often as asked', async () => {
  const stage = replayOf({
    times: [START, START + 20_000],
    speed: 1,
    heartbeatMillis: 1_000,
    lingerMillis: 100,
  })
  await toTheEnd(stage)
  const beats = arrivals(stage.stream.puts).get(3) ?? []
  assert.ok(beats.length >= 19 && beats.length <= 23, `${beats.length} records`)
  for (let i = 1; i < beats.length - 1; i++) {
    const pause = beats[i].at - beats[i - 1].at
    assert.ok(pause >= 1_000 && pause <= 1_600, `a pause of ${pause} ms`)
    assert.ok(beats[i].control.watermark > beats[i - 1].control.watermark)
    assert.is(beats[i].control.count, 0)
  }
  checkComplete(stage, deal, 2)
})

test('a heartbeat is no further than the clock, nor than the next trip', async () => {
  const stage = replayOf({ times: [START, START + 20_000], speed: 1 })
  const startedAt = stage.clock.monotonicMillis()
  await toTheEnd(stage)
  for (const records of arrivals(stage.stream.puts).values()) {
    for (const { at, control } of records.slice(0, -1)) {
      assert.ok(control.watermark <= START + (at - startedAt))
      assert.ok(control.watermark <= START + 20_000)
    }
  }
})

test('every lane of a paced run is heard of at once, so that the watermark waits for none', async () => {
  const stage = replayOf({ times: [START, START + 20_000], speed: 1, heartbeatMillis: 5_000 })
  const startedAt = stage.clock.monotonicMillis()
  await toTheEnd(stage)
  const lanes = arrivals(stage.stream.puts)
  assert.is(lanes.size, deal.lanes)
  for (const [lane, [first]] of lanes) assert.ok(first.at - startedAt < 100, `lane ${lane}`)
})

test('passes over the input shift event times and go on with the ordinals', async () => {
  const times = evenly(10, 1_000)
  const stage = replayOf({ times, run: runOf(deal, { passes: 3 }) })
  await toTheEnd(stage)
  checkComplete(stage, deal, 30)
  const all = [...arrivals(stage.stream.puts).values()].flat()
  const byOrdinal = new Map(
    all.flatMap(({ ordinals, times }) => ordinals.map((o, i) => [o, times[i]])),
  )
  for (let ordinal = 0; ordinal < 30; ordinal++) {
    // 9 s from first to last trip, and one more so that no pass touches the one before.
    assert.is(
      byOrdinal.get(ordinal),
      START + (ordinal % 10) * 1_000 + Math.floor(ordinal / 10) * 10_000,
    )
  }
})

test('one trip may be repeated without end, until it is drained', async () => {
  const stage = replayOf({ times: [START], speed: 1, run: runOf(deal, { passes: null }) })
  await stage.clock.advance(10_500)
  stage.drain.abort()
  const outcome = await toTheEnd(stage, 2_000)
  assert.is(outcome.complete, false)
  assert.ok(outcome.trips >= 9 && outcome.trips <= 11, `${outcome.trips} trips`)
  checkLanes(stage.stream.puts, deal)
})

test('in JSON arrives as whole and as well ordered', async () => {
  const stage = replayOf({ times: evenly(50, 1_000), run: runOf(deal, { codec: 'json' }) })
  await toTheEnd(stage)
  checkComplete(stage, deal, 50)
  assert.ok(stage.stream.puts.some(({ data }) => Buffer.from(data).includes('"pickupTime"')))
})

test('its progress says what was acknowledged, and up to where', async () => {
  const stage = replayOf({ times: evenly(60, 1_000), speed: 10 })
  await toTheEnd(stage)
  assert.ok(stage.reports.length >= 10)
  for (let i = 1; i < stage.reports.length; i++) {
    assert.ok(stage.reports[i].trips >= stage.reports[i - 1].trips)
    assert.ok(stage.reports[i].eventTime >= stage.reports[i - 1].eventTime)
  }
  assert.is(stage.reports.at(-1)?.trips, 60)
})

test('the speed may change while it runs, without a jump', async () => {
  const stage = replayOf({ times: evenly(100, 1_000), speed: 1, lingerMillis: 0 })
  await stage.clock.advance(10_000)
  const before = checkLanes(stage.stream.puts, deal).reduce((sum, count) => sum + count, 0)
  assert.ok(before >= 8 && before <= 11, `${before} trips`)
  stage.replayer.setSpeed(10)
  await stage.clock.advance(3_000)
  const after = checkLanes(stage.stream.puts, deal).reduce((sum, count) => sum + count, 0)
  assert.ok(after >= 36 && after <= 41, `${after} trips`)
  stage.replayer.setSpeed(Infinity)
  await toTheEnd(stage, 2_000)
  checkComplete(stage, deal, 100)
})

test('slowed down from full speed it goes on from where it is', async () => {
  const stage = replayOf({
    times: evenly(2_000, 60_000),
    bufferBytes: 80 * 200,
    prepare: (stream) => {
      stream.latencyMillis = 100
    },
  })
  await stage.clock.advance(500)
  const before = checkLanes(stage.stream.puts, deal).reduce((sum, count) => sum + count, 0)
  assert.ok(before > 50 && before < 1_900, `${before} trips`)
  stage.replayer.setSpeed(60)
  // What waits already is sent at once; then a trip is due each second.
  await stage.clock.advance(5_000)
  const soon = checkLanes(stage.stream.puts, deal).reduce((sum, count) => sum + count, 0)
  assert.ok(soon - before <= 210, `${soon - before} trips at once`)
  await stage.clock.advance(30_000)
  const later = checkLanes(stage.stream.puts, deal).reduce((sum, count) => sum + count, 0)
  assert.ok(later - soon >= 28 && later - soon <= 32, `${later - soon} trips in 30 s`)
  stage.drain.abort()
  await toTheEnd(stage, 2_000)
})

test('a call keeps to what PutRecords takes, however many lanes there are', async () => {
  const many = { lanes: 520, handSize: 1 }
  const stage = replayOf({ times: evenly(600, 10), run: runOf(many), maxRequests: 8 })
  await toTheEnd(stage)
  checkComplete(stage, many, 600)
  const largest = Math.max(...stage.stream.calls.map(({ entries }) => entries))
  assert.is(largest, PUT_RECORDS_MAX_ENTRIES)
})

test('a call keeps to the bytes that PutRecords takes', async () => {
  const large = { lanes: 8, handSize: 10_000 }
  const stage = replayOf({
    times: evenly(60_000, 1),
    run: runOf(large),
    aggregateBytes: 900_000,
    bufferBytes: 50_000_000,
  })
  await toTheEnd(stage)
  const largest = Math.max(...stage.stream.calls.map(({ bytes }) => bytes))
  assert.ok(largest <= PUT_RECORDS_MAX_BYTES && largest > 3_500_000, `${largest} bytes`)
})

test.run()
