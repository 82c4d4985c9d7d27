/**
 * Once a worker listed the shards at its start without patience: when the connection to Kinesis broke
 * just then, a few times in a row, it went down. Found by `demo --chaos`, which loses replies. A worker
 * that has been answered before waits until it is answered again.
 */
import * as assert from 'uvu/assert'
import { makeGeneration, slotsOf, ZONES_ONLY } from '../../src/counts/generation.ts'
import { HailstreamError } from '../../src/errors.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import { Worker } from '../../src/pipeline/worker.ts'
import { seededRandom } from '../../src/time/random.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('a worker whose connection breaks at its start')

test('starts all the same', async () => {
  const clock = new FakeClock()
  const generation = makeGeneration({
    districts: ZONES_ONLY,
    paneMillis: 300_000,
    stream: { name: 's', creationTime: 1 },
    table: 't',
    application: 'a',
    startTimestamp: null,
    now: 1,
  })
  let listings = 0
  const unused = (): never => {
    throw new Error('nothing to read')
  }
  const worker = new Worker(
    {
      workerId: 'w',
      generation,
      slots: slotsOf(generation),
      locator: undefined,
      outOfOrdernessMillis: 60_000,
      flushMillis: 1_000,
      idleMillis: 1_000,
      readMillis: 1_000,
      readLimit: 10,
      cachedBytes: 100_000,
      failoverMillis: 10_000,
      checkpointMillis: 10_000,
      writeUnits: Infinity,
      mergeUnits: Infinity,
      mergeMillis: 1_000,
      rollingMillis: [],
    },
    {
      kinesis: {
        describe: unused,
        putRecords: unused,
        shardIterator: unused,
        getRecords: unused,
        listShards: () => {
          if (++listings > 5) return Promise.resolve([])
          const parts = { subject: 'Kinesis', got: 'ECONNRESET', expected: 'an answer' }
          return Promise.reject(new HailstreamError('ENDPOINT', parts, { retryable: true }))
        },
      },
      table: new MemoryTable(),
      leases: new MemoryLeaseStore(),
      clock,
      random: seededRandom(1),
      keepDeadLetters: () => Promise.resolve(),
      onEvent: () => undefined,
    },
  )
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
