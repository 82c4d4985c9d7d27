import * as assert from 'uvu/assert'
import { firstCall } from '../../src/aws/first-call.ts'
import { serviceError } from '../../src/aws/service-error.ts'
import { messageOf } from '../../src/errors.ts'
import { seededRandom } from '../../src/time/random.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('the first call of a program')

/** Calls something that fails `failures` times with `code`, and lets time pass. */
async function call(
  code: string,
  failures: number,
  drain = new AbortController(),
): Promise<{ told: string; calls: number; tookMillis: number }> {
  const clock = new FakeClock()
  const startedAt = clock.monotonicMillis()
  let calls = 0
  const work = (): Promise<string> => {
    if (++calls > failures) return Promise.resolve('an answer')
    const broken = Object.assign(new Error(code), { code })
    return Promise.reject(serviceError(broken, 'It', { code: 'STREAM', fix: '' }))
  }
  let over = false
  const told = firstCall(work, { clock, random: seededRandom(1) }, drain.signal)
    .catch(messageOf)
    .finally(() => (over = true))
  await clock.advanceUntil(() => over, 60_000)
  return { told: await told, calls, tookMillis: clock.monotonicMillis() - startedAt }
}

test('is repeated when the connection breaks', async () => {
  const { told, calls } = await call('ECONNRESET', 5)
  assert.is(told, 'an answer')
  assert.is(calls, 6)
})

test('is given up when it keeps breaking, within seconds', async () => {
  const { told, calls, tookMillis } = await call('ECONNRESET', 99)
  assert.match(told, /^It: got ECONNRESET, expected an answer/)
  assert.is(calls, 6)
  assert.ok(tookMillis < 5_000)
})

test('is not repeated where nobody is, nor where it is wrong, nor by one who is to stop', async () => {
  assert.is((await call('ECONNREFUSED', 99)).calls, 1)
  assert.is((await call('ENOTFOUND', 99)).calls, 1)
  assert.is((await call('ESOMETHING', 99)).calls, 1)
  const drain = new AbortController()
  drain.abort()
  assert.is((await call('ECONNRESET', 99, drain)).calls, 1)
})

test.run()
