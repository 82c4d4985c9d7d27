/** A table with shards that are counted into it for real, and mergers that look at it. */
import type { Generation } from '../../src/counts/generation.ts'
import { makeGeneration, slotsOf } from '../../src/counts/generation.ts'
import { partialPk, progressKey } from '../../src/counts/keys.ts'
import { parseProgress } from '../../src/counts/progress.ts'
import { ShardCounter } from '../../src/counts/shard-counter.ts'
import type { WrittenPartials } from '../../src/counts/written-partials.ts'
import { Merger } from '../../src/merge/merger.ts'
import type { MergerState } from '../../src/merge/merger.ts'
import { flush } from '../../src/pipeline/flush.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'
import { WriteBudget } from '../../src/pipeline/write-budget.ts'
import type { SegmentSpec } from '../counts/batches.ts'
import { batchOf } from '../counts/batches.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'

const ids = ['101', '20', '3']

export const generation: Generation = makeGeneration({
  districts: { name: 'test', ids, names: ids, fingerprint: 'f', zones: false },
  paneMillis: 300_000,
  stream: { name: 's', creationTime: 0 },
  table: 't',
  application: 'a',
  startTimestamp: null,
  now: 5,
})

export class MergeStage {
  readonly table = new MemoryTable()
  readonly clock = new FakeClock()

  /** Counts records of one shard from where its progress is, and makes them durable. */
  async count(
    segments: readonly SegmentSpec[],
    {
      shardId = 'shard-a',
      end = false,
      written,
    }: { shardId?: string; end?: boolean; written?: WrittenPartials } = {},
  ): Promise<void> {
    const { pk, sk } = progressKey(generation.id, shardId)
    const there = this.table.item(pk, sk)
    const counter = new ShardCounter({
      generation: generation.id,
      geometry: generation.geometry,
      slots: slotsOf(generation),
      progress: there === undefined ? emptyProgress(shardId) : parseProgress(there),
      outOfOrdernessMillis: 0,
      fromBeginning: true,
    })
    const batch = batchOf(segments)
    for (const ref of counter.missingBlocks(batch)) {
      const partial = this.table.item(partialPk(generation.id, ref.run, ref.block), shardId)
      const { seq, counts } = partial ?? { seq: null, counts: null }
      const found = typeof seq === 'string' && counts instanceof Uint8Array
      counter.install(ref, found ? { seq, counts } : undefined)
    }
    counter.absorb(batch)
    if (end) counter.end()
    await flush(
      counter,
      { worker: 'w', writtenAt: this.clock.now(), millisBehindLatest: 0 },
      {
        table: this.table,
        generation: generation.id,
        written,
        budget: new WriteBudget(Infinity, 0),
        clock: this.clock,
        concurrency: 2,
        persist: (work) => work(),
      },
    )
  }

  merger(
    state: MergerState = { merged: new Map(), pending: new Map() },
    written?: WrittenPartials,
  ): Merger {
    return new Merger(
      { generation, tickMillis: 1_000, rollingMillis: [900_000], concurrency: 3 },
      { table: this.table, clock: this.clock, ...(written && { written }) },
      state,
    )
  }
}
