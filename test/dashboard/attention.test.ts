import * as assert from 'uvu/assert'
import { Attention } from '../../src/dashboard/attention.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('the attention of the dashboard')

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol()
  for (let i = 0; i < 5; i++) await Promise.resolve()
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

test('does not rest while somebody asks or watches', async () => {
  const clock = new FakeClock()
  let watched = false
  const attention = new Attention(clock, () => watched)
  const { signal } = new AbortController()
  clock.jump(14_999)
  assert.ok(await isSettled(attention.wanted(signal)))
  await attention.ask()
  clock.jump(14_999)
  assert.ok(await isSettled(attention.wanted(signal)))
  clock.jump(1)
  watched = true
  assert.ok(await isSettled(attention.wanted(signal)))
})

test('rests when nobody does, until somebody asks, who waits for a look', async () => {
  const clock = new FakeClock()
  const attention = new Attention(clock, () => false)
  const { signal } = new AbortController()
  clock.jump(15_000)
  const wanted = attention.wanted(signal)
  assert.not(await isSettled(wanted))
  const asked = [attention.ask(), attention.ask()]
  assert.ok(await isSettled(wanted))
  assert.not(await isSettled(Promise.race(asked)))
  attention.looked()
  await Promise.all(asked)
  assert.ok(await isSettled(attention.wanted(signal)))
})

test('ends a rest when all ends, and leaves nobody waiting', async () => {
  const clock = new FakeClock()
  const attention = new Attention(clock, () => false)
  const stop = new AbortController()
  clock.jump(15_000)
  const wanted = attention.wanted(stop.signal)
  stop.abort()
  const asked = attention.ask()
  await wanted
  assert.ok(await isSettled(asked))
  assert.ok(await isSettled(attention.wanted(stop.signal)))
})

test.run()
