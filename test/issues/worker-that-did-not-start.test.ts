/**
 * Once a worker listed the shards at its start without patience: when the connection to Kinesis broke
 * just then, a few times in a row, it went down. Found by `demo --chaos`, which loses replies. A worker
 * that has been answered before waits until it is answered again.
 */
import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { streamWith } from '../support/canned-stream.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { plainGeneration, plainWorker } from '../support/plain-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('a worker whose connection breaks at its start')

test('starts all the same', async () => {
  const clock = new FakeClock()
  let listings = 0
  const kinesis = streamWith({
    listShards: () => {
      if (++listings > 5) return Promise.resolve([])
      const parts = { subject: 'Kinesis', got: 'ECONNRESET', expected: 'an answer' }
      return Promise.reject(new HailstreamError('ENDPOINT', parts, { retryable: true }))
    },
  })
  const worker = plainWorker({ generation: plainGeneration() }, { kinesis, clock })
  const stop = new AbortController()
  let outcome = 'running'
  const ended = worker.run(stop.signal).then(
    () => (outcome = 'ended well'),
    () => (outcome = 'went down'),
  )
  await clock.advance(10_000)
  assert.is(outcome, 'running')
  assert.is(listings, 6)
  stop.abort()
  await clock.advanceUntil(() => outcome !== 'running', 10_000)
  await ended
  assert.is(outcome, 'ended well')
})

test.run()
