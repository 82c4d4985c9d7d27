import { setImmediate } from 'node:timers/promises'
import * as assert from 'uvu/assert'
import type { Clock } from '../../src/time/clock.ts'
import { Slices, slicesOf } from '../../src/time/slices.ts'
import { suite } from '../support/suite.ts'

const test = suite('work in slices')

/** Goes on by what is worked; whoever sleeps waits for `turn`. */
class WorkClock implements Clock {
  millis = 100
  readonly sleepers: (() => void)[] = []

  now(): number {
    return this.millis
  }

  monotonicMillis(): number {
    return this.millis
  }

  sleep(millis: number): Promise<void> {
    assert.is(millis, 0)
    return new Promise((resolve) => this.sleepers.push(resolve))
  }

  /** Everyone who sleeps wakes up. */
  async turn(): Promise<void> {
    for (const wake of this.sleepers.splice(0)) wake()
    await setImmediate()
  }
}

test('goes on while a slice lasts, and lets others go first when it is over', async () => {
  const clock = new WorkClock()
  const slices = new Slices(clock)
  let done = 0
  const working = (async () => {
    for (; done < 8; done++) {
      while (slices.over) await slices.pause()
      clock.millis += 2
    }
  })()
  await setImmediate()
  assert.is(done, 3)
  await clock.turn()
  assert.is(done, 6)
  await clock.turn()
  assert.is(done, 8)
  await working
})

test('is in one slice for all who work side by side', async () => {
  const clock = new WorkClock()
  const slices = new Slices(clock)
  let done = 0
  const work = async (): Promise<void> => {
    while (slices.over) await slices.pause()
    clock.millis += 3
    done++
  }
  const all = Promise.all([work(), work(), work(), work(), work()])
  await setImmediate()
  assert.is(done, 2)
  await clock.turn()
  assert.is(done, 4)
  await clock.turn()
  assert.is(done, 5)
  await all
})

test('gives way to nobody for the time in which nothing was done', async () => {
  const clock = new WorkClock()
  const slices = new Slices(clock)
  assert.not(slices.over)
  await clock.turn()
  clock.millis += 60_000
  assert.not(slices.over)
  clock.millis += 5
  assert.ok(slices.over)
  await clock.turn()
  assert.not(slices.over)
})

test('lets others go first where work in steps says so', async () => {
  const clock = new WorkClock()
  let done = 0
  function* steps(): Generator<void, string> {
    for (; done < 4; done++) {
      clock.millis += 3
      yield
    }
    return 'all'
  }
  const working = slicesOf(clock).finish(steps())
  await setImmediate()
  assert.is(done, 1)
  await clock.turn()
  await clock.turn()
  assert.is(await working, 'all')
})

test('are the same for all who go by one clock', () => {
  const clock = new WorkClock()
  assert.is(slicesOf(clock), slicesOf(clock))
  assert.is.not(slicesOf(clock), slicesOf(new WorkClock()))
})

test.run()
