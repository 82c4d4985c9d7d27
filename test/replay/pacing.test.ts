import * as assert from 'uvu/assert'
import { planDeal } from '../../src/replay/plan-deal.ts'
import { ReplayClock } from '../../src/replay/replay-clock.ts'
import { ShardRate } from '../../src/replay/shard-rate.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('the pace of a replay')

const EVENT = Date.UTC(2016, 0, 1)

test('the replay clock maps event time to the wall by its speed', async () => {
  const wall = new FakeClock()
  const clock = new ReplayClock(wall, 60)
  assert.not.ok(clock.anchored)
  assert.is(clock.dueIn(EVENT), 0)
  assert.is(clock.eventTimeNow(), -Infinity)
  clock.anchor(EVENT)
  assert.is(clock.dueIn(EVENT), 0)
  assert.is(clock.dueIn(EVENT + 60_000), 1_000)
  await wall.advance(2_500)
  assert.is(clock.dueIn(EVENT + 60_000), -1_500)
  assert.is(clock.eventTimeNow(), EVENT + 150_000)
})

test('the replay clock does not drift: a late wake-up makes nothing else late', async () => {
  const wall = new FakeClock()
  const clock = new ReplayClock(wall, 7)
  clock.anchor(EVENT)
  const startedAt = wall.monotonicMillis()
  for (let i = 1; i <= 1_000; i++) {
    const wait = clock.dueIn(EVENT + i * 1_000)
    // Each wake-up is up to 90 ms late.
    if (wait > 0) await wall.advance(wait + (i % 10) * 10)
  }
  const ideal = 1_000_000 / 7
  const took = wall.monotonicMillis() - startedAt
  assert.ok(took >= ideal && took < ideal + 100, `${took} ms instead of ${ideal}`)
})

test('a change of speed neither turns event time back nor makes it jump', async () => {
  const wall = new FakeClock()
  const clock = new ReplayClock(wall, 10)
  clock.anchor(EVENT)
  let before = clock.eventTimeNow()
  for (const speed of [1, 100, 0.5, 3_600]) {
    await wall.advance(1_000)
    const now = clock.eventTimeNow()
    assert.ok(now > before)
    clock.setSpeed(speed)
    assert.is(clock.speed, speed)
    assert.ok(Math.abs(clock.eventTimeNow() - now) < 1e-3)
    before = now
  }
})

test('at full speed everything is due', () => {
  const clock = new ReplayClock(new FakeClock(), Infinity)
  clock.anchor(EVENT)
  assert.is(clock.dueIn(EVENT + 1e12), 0)
  assert.is(clock.eventTimeNow(), Infinity)
})

test('a shard that never throttled is not held back', () => {
  const rate = new ShardRate(0)
  for (let i = 0; i < 100; i++) assert.is(rate.take(50_000, 0), 0)
  assert.is(rate.bytesPerSecond, Infinity)
})

test('a throttle slows a shard down to less than what it took', () => {
  const rate = new ShardRate(0)
  for (let at = 0; at < 1_000; at += 100) rate.accepted(100_000, at)
  rate.throttled(1_000)
  assert.ok(rate.bytesPerSecond > 500_000 && rate.bytesPerSecond < 1_000_000)
})

test('throttles at the same time are one, later ones slow down further, to a bound', () => {
  const rate = new ShardRate(0)
  rate.accepted(1_000_000, 500)
  rate.throttled(1_000)
  const once = rate.bytesPerSecond
  rate.throttled(1_100)
  rate.throttled(1_499)
  assert.is(rate.bytesPerSecond, once)
  rate.throttled(1_500)
  assert.is(Math.round(rate.bytesPerSecond), Math.round(once * 0.7))
  for (let i = 0; i < 50; i++) rate.throttled(2_000 + i * 600)
  assert.is(rate.bytesPerSecond, 32 * 1024)
})

test('success speeds a shard up again, by as much each second whatever the sizes', () => {
  for (const bytes of [1_000, 10_000]) {
    const rate = new ShardRate(0)
    rate.accepted(1_000_000, 500)
    rate.throttled(1_000)
    const before = rate.bytesPerSecond
    // A second's worth at that rate.
    for (let sent = 0; sent < before; sent += bytes) rate.accepted(bytes, 1_500)
    const gained = rate.bytesPerSecond - before
    assert.ok(gained > 60_000 && gained <= 70_000, `${gained} bytes/s`)
  }
})

test('a wait is as long as it takes to earn the bytes, and then they may go', () => {
  const rate = new ShardRate(0)
  rate.throttled(0)
  const wait = rate.take(16_384, 0)
  assert.is(wait, 500)
  assert.ok(rate.take(16_384, 499) > 0)
  assert.is(rate.take(16_384, 500), 0)
  assert.is(rate.take(16_384, 500), 500)
})

test('an aggregate larger than the burst may go all the same, in its time', () => {
  const rate = new ShardRate(0)
  rate.throttled(0)
  let now = 0
  for (let i = 0; i < 5; i++) now += rate.take(100_000, now)
  assert.ok(now >= 3_000 && now < 16_000)
  let waits = 0
  while (rate.take(100_000, now) > 0) {
    now += rate.take(100_000, now)
    assert.ok(++waits < 5, 'never')
  }
})

test('a wait is never a fraction that the clock could lose', () => {
  const rate = new ShardRate(0)
  rate.throttled(0)
  for (let now = 0.1; now < 5_000; now += 13.37) {
    const wait = rate.take(7_777, now)
    assert.ok(Number.isInteger(wait), `${wait} ms`)
    if (wait > 0) assert.is(rate.take(7_777, now + wait), 0, `after ${wait} ms`)
  }
})

const plan = (changes: Partial<Parameters<typeof planDeal>[0]>): ReturnType<typeof planDeal> =>
  planDeal({
    shards: 4,
    lanes: undefined,
    fullCount: 593,
    trips: 100_000,
    spanMillis: 86_400_000,
    speed: Infinity,
    lingerMillis: 250,
    ...changes,
  })

test('a run has two lanes a shard, four at least and 512 at most, or what was asked for', () => {
  assert.is(plan({ shards: 4 }).lanes, 8)
  assert.is(plan({ shards: 1 }).lanes, 4)
  assert.is(plan({ shards: 0 }).lanes, 4)
  assert.is(plan({ shards: 5_000 }).lanes, 512)
  assert.is(plan({ shards: 4, lanes: 3 }).lanes, 3)
})

test('at full speed a hand fills an aggregate', () => {
  assert.equal(plan({}), { lanes: 8, handSize: 593 })
  assert.equal(plan({ trips: 0, spanMillis: NaN, speed: 60 }), { lanes: 8, handSize: 593 })
})

test('paced, every lane gets a hand within the time that its trips wait', () => {
  for (const speed of [1, 60, 960, 3_600, 1e6]) {
    const { lanes, handSize } = plan({ speed })
    const perSecond = 100_000 / (86_400 / speed)
    const round = (lanes * handSize) / perSecond
    assert.ok(handSize >= 1 && handSize <= 593)
    assert.ok(handSize === 1 || round <= 0.25 * 1.5, `a round takes ${round} s at ${speed}`)
  }
})

test('trips that are all at one time make whole hands', () => {
  assert.is(plan({ spanMillis: 0, speed: 1 }).handSize, 593)
  assert.is(plan({ spanMillis: 0, speed: 1, trips: 1 }).handSize, 31)
})

test.run()
