import * as assert from 'uvu/assert'
import { unlessAborted } from '../../src/time/unless-aborted.ts'
import { suite } from '../support/suite.ts'

const test = suite('work that somebody waits for until they leave')

const never = new Promise<string>(() => undefined)

test('comes to what it comes to, while nobody leaves', async () => {
  const { signal } = new AbortController()
  assert.is(await unlessAborted(Promise.resolve('done'), signal), 'done')
  const failed = await unlessAborted(Promise.reject(new Error('no')), signal).catch(String)
  assert.is(failed, 'Error: no')
})

test('comes to nothing once they leave, or have left', async () => {
  const leave = new AbortController()
  const waiting = unlessAborted(never, leave.signal)
  leave.abort()
  assert.is(await waiting, undefined)
  assert.is(await unlessAborted(never, leave.signal), undefined)
})

test('that fails after they left is heard of by nobody', async () => {
  const leave = new AbortController()
  let fail: (error: Error) => void = () => undefined
  const work = new Promise<string>((_, reject) => (fail = reject))
  const waiting = unlessAborted(work, leave.signal)
  leave.abort()
  assert.is(await waiting, undefined)
  // An unhandled rejection would end the test's process.
  fail(new Error('too late'))
  await new Promise((resolve) => setTimeout(resolve, 5))
})

test.run()
