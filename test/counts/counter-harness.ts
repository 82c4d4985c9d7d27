/** A table for one counter, and the steps of a flush one by one, so that a test can stop anywhere. */
import { partialPk, progressKey } from '../../src/counts/keys.ts'
import { parseProgress, progressCondition, progressItem } from '../../src/counts/progress.ts'
import type { Progress } from '../../src/counts/progress.ts'
import type { ShardCounter } from '../../src/counts/shard-counter.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { grows, holds } from '../../src/counts/table-port.ts'
import type { TripBatch } from '../../src/counts/trip-batch.ts'
import { progressOf } from './batches.ts'

export const GENERATION = 'g'

export class CounterTable {
  readonly items = new Map<string, Item>()
  refused = 0

  put(item: Item, condition: ReturnType<typeof grows>): boolean {
    const name = `${item.pk}|${item.sk}`
    if (!holds(condition, this.items.get(name))) {
      this.refused++
      return false
    }
    this.items.set(name, item)
    return true
  }

  get(pk: string, sk: string): Item | undefined {
    return this.items.get(`${pk}|${sk}`)
  }

  progress(shardId = 'shardId-000000000000'): Progress {
    const { pk, sk } = progressKey(GENERATION, shardId)
    const item = this.get(pk, sk)
    return item === undefined ? progressOf({ shardId }) : parseProgress(item)
  }

  /** Every partial as `pk` → packed bytes. */
  partials(): Record<string, number[]> {
    const found: Record<string, number[]> = {}
    for (const item of [...this.items.values()].sort((a, b) => (a.pk < b.pk ? -1 : 1))) {
      if (item.pk.startsWith('partial#') && item.counts instanceof Uint8Array) {
        found[item.pk] = [...item.counts]
      }
    }
    return found
  }
}

/** Reads back what the batch needs, and counts it. */
export function feed(counter: ShardCounter, batch: TripBatch, table: CounterTable): void {
  for (const ref of counter.missingBlocks(batch)) {
    const item = table.get(partialPk(GENERATION, ref.run, ref.block), 'shardId-000000000000')
    const seq = item?.seq
    const counts = item?.counts
    const there = typeof seq === 'string' && counts instanceof Uint8Array
    counter.install(ref, there ? { seq, counts } : undefined)
  }
  counter.absorb(batch)
}

/** The writes of a flush in their order; each may be the last that comes to pass. */
export function flushSteps(counter: ShardCounter, table: CounterTable): (() => boolean)[] {
  const { blocks, progress } = counter.beginFlush()
  const partials = blocks.map((ref) => (): boolean => {
    const partial = counter.partial(ref)
    if (partial === undefined) return true
    const pk = partialPk(GENERATION, ref.run, ref.block)
    return table.put({ pk, sk: progress.shardId, ...partial }, grows('seq', partial.seq))
  })
  const full: Progress = { ...progress, worker: 'w', writtenAt: 0, millisBehindLatest: 0 }
  return [...partials, () => table.put(progressItem(GENERATION, full), progressCondition(full))]
}

/** A whole flush; false when the progress was refused. */
export function flushAll(counter: ShardCounter, table: CounterTable): boolean {
  return flushSteps(counter, table).reduce((_, step) => step(), true)
}
