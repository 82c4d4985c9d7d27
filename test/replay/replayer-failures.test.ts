import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { laneShare } from '../../src/lanes/deal.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import {
  arrivals,
  checkComplete,
  checkLanes,
  evenly,
  FakeStream,
  replayOf,
  runOf,
  toTheEnd,
} from './stage.ts'
import type { Stage, StageOptions } from './stage.ts'

const test = suite('a replay into a stream that fails')

const deal = { lanes: 4, handSize: 5 }
const passing = new HailstreamError(
  'ENDPOINT',
  { subject: 's', got: 'ECONNRESET', expected: 'an answer' },
  { retryable: true },
)
const forGood = new HailstreamError('STREAM', { subject: 's', got: 'nothing', expected: 'one' })

const sum = (counts: readonly number[]): number => counts.reduce((total, n) => total + n, 0)

test('keeps every lane in order under partial failures, and sends everything once', async () => {
  for (let seed = 0; seed < 15; seed++) {
    const random = seededRandom(seed)
    const refusals = ['ProvisionedThroughputExceededException', 'InternalFailure'] as const
    const stage = replayOf({
      times: evenly(300, 10),
      seed,
      prepare: (stream) => {
        stream.behaviour = () => (random() < 0.4 ? refusals[Math.floor(random() * 2)] : 'ok')
      },
    })
    const outcome = await toTheEnd(stage)
    checkComplete(stage, deal, 300)
    const sent = [...arrivals(stage.stream.puts).values()].flat().flatMap((a) => a.ordinals)
    assert.is(sent.length, 300, 'nothing that succeeded was sent again')
    assert.ok(outcome.retried > 0 && outcome.throttled > 0)
    assert.is(outcome.kinesisRecords, stage.stream.puts.length)
  }
})

test('sends the same bytes again after a reply that was lost, and only those', async () => {
  for (let seed = 20; seed < 35; seed++) {
    const random = seededRandom(seed)
    const stage = replayOf({
      times: evenly(300, 10),
      seed,
      prepare: (stream) => {
        stream.behaviour = () => (random() < 0.2 ? 'lost reply' : 'ok')
        stream.failure = () =>
          random() < 0.2 ? { error: passing, written: random() < 0.5 } : undefined
      },
    })
    await toTheEnd(stage)
    checkComplete(stage, deal, 300)
    const seen = new Map<string, string>()
    for (const { control, ordinals } of [...arrivals(stage.stream.puts).values()].flat()) {
      const name = `${control.lane} ${control.firstOrdinal} ${control.count}`
      if (control.count === 0) continue
      assert.is(seen.get(name) ?? ordinals.join(), ordinals.join())
      seen.set(name, ordinals.join())
    }
    assert.is(sum([...seen.keys()].map((name) => Number(name.split(' ')[2]))), 300)
  }
})

test('one lane that is refused does not hold the others up', async () => {
  let refused: string | undefined
  const stage = replayOf({
    times: evenly(200, 10),
    prepare: (stream) => {
      stream.behaviour = ({ partitionKey }) => {
        refused ??= partitionKey
        return partitionKey === refused ? 'InternalFailure' : 'ok'
      }
    },
  })
  await stage.clock.advance(3_000)
  const counts = checkLanes(stage.stream.puts, deal)
  assert.equal(
    [...counts].sort((a, b) => a - b),
    [0, 50, 50, 50],
  )
  stage.stream.behaviour = () => 'ok'
  await toTheEnd(stage)
  checkComplete(stage, deal, 200)
})

test('waits longer and longer before it tries a lane again', async () => {
  const stage = replayOf({
    times: evenly(1, 1),
    run: runOf({ lanes: 1, handSize: 1 }),
    prepare: (stream) => {
      stream.latencyMillis = 0
      stream.behaviour = (_entry, call) => (call < 12 ? 'InternalFailure' : 'ok')
    },
  })
  await toTheEnd(stage)
  const pauses = stage.stream.calls.slice(1).map(({ at }, i) => at - stage.stream.calls[i].at)
  assert.ok(pauses[0] < 100 && pauses[10] >= 2_500 && pauses[10] <= 5_500, String(pauses))
})

test('an error that will not pass ends the replay with that error', async () => {
  const stage = replayOf({
    times: evenly(5_000, 1_000),
    speed: 10,
    prepare: (stream) => {
      stream.failure = (call) => (call === 3 ? { error: forGood, written: false } : undefined)
    },
  })
  await stage.clock.advanceUntil(stage.ended, 20_000)
  assert.is(await stage.outcome.catch((error: unknown) => error), forGood)
  await stage.clock.advance(60_000)
  assert.is(stage.clock.sleepers, 0)
})

test('a source that fails ends the replay with that error', async () => {
  const times = evenly(20, 10)
  const broken = Object.assign([...times], {
    slice: () => {
      throw new Error('disk on fire')
    },
  })
  const stage = replayOf({ times: broken })
  await stage.clock.advanceUntil(stage.ended, 5_000)
  const error = await stage.outcome.catch((thrown: unknown) => thrown)
  assert.ok(error instanceof Error && error.message === 'disk on fire')
})

test('a shard that throttles is written to more slowly, until it takes everything', async () => {
  const BYTES_PER_SECOND = 500_000
  const TRIPS = 80_000
  let tokens = BYTES_PER_SECOND
  let refilledAt = 0
  let refused = 0
  const stage: Stage = replayOf({
    times: evenly(TRIPS, 1),
    run: runOf({ lanes: 4, handSize: 250 }),
    aggregateBytes: 25_000,
    bufferBytes: 4_000_000,
    prepare: (stream) => {
      stream.shards = 1
      stream.behaviour = ({ data }) => {
        const now = stage.clock.monotonicMillis()
        tokens = Math.min(BYTES_PER_SECOND, tokens + ((now - refilledAt) / 1000) * BYTES_PER_SECOND)
        refilledAt = now
        if (tokens < data.length) {
          refused++
          return 'ProvisionedThroughputExceededException'
        }
        tokens -= data.length
        return 'ok'
      }
    },
  } satisfies StageOptions)
  const startedAt = stage.clock.monotonicMillis()
  const outcome = await toTheEnd(stage)
  checkComplete(stage, { lanes: 4, handSize: 250 }, TRIPS)
  const seconds = (stage.clock.monotonicMillis() - startedAt) / 1000
  const best = (TRIPS * 86) / BYTES_PER_SECOND
  assert.ok(seconds < best * 1.6, `${seconds} s where ${best} s would do`)
  assert.is(outcome.throttled, refused)
  assert.ok(refused < outcome.kinesisRecords / 3, `${refused} refusals`)
})

test('no more waits in memory than was allowed', async () => {
  const bufferBytes = 80 * 60
  const stage = replayOf({
    times: evenly(2_000, 1),
    bufferBytes,
    prepare: (stream) => {
      stream.latencyMillis = 400
    },
  })
  await toTheEnd(stage)
  checkComplete(stage, deal, 2_000)
  const most = Math.max(...stage.reports.map(({ waiting }) => waiting * 80))
  assert.ok(most > bufferBytes / 2 && most <= bufferBytes, `${most} bytes`)
})

test('no more requests are under way than were allowed', async () => {
  const stage = replayOf({
    times: evenly(2_000, 1),
    run: runOf({ lanes: 40, handSize: 3 }),
    maxRequests: 3,
    prepare: (stream) => {
      stream.latencyMillis = 70
    },
  })
  await toTheEnd(stage)
  assert.ok(stage.stream.mostUnderWay <= 3)
})

test('a drain acknowledges what is under way, keeps the frontier, and is quick', async () => {
  for (const speed of [10, Infinity]) {
    const stage = replayOf({
      times: evenly(50_000, 100),
      speed,
      bufferBytes: 80 * 500,
      prepare: (stream) => {
        stream.latencyMillis = 300
      },
    })
    await stage.clock.advance(4_000)
    stage.drain.abort()
    const took = await stage.clock.advanceUntil(stage.ended, 2_000)
    assert.ok(took <= 2_000)
    const outcome = await stage.outcome
    assert.is(outcome.complete, false)
    const counts = checkLanes(stage.stream.puts, deal)
    assert.equal(stage.frontiers.at(-1), counts)
    assert.is(outcome.trips, sum(counts))
    assert.is(stage.clock.sleepers, 0)
  }
})

test('a drain does not wait for a stream that does not answer, nor for a table', async () => {
  for (const silent of ['the stream', 'the table', 'both']) {
    const stage = replayOf({
      times: evenly(50_000, 100),
      speed: 10,
      prepare: (stream) => {
        stream.latencyMillis = silent === 'the table' ? 10 : 3_600_000
      },
      ...(silent !== 'the stream' && { frontierSaved: new Promise(() => undefined) }),
    })
    await stage.clock.advance(700)
    const before = stage.frontiers.length
    stage.drain.abort()
    const took = await stage.clock.advanceUntil(stage.ended, 10_000)
    assert.ok(took <= 1_800, `${silent}: ${took} ms`)
    assert.is((await stage.outcome).complete, false)
    if (silent === 'the stream') assert.ok(stage.frontiers.length > before)
  }
})

test('a drain is none the worse for a table that is out of order', async () => {
  const stage = replayOf({
    times: evenly(50_000, 100),
    speed: 10,
    frontierFailure: () => passing,
  })
  await stage.clock.advance(1_500)
  stage.drain.abort()
  await stage.clock.advanceUntil(stage.ended, 2_000)
  assert.is((await stage.outcome).complete, false)
})

test('a replay that goes on is heard of at once, whatever its trips may wait for', async () => {
  const stage = replayOf({
    times: evenly(400, 100),
    speed: 1,
    lingerMillis: 5_000,
    heartbeatMillis: 60_000,
    acknowledged: [20, 20, 20, 20],
  })
  const startedAt = stage.clock.monotonicMillis()
  await stage.clock.advance(100)
  assert.is(stage.stream.puts.at(0)?.at, startedAt)
  assert.is(stage.reports.at(0)?.trips, 81)
  // Only the first of each lane: those that follow wait for company.
  await stage.clock.advance(1_900)
  assert.is(stage.stream.puts.length, 4)
  stage.drain.abort()
  await toTheEnd(stage, 2_000)
})

test('a replay that was cut off anywhere goes on, and nothing is lost', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const random = seededRandom(seed)
    const times = evenly(400, 10)
    const first = replayOf({
      times,
      seed,
      prepare: (stream) => {
        stream.behaviour = () => (random() < 0.2 ? 'lost reply' : 'ok')
      },
    })
    await first.clock.advance(20 + random() * 300)
    // Killed: nothing of it is heard again; the table has any frontier it ever saved, or none.
    const puts = [...first.stream.puts]
    const frontier = first.frontiers[Math.floor(random() * first.frontiers.length)]
    const second = replayOf({
      times,
      seed: seed + 100,
      speed: random() < 0.5 ? 60 : Infinity,
      ...(frontier !== undefined && { acknowledged: frontier }),
    })
    const outcome = await toTheEnd(second)
    assert.is(outcome.trips, 400)
    const both = Object.assign(new FakeStream(second.clock), {
      puts: [...puts, ...second.stream.puts],
    })
    checkComplete({ stream: both }, deal, 400)
    first.drain.abort()
  }
})

test('a replay whose every trip was acknowledged only ends its lanes', async () => {
  const acknowledged = [0, 1, 2, 3].map((lane) => laneShare(deal, lane, 33))
  const stage = replayOf({ times: evenly(33, 1_000), speed: 1, acknowledged })
  const outcome = await toTheEnd(stage, 1_000)
  assert.is(outcome.complete, true)
  for (const [lane, records] of arrivals(stage.stream.puts)) {
    assert.equal(
      records.map(({ control }) => [control.count, control.ended, control.firstOrdinal]),
      [[0, true, acknowledged[lane]]],
    )
  }
})

test('a replay that goes on is paced from where it goes on', async () => {
  const times = evenly(100, 1_000)
  const acknowledged = [0, 1, 2, 3].map((lane) => laneShare(deal, lane, 90))
  const stage = replayOf({ times, speed: 1, acknowledged, lingerMillis: 0 })
  const startedAt = stage.clock.monotonicMillis()
  await toTheEnd(stage)
  const took = stage.clock.monotonicMillis() - startedAt
  assert.ok(took >= 8_900 && took < 10_500, `${took} ms for the last ten trips`)
})

test('a frontier that cannot be saved for the moment stops nothing', async () => {
  let failures = 0
  const stage = replayOf({
    times: evenly(50, 1_000),
    speed: 10,
    frontierFailure: () => (failures++ < 3 ? passing : undefined),
  })
  const outcome = await toTheEnd(stage)
  assert.is(outcome.complete, true)
  assert.ok(failures > 3)
  checkComplete(stage, deal, 50)
})

test('a frontier that can never be saved ends the replay', async () => {
  const stage = replayOf({ times: evenly(50, 1_000), speed: 1, frontierFailure: () => forGood })
  await stage.clock.advanceUntil(stage.ended, 5_000)
  assert.is(await stage.outcome.catch((error: unknown) => error), forGood)
})

test.run()
