import * as assert from 'uvu/assert'
import { within } from '../../src/time/within.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('a wait within bounds')

test('ends with its work, and leaves no timer behind', async () => {
  const clock = new FakeClock()
  await within(1_000, Promise.resolve('done'), clock)
  assert.is(clock.sleepers, 0)
})

test('ends without its work when that takes too long', async () => {
  const clock = new FakeClock()
  let ended = false
  const waiting = within(1_000, new Promise(() => undefined), clock).then(() => (ended = true))
  await clock.advance(999)
  assert.not(ended)
  await clock.advance(1)
  assert.ok(ended)
  await waiting
})

test('rejects when its work does in time, and is deaf to it afterwards', async () => {
  const clock = new FakeClock()
  const early = within(1_000, Promise.reject(new Error('broken')), clock)
  assert.is(await early.catch((error: unknown) => (error as Error).message), 'broken')
  assert.is(clock.sleepers, 0)
  let fail: (error: Error) => void = () => undefined
  const late = within(1_000, new Promise((_, reject) => (fail = reject)), clock)
  await clock.advance(1_000)
  await late
  fail(new Error('too late'))
  await clock.advance(1)
})

test.run()
