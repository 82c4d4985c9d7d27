/**
 * `--order dropoff`, for real: trips of months are sent when they end, up to ten hours after they
 * began, and counted and merged as they come.
 */
import * as assert from 'uvu/assert'
import { attributesOf, numberOf } from '../../src/counts/item-values.ts'
import { hourPk, statusKey } from '../../src/counts/keys.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { sumsFrom, unclassifiedFrom } from '../../src/merge/columns.ts'
import { Merger } from '../../src/merge/merger.ts'
import type { ShardConsumer } from '../../src/pipeline/shard-consumer.ts'
import { Replayer } from '../../src/replay/replayer.ts'
import { seededRandom } from '../../src/time/random.ts'
import { DAY_MILLIS, HOUR_MILLIS } from '../../src/time/units.ts'
import { differences } from '../../src/verify/compare.ts'
import type { PaneCounts } from '../../src/verify/recount.ts'
import { parseSpanKey } from '../../src/windows/pane.ts'
import { makeTrips, recordsOf } from '../simulation/city.ts'
import type { TripFact } from '../simulation/city.ts'
import { endsOf, panesOf } from '../simulation/truth.ts'
import { FakeStream, runOf } from '../replay/stage.ts'
import { closedShard } from '../support/canned-stream.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { plainConsumer, plainGeneration } from '../support/plain-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('trips that are late by hours', { timeoutMillis: 60_000 })

const TRIPS = 20_000
const DAYS = 60
const PANE = 15 * 60_000
/** How many share the cache. */
const SHARDS = 3
const CACHED_BYTES = 100_000
const run = runOf({ lanes: 2, handSize: 5 }, { order: 'dropoff' })
const generation = plainGeneration({ paneMillis: PANE })

test('revise final panes, none is dropped, and memory is bounded', async () => {
  const facts = makeTrips(
    {
      count: TRIPS,
      firstTime: Date.UTC(2016, 0, 1),
      spanMillis: DAYS * DAY_MILLIS,
      order: 'dropoff',
      longestMillis: 10 * HOUR_MILLIS,
      unreadable: 0,
    },
    seededRandom(1),
  )
  const clock = new FakeClock()
  const table = new MemoryTable()
  const consumer = consumerOf(await sent(facts), table, clock)
  const merger = new Merger(
    { generation, tickMillis: 1_000, rollingMillis: [HOUR_MILLIS], concurrency: 4 },
    { table, clock },
    { merged: new Map(), pending: new Map() },
  )

  let bytes = 0
  let hours = 0
  let pending = 0
  table.onCall = () => (bytes = Math.max(bytes, consumer.inMemory.bytes))
  const never = new AbortController().signal
  let outcome = ''
  void consumer.run(never, never).then((how) => (outcome = how))
  const status = (): Item | undefined => {
    const { pk, sk } = statusKey(generation.id, run.id)
    return table.item(pk, sk)
  }
  for (let ticks = 0; status()?.complete !== true && ticks < 5_000; ticks++) {
    await clock.advance(1_000)
    await merger.tick()
    hours = Math.max(hours, merger.hoursInMemory)
    const { length } = merger.state().pending.get(run.id) ?? []
    pending = Math.max(pending, length)
  }
  assert.is(outcome, 'ended')
  assert.is(status()?.trips, TRIPS)
  assert.is(status()?.lostTrips, 0)

  const items = table.items(hourPk(generation.id, run.id))
  assert.ok(items.length > 24 * DAYS)
  assert.equal([...differences(panesOf(facts.flatMap(endsOf), PANE), hoursOf(items))], [])
  const revised = items.filter(({ revision }) => numberOf(revision) > 0)
  assert.ok(revised.length > items.length / 4, `${revised.length} of ${items.length} revised`)
  assert.ok(items.every(({ final }) => final === true))

  // However many there are: a cache, and what one batch touches; the hours that windows reach back
  // to; and those that wait to be written.
  const inABatch = 40 * 10_000
  assert.ok(bytes > CACHED_BYTES && bytes <= CACHED_BYTES + inABatch, `${bytes} bytes`)
  assert.ok(hours <= 24, `${hours} hours`)
  assert.ok(pending <= 48, `${pending} hours pending`)
})

/** What the producer puts of them. */
async function sent(facts: readonly TripFact[]): Promise<FakeStream> {
  const clock = new FakeClock()
  const stream = new FakeStream(clock)
  const replayer = new Replayer(
    {
      trips: facts.length,
      firstTime: facts[0].release,
      lastTime: facts[facts.length - 1].release,
      async *slabs() {
        await Promise.resolve()
        yield { bytes: recordsOf(facts), count: facts.length }
      },
    },
    {
      run,
      speed: Infinity,
      aggregateBytes: 1_500,
      lingerMillis: 250,
      heartbeatMillis: 1_000,
      bufferBytes: 16_000_000,
      maxRequests: 1,
    },
    { kinesis: stream, clock, random: seededRandom(2), saveFrontier: () => Promise.resolve() },
    new AbortController().signal,
  )
  let complete = false
  void replayer.run().then((outcome) => ({ complete } = outcome))
  await clock.advanceUntil(() => complete, 10 * HOUR_MILLIS)
  return stream
}

/** Reads them from a shard that is closed after the last, some at a time. */
function consumerOf({ puts }: FakeStream, table: MemoryTable, clock: FakeClock): ShardConsumer {
  return plainConsumer(
    {
      generation,
      flushMillis: 0,
      cachedBytes: SHARDS * CACHED_BYTES,
      readMillis: 250,
      readLimit: 4,
    },
    {
      kinesis: closedShard(puts.length, (i) => puts[i].data),
      table,
      clock,
      random: seededRandom(3),
      shardsCounted: () => SHARDS,
    },
  )
}

function hoursOf(items: readonly Item[]): PaneCounts {
  const panes: PaneCounts = new Map()
  for (const item of items) {
    for (const [key, value] of Object.entries(attributesOf(item.panes))) {
      const pane = attributesOf(value)
      const sums = sumsFrom(pane)
      const unclassified = unclassifiedFrom(pane.unclassified)
      panes.set(startOf(item.sk, key), { sums, unclassified })
    }
  }
  return panes
}

function startOf(hour: string, pane: string): number {
  return parseSpanKey(hour) + Number(pane.slice(-2)) * 60_000
}

test.run()
