/** A busy shard with few write units: what waits for a flush is bounded, and so are the pauses. */
import * as assert from 'uvu/assert'
import { progressPk } from '../../src/counts/keys.ts'
import type { ShardConsumer } from '../../src/pipeline/shard-consumer.ts'
import { WriteBudget } from '../../src/pipeline/write-budget.ts'
import { seededRandom } from '../../src/time/random.ts'
import { closedShard } from '../support/canned-stream.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { hourlyTrips } from '../support/hourly-trips.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { plainConsumer, plainGeneration } from '../support/plain-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('a shard that brings more than its write budget lets be written')

const RECORDS = 24_000
const A_READ = 100
const UNITS_PER_SECOND = 25
/** As many blocks as are flushed at once; each takes a unit or so, and a burst is a minute's units. */
const A_FLUSH = 1_500

const generation = plainGeneration({ paneMillis: 15 * 60_000 })

const tripAt = hourlyTrips(RECORDS)

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
    const kinesis = closedShard(RECORDS, (i) => {
      this.read = Math.max(this.read, i + 1)
      return tripAt(i)
    })
    return plainConsumer(
      { generation, cachedBytes: 0, readMillis: 250, readLimit: A_READ },
      {
        kinesis,
        table: this.table,
        clock: this.clock,
        random: seededRandom(2),
        budget: new WriteBudget(UNITS_PER_SECOND, this.clock.monotonicMillis()),
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
