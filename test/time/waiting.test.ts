import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { backoffMillis } from '../../src/time/backoff.ts'
import { systemClock } from '../../src/time/clock.ts'
import { seededRandom, systemRandom } from '../../src/time/random.ts'
import { isRetryable, retrying } from '../../src/time/retry.ts'
import { Waker } from '../../src/time/waker.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('waiting and trying again')

const failure = (retryable: boolean): HailstreamError =>
  new HailstreamError('ENDPOINT', { subject: 's', got: 'g', expected: 'e' }, { retryable })

test('a back-off doubles up to its cap, between half of it and all of it', () => {
  for (const [random, share] of [
    [() => 0, 0.5],
    [() => 1 - 2 ** -53, 1],
  ] as const) {
    const waits = [1, 2, 3, 4, 8, 100, 10_000].map((attempt) => backoffMillis(attempt, random))
    assert.equal(
      waits.map(Math.round),
      [50, 100, 200, 400, 5_000, 5_000, 5_000].map((wait) => wait * share),
    )
  }
  assert.is(
    backoffMillis(3, () => 0, { baseMillis: 10, capMillis: 30 }),
    15,
  )
})

test('what fails for a passing reason is tried again, after a pause each time', async () => {
  const clock = new FakeClock()
  const attempts: number[] = []
  let calls = 0
  const work = retrying(
    () => (++calls < 4 ? Promise.reject(failure(true)) : Promise.resolve('done')),
    { clock, random: () => 0, onRetry: (_error, attempt) => attempts.push(attempt) },
  )
  await clock.advance(25 + 50 + 100)
  assert.is(await work, 'done')
  assert.equal(attempts, [1, 2, 3])
})

test('what fails for good fails at once', async () => {
  let calls = 0
  const ports = { clock: new FakeClock(), random: () => 0 }
  for (const error of [failure(false), new Error('bug')]) {
    const outcome = await retrying(() => {
      calls++
      throw error
    }, ports).catch((thrown: unknown) => thrown)
    assert.is(outcome, error)
  }
  assert.is(calls, 2)
})

test('nothing is tried again once it is not wanted any more', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  let calls = 0
  const work = retrying(
    () => {
      calls++
      return Promise.reject(failure(true))
    },
    { clock, random: () => 0 },
    stop.signal,
  ).catch((error: unknown) => error)
  await clock.advance(30)
  assert.is(calls, 2)
  stop.abort()
  assert.ok(isRetryable(await work))
  assert.is(calls, 3)
  assert.is(clock.sleepers, 0)
})

test('only an error that says so is retryable', () => {
  assert.ok(isRetryable(failure(true)))
  assert.not.ok(isRetryable(failure(false)))
  assert.not.ok(isRetryable({ retryable: true }))
  assert.not.ok(isRetryable(undefined))
})

test('a waker ends the sleep under way, and each call ends one', async () => {
  const clock = new FakeClock()
  const waker = new Waker(clock)
  const ended: string[] = []
  void waker.sleep(1_000).then(() => ended.push('first'))
  await clock.advance(10)
  waker.wake()
  await clock.advance(0)
  assert.equal(ended, ['first'])
  void waker.sleep(1_000).then(() => ended.push('second'))
  await clock.advance(999)
  assert.equal(ended, ['first'])
  await clock.advance(1)
  assert.equal(ended, ['first', 'second'])
  assert.is(clock.sleepers, 0)
})

test('a waker that is called before the sleep is not forgotten', async () => {
  const clock = new FakeClock()
  const waker = new Waker(clock)
  waker.wake()
  waker.wake()
  await waker.sleep(1_000)
  let ended = false
  void waker.sleep(1_000).then(() => (ended = true))
  await clock.advance(500)
  assert.not.ok(ended)
})

test('the system clock ends a sleep that is aborted, before or meanwhile', async () => {
  const stop = new AbortController()
  const startedAt = systemClock.monotonicMillis()
  const sleeping = systemClock.sleep(60_000, stop.signal)
  stop.abort()
  await sleeping
  await systemClock.sleep(60_000, stop.signal)
  await systemClock.sleep(-5)
  assert.ok(systemClock.monotonicMillis() - startedAt < 1_000)
})

test('a seed gives the same numbers for ever, and another seed others', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed)
    return Array.from({ length: 4 }, () => Math.floor(random() * 1_000_000))
  }
  assert.equal(draw(1), [...draw(1)])
  assert.is.not(String(draw(1)), String(draw(2)))
  const random = seededRandom(42)
  let sum = 0
  for (let i = 0; i < 10_000; i++) {
    const value = random()
    assert.ok(value >= 0 && value < 1)
    sum += value
  }
  assert.ok(Math.abs(sum / 10_000 - 0.5) < 0.02)
  const drawn = systemRandom()
  assert.ok(drawn >= 0 && drawn < 1)
})

test.run()
