/**
 * The counts of a shard are a function of its records alone: not of how they came in batches, of
 * when they were flushed, of who counted them, nor of where a worker was killed.
 */
import * as assert from 'uvu/assert'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { ShardCounter } from '../../src/counts/shard-counter.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Random } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import type { SegmentSpec } from './batches.ts'
import { batchOf, MINUTE, seqOf } from './batches.ts'
import { CounterTable, feed, flushAll, flushSteps } from './counter-harness.ts'

const test = suite('the counts of a shard, by any cut')

const IDS = ['a', 'b', 'c', 'd']
const RECORDS = 60

function below(random: Random, n: number): number {
  return Math.floor(random() * n)
}

/** A shard with two runs of some lanes, duplicates from two producers, foreign and dead records. */
function shardOf(random: Random): SegmentSpec[] {
  const next = new Map<string, number>()
  return Array.from({ length: RECORDS }, (_, i): SegmentSpec => {
    const seq = (i + 1) * 7
    const trips = Array.from({ length: below(random, 6) }, () => ({
      at: below(random, 90) * MINUTE,
      off: random() < 0.1 ? null : below(random, 120) * MINUTE,
      from: random() < 0.2 ? -1 - below(random, 8) : below(random, IDS.length),
      to: random() < 0.2 ? -1 - below(random, 8) : below(random, IDS.length),
      passengers: below(random, 5),
      fare: below(random, 5_000),
      tip: below(random, 900),
      total: below(random, 6_000) - 100,
      dead: random() < 0.05,
    }))
    if (random() < 0.2) return { seq, trips }
    const runId = random() < 0.5 ? 'r1' : 'r2'
    const lane = below(random, 3)
    const key = `${runId} ${lane}`
    const expected = next.get(key) ?? 0
    // Now and then a retry of what was sent before, cut in another way, or a hole.
    const firstOrdinal = Math.max(0, expected + (random() < 0.3 ? below(random, 9) - 6 : 0))
    next.set(key, Math.max(expected, firstOrdinal + trips.length))
    const control = { runId, lane, lanes: 3, firstOrdinal, watermark: i * MINUTE }
    return { seq, control: { ...control, ended: random() < 0.02 }, trips }
  })
}

function counterAt(table: CounterTable, slots: DistrictSlots): ShardCounter {
  return new ShardCounter({
    generation: 'g',
    geometry: { paneMillis: 5 * MINUTE, blockMillis: 15 * MINUTE },
    slots,
    progress: table.progress(),
    outOfOrdernessMillis: 0,
    fromBeginning: true,
  })
}

/** Everything in one batch and one flush. */
function truth(shard: readonly SegmentSpec[]): CounterTable {
  const table = new CounterTable()
  const counter = counterAt(table, new DistrictSlots(IDS, false))
  feed(counter, batchOf(shard), table)
  flushAll(counter, table)
  return table
}

function assertSame(table: CounterTable, expected: CounterTable, what: string): void {
  assert.equal(table.partials(), expected.partials(), what)
  const { seq, lanes, duplicates, tripsCounted, foreignWatermark } = table.progress()
  const other = expected.progress()
  assert.equal(
    { seq, lanes, duplicates, tripsCounted, foreignWatermark },
    {
      seq: other.seq,
      lanes: other.lanes,
      duplicates: other.duplicates,
      tripsCounted: other.tripsCounted,
      foreignWatermark: other.foreignWatermark,
    },
    what,
  )
}

test('any batches and any flushes give the same partials', () => {
  for (let seed = 0; seed < 25; seed++) {
    const random = seededRandom(seed)
    const shard = shardOf(random)
    const table = new CounterTable()
    const slots = new DistrictSlots([], true)
    for (const id of IDS) slots.slotOf(id)
    const counter = counterAt(table, slots)
    for (let at = 0; at < shard.length;) {
      const size = 1 + below(random, 12)
      feed(counter, batchOf(shard.slice(at, at + size)), table)
      at += size
      if (random() < 0.5) flushAll(counter, table)
      if (random() < 0.3) for (const ref of counter.cleanBlocks()) counter.forget(ref)
    }
    flushAll(counter, table)
    assertSame(table, truth(shard), `seed ${seed}`)
  }
})

test('a worker killed between any two writes leaves what the next one makes right', () => {
  for (let seed = 100; seed < 130; seed++) {
    const random = seededRandom(seed)
    const shard = shardOf(random)
    const table = new CounterTable()
    const end = shard[shard.length - 1].seq
    let workers = 0
    while (table.progress().seq !== seqOf(end)) {
      assert.ok(workers++ < 500, 'no progress')
      const counter = counterAt(table, new DistrictSlots(IDS, false))
      let at = shard.findIndex(({ seq }) => seqOf(seq) > table.progress().seq)
      while (at < shard.length) {
        const size = 1 + below(random, 12)
        feed(counter, batchOf(shard.slice(at, at + size)), table)
        at += size
        const steps = flushSteps(counter, table)
        const survives = random() < 0.5 ? steps.length : below(random, steps.length)
        for (const step of steps.slice(0, survives)) step()
        if (survives < steps.length) break
      }
    }
    assertSame(table, truth(shard), `seed ${seed}`)
  }
})

test('a worker that slept through its lease can write nothing that is wrong', () => {
  for (let seed = 200; seed < 225; seed++) {
    const random = seededRandom(seed)
    const shard = shardOf(random)
    const table = new CounterTable()
    const [zombie, owner] = [0, 1].map(() => counterAt(table, new DistrictSlots(IDS, false)))
    const cut = 1 + below(random, RECORDS - 1)
    feed(zombie, batchOf(shard.slice(0, cut)), table)
    const late = flushSteps(zombie, table)
    feed(owner, batchOf(shard.slice(0, below(random, RECORDS))), table)
    flushAll(owner, table)
    // It wakes up, in the middle of its flush, while the owner goes on.
    const order = [...late.slice(0, -1)].sort(() => random() - 0.5)
    for (const step of order.slice(0, below(random, order.length + 1))) step()
    const heir = counterAt(table, new DistrictSlots(IDS, false))
    const from = shard.findIndex(({ seq }) => seqOf(seq) > table.progress().seq)
    feed(heir, batchOf(from < 0 ? [] : shard.slice(from)), table)
    for (const step of order) step()
    flushAll(heir, table)
    for (const step of order) step()
    assertSame(table, truth(shard), `seed ${seed}`)
  }
})

test('the touch lists name every block that changed since what they reach back to', () => {
  for (let seed = 300; seed < 315; seed++) {
    const random = seededRandom(seed)
    const shard = shardOf(random)
    const table = new CounterTable()
    let merged = ''
    let known: Record<string, number[]> = {}
    for (let at = 0; at < shard.length;) {
      const counter = counterAt(table, new DistrictSlots(IDS, false))
      const size = 1 + below(random, 20)
      feed(counter, batchOf(shard.slice(at, at + size)), table)
      at += size
      flushAll(counter, table)
      if (random() < 0.5) continue
      // A merger looks: what it is told of must hold everything that changed since it last did.
      const { since, touched, seq } = table.progress()
      assert.ok(since <= merged, 'nothing was dropped from lists this short')
      const told = new Set(
        touched
          .filter((group) => group.seq > merged)
          .flatMap((group) => [...group.blocks])
          .flatMap(([run, blocks]) => blocks.map((block) => `${run} ${block}`)),
      )
      const now = table.partials()
      for (const [pk, bytes] of Object.entries(now)) {
        if (known[pk]?.join() === bytes.join()) continue
        const [, , run, block] = pk.split('#')
        const start = block === 'dead' ? -Infinity : Date.parse(`${block}Z`)
        assert.ok(told.has(`${run} ${start}`), `${pk} changed and nobody said so, seed ${seed}`)
      }
      merged = seq
      known = now
    }
  }
})

test.run()
