/** A busy shard with few write units: what waits for a flush is bounded, and so are the pauses. */
import * as assert from 'uvu/assert'
import { makeGeneration, slotsOf } from '../../src/counts/generation.ts'
import { progressPk } from '../../src/counts/keys.ts'
import type { KinesisPort } from '../../src/kinesis/kinesis-port.ts'
import { MAX_HASH_KEY } from '../../src/kinesis/hash-key.ts'
import { ShardConsumer } from '../../src/pipeline/shard-consumer.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'
import { WriteBudget } from '../../src/pipeline/write-budget.ts'
import { seededRandom } from '../../src/time/random.ts'
import { HOUR_MILLIS } from '../../src/time/units.ts'
import { TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { CITY, LOCATOR, makeTrips, recordsOf } from '../simulation/city.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('a shard that brings more than its write budget lets be written')

const RECORDS = 24_000
const A_READ = 100
const UNITS_PER_SECOND = 25
/** As many blocks as are flushed at once; each takes a unit or so, and a burst is a minute's units. */
const A_FLUSH = 1_500

const generation = makeGeneration({
  districts: CITY,
  paneMillis: 15 * 60_000,
  stream: { name: 's', creationTime: 0 },
  table: 't',
  application: 'a',
  startTimestamp: null,
  now: 1,
})

/** A trip an hour, so that nearly every one is in a block of its own. */
const records = recordsOf(
  makeTrips(
    {
      count: RECORDS,
      firstTime: Date.UTC(2009, 0, 1),
      spanMillis: RECORDS * HOUR_MILLIS,
      order: 'pickup',
      longestMillis: 60_000,
      unreadable: 0,
    },
    seededRandom(1),
  ),
)

class Stage {
  readonly clock = new FakeClock()
  readonly table = new MemoryTable()
  readonly drain = new AbortController()
  readonly lost = new AbortController()
  /** At each flush. */
  readonly flushedAt: number[] = []
  mostBlocks = 0
  read = 0
  outcome = ''

  constructor() {
    const consumer = this.#consumer()
    this.table.onCall = (call, { pk }) => {
      this.mostBlocks = Math.max(this.mostBlocks, consumer.inMemory.blocks)
      if (call !== 'put' || pk !== progressPk(generation.id)) return
      this.flushedAt.push(this.clock.monotonicMillis())
    }
    void consumer
      .run(this.drain.signal, this.lost.signal)
      .then((outcome) => (this.outcome = outcome))
  }

  /** Until nothing is read because there is no budget. */
  async untilItWaits(): Promise<void> {
    for (let read = -1; read !== this.read || this.flushedAt.length < 5;) {
      read = this.read
      await this.clock.advance(2_000)
    }
  }

  #consumer(): ShardConsumer {
    const never = (): Promise<never> => Promise.reject(new Error('nothing calls this'))
    const recordAt = (i: number) => ({
      sequenceNumber: String(i + 1),
      partitionKey: 'k',
      data: records.subarray(i * TRIP_RECORD_BYTES, (i + 1) * TRIP_RECORD_BYTES),
      arrivalTime: 0,
    })
    const kinesis: KinesisPort = {
      describe: never,
      putRecords: never,
      listShards: never,
      shardIterator: () => Promise.resolve('0'),
      getRecords: (iterator) => {
        const first = Number(iterator)
        const end = Math.min(RECORDS, first + A_READ)
        this.read = end
        const reply = Array.from({ length: end - first }, (_, i) => recordAt(first + i))
        const next = end < RECORDS ? { nextIterator: String(end) } : {}
        return Promise.resolve({ records: reply, millisBehindLatest: 0, ...next })
      },
    }
    return new ShardConsumer(
      {
        shardId: 'shard-0',
        parentShardIds: [],
        startingHashKey: '0',
        endingHashKey: String(MAX_HASH_KEY),
        startingSequenceNumber: '0',
      },
      {
        kind: 'start',
        progress: emptyProgress('shard-0'),
        from: { type: 'TRIM_HORIZON' },
        gaps: [],
      },
      {
        workerId: 'w',
        generation,
        slots: slotsOf(generation),
        locator: LOCATOR,
        outOfOrdernessMillis: 0,
        flushMillis: 1_000,
        cachedBytes: 0,
        idleMillis: 400,
        readMillis: 250,
        readLimit: A_READ,
      },
      {
        kinesis,
        table: this.table,
        clock: this.clock,
        random: seededRandom(2),
        budget: new WriteBudget(UNITS_PER_SECOND, this.clock.monotonicMillis()),
        keepDeadLetters: () => Promise.resolve(),
      },
    )
  }
}

test('is read no further than one flush takes, and is flushed at a steady pace', async () => {
  const stage = new Stage()
  await stage.clock.advanceUntil(() => stage.outcome !== '', 7_200_000)
  assert.is(stage.outcome, 'ended')
  assert.ok(stage.mostBlocks <= A_FLUSH + 2 * A_READ, `${stage.mostBlocks} blocks`)
  const pauses = stage.flushedAt.slice(1).map((at, i) => at - stage.flushedAt[i])
  const longest = Math.max(...pauses) / 1000
  assert.ok(
    longest > 30 && longest <= (A_FLUSH + 2 * A_READ) / UNITS_PER_SECOND + 5,
    `${longest} s`,
  )
})

test('is drained at once while it waits, with all that was read', async () => {
  const stage = new Stage()
  await stage.untilItWaits()
  stage.drain.abort()
  await stage.clock.advanceUntil(() => stage.outcome !== '', 1_000)
  assert.is(stage.outcome, 'stopped')
  const [progress] = stage.table.items(progressPk(generation.id))
  assert.is(Number(progress.seq), stage.read)
})

test('is let go at once while it waits, when the lease is lost', async () => {
  const stage = new Stage()
  await stage.untilItWaits()
  stage.lost.abort()
  await stage.clock.advanceUntil(() => stage.outcome !== '', 1_000)
  assert.is(stage.outcome, 'lost')
})

test.run()
