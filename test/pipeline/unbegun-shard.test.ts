/** The first to count a shard: it says so before anything else, and knows what is not in the table. */
import * as assert from 'uvu/assert'
import { progressPk } from '../../src/counts/keys.ts'
import { progressItem } from '../../src/counts/progress.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'
import { closedShard } from '../support/canned-stream.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { hourlyTrips } from '../support/hourly-trips.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { plainConsumer, plainGeneration } from '../support/plain-worker.ts'
import { suite } from '../support/suite.ts'

const test = suite('a shard that nobody has begun')

const TRIPS = 60
const generation = plainGeneration({ paneMillis: 15 * 60_000 })
const tripAt = hourlyTrips(TRIPS)

async function count(table: MemoryTable, cachedBytes = 1e9): Promise<string> {
  const clock = new FakeClock()
  const signal = new AbortController().signal
  const consumer = plainConsumer(
    { generation, cachedBytes, flushMillis: 0 },
    {
      kinesis: closedShard(TRIPS, tripAt),
      table,
      clock,
    },
  )
  let outcome = ''
  void consumer.run(signal, signal).then((how) => (outcome = how))
  await clock.advanceUntil(() => outcome !== '', 600_000)
  return outcome
}

test('is begun by progress that is written before the first partial', async () => {
  const table = new MemoryTable()
  let reads = 0
  table.onCall = (call, { pk }) => {
    if (call === 'get' && pk.startsWith('partial#')) reads++
  }
  assert.is(await count(table), 'ended')
  const [first, second] = table.written
  assert.equal([first.pk, first.seq], [progressPk(generation.id), ''])
  assert.ok(second.pk.startsWith('partial#'))
  assert.is(reads, 0, 'no partial was there to be read')
})

test('has blocks that were let go read back', async () => {
  const [roomy, tight] = [new MemoryTable(), new MemoryTable()]
  await count(roomy)
  await count(tight, 0)
  const countsOf = (table: MemoryTable): unknown[] =>
    table.items('partial#').map(({ pk, seq, counts }) => [pk, seq, counts])
  assert.equal(countsOf(tight), countsOf(roomy))
})

test('is left to whoever was faster, and no partial is written', async () => {
  const table = new MemoryTable()
  const begun = { ...emptyProgress('shard-0'), worker: 'faster', writtenAt: 1 }
  await table.put(progressItem(generation.id, begun))
  assert.is(await count(table), 'behind')
  assert.is(table.items('partial#').length, 0)
})

test.run()
