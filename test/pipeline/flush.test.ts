import * as assert from 'uvu/assert'
import type { ShardCounter } from '../../src/counts/shard-counter.ts'
import { HailstreamError } from '../../src/errors.ts'
import { flush } from '../../src/pipeline/flush.ts'
import { WriteBudget } from '../../src/pipeline/write-budget.ts'
import { seededRandom } from '../../src/time/random.ts'
import { isRetryable, retrying } from '../../src/time/retry.ts'
import { batchOf, counterFor, MINUTE } from '../counts/batches.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('a flush')

const passing = new HailstreamError(
  'ENDPOINT',
  { subject: 's', got: 'a timeout', expected: 'an answer' },
  { retryable: true },
)

/** A counter with trips in six blocks, up to record `seq`. */
function counted(seq: number): ShardCounter {
  const counter = counterFor()
  const trips = Array.from({ length: 6 }, (_, i) => ({ at: i * 15 * MINUTE }))
  const batch = batchOf([{ seq, trips }])
  for (const ref of counter.missingBlocks(batch)) counter.install(ref)
  counter.absorb(batch)
  return counter
}

const notes = (worker = 'w', writtenAt = 1): Parameters<typeof flush>[1] => ({
  worker,
  writtenAt,
  millisBehindLatest: 0,
})

function targetOf(
  table: MemoryTable,
  budget = new WriteBudget(Infinity, 0),
): Parameters<typeof flush>[2] {
  return {
    table,
    generation: 'g',
    budget,
    clock: instantClock(),
    concurrency: 3,
    persist: (work) => retrying(work, { clock: instantClock(), random: seededRandom(1) }),
  }
}

function instantClock(): FakeClock {
  const clock = new FakeClock()
  clock.sleep = () => Promise.resolve()
  return clock
}

test('writes every partial before the progress that says so', async () => {
  const table = new MemoryTable()
  assert.is(await flush(counted(5), notes(), targetOf(table)), 'ok')
  const kinds = table.written.map(({ pk }) => pk.split('#')[0])
  assert.equal(kinds, [...Array<string>(6).fill('partial'), 'progress'])
})

test('writes no progress while a partial is not written', async () => {
  const table = new MemoryTable()
  let calls = 0
  table.onCall = (call) => {
    if (call === 'put' && ++calls === 4) throw new Error('for good')
  }
  const outcome = await flush(counted(5), notes(), targetOf(table)).catch(() => 'failed')
  assert.is(outcome, 'failed')
  await new Promise((resolve) => setImmediate(resolve))
  assert.is(table.items('progress#').length, 0)
})

test('is patient with what passes', async () => {
  const table = new MemoryTable()
  const random = seededRandom(2)
  table.onCall = () => {
    if (random() < 0.5) throw passing
  }
  assert.is(await flush(counted(5), notes(), targetOf(table)), 'ok')
  assert.is(table.items('partial#').length, 6)
  assert.ok(isRetryable(passing))
})

test('of a worker that is behind is refused, and changes nothing', async () => {
  const table = new MemoryTable()
  await flush(counted(9), notes('ahead'), targetOf(table))
  const before = JSON.stringify(table.items())
  for (const seq of [7, 9]) {
    assert.is(await flush(counted(seq), notes('late'), targetOf(table)), 'refused')
    assert.is(JSON.stringify(table.items()), before)
  }
})

test('whose reply was lost knows its own progress again', async () => {
  const table = new MemoryTable()
  const { put } = table
  let lost = false
  table.put = async (item, condition) => {
    const outcome = await put.call(table, item, condition)
    if (lost || !item.pk.startsWith('progress#')) return outcome
    lost = true
    throw passing
  }
  assert.is(await flush(counted(5), notes(), targetOf(table)), 'ok')
  assert.ok(lost)
})

test('spends what it writes', async () => {
  const budget = new WriteBudget(1, 0)
  assert.ok(budget.available(0))
  for (let i = 1; i <= 6; i++) await flush(counted(i), notes(), targetOf(new MemoryTable(), budget))
  // Six partials of one unit each and a progress of four, six times: as much as a minute allows.
  assert.not.ok(budget.available(0))
  assert.ok(budget.available(1))
})

test("a budget earns by the second, up to a minute's worth, and allows a debt", () => {
  const budget = new WriteBudget(2, 1_000)
  budget.spend(119 * 1_024)
  assert.ok(budget.available(1_000))
  budget.spend(41 * 1_024)
  assert.not.ok(budget.available(1_000))
  assert.not.ok(budget.available(21_000))
  assert.ok(budget.available(21_001))
  assert.ok(budget.available(10_000_000))
  budget.spend(119 * 1_024)
  assert.ok(budget.available(10_000_000))
  budget.spend(1)
  assert.not.ok(budget.available(10_000_000))
})

test('a budget without a limit never ends', () => {
  const budget = new WriteBudget(Infinity, 0)
  budget.spend(1e15)
  assert.ok(budget.available(0))
})

test.run()
