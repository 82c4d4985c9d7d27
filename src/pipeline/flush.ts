/**
 * A flush, in the one order that makes counts exact: every dirty partial first, then the progress
 * that says so. (The lease checkpoint comes later still, and only now and then.)
 */
import { partialPk, progressKey } from '../counts/keys.ts'
import type { Progress, ProgressNotes } from '../counts/progress.ts'
import { progressCondition, progressItem } from '../counts/progress.ts'
import type { BlockRef, ShardCounter } from '../counts/shard-counter.ts'
import type { TablePort } from '../counts/table-port.ts'
import { grows } from '../counts/table-port.ts'
import type { WrittenPartials } from '../counts/written-partials.ts'
import type { Clock } from '../time/clock.ts'
import { slicesOf } from '../time/slices.ts'
import type { WriteBudget } from './write-budget.ts'

export interface FlushTarget {
  table: TablePort
  generation: string
  /** Told of every partial that is written. */
  written?: WrittenPartials | undefined
  budget: WriteBudget
  clock: Clock
  /** Partials written at the same time. */
  concurrency: number
  /** Repeats a write that failed for a passing reason; every write here may be repeated. */
  persist<T>(work: () => Promise<T>): Promise<T>
}

/** About what a progress item takes. */
const PROGRESS_BYTES = 4_096

/**
 * `refused`: another worker's progress is at least as far. It wrote the truth, we are behind it:
 * whoever called must begin again from the table.
 */
export async function flush(
  counter: ShardCounter,
  notes: Pick<Progress, ProgressNotes>,
  target: FlushTarget,
): Promise<'ok' | 'refused'> {
  const { table, generation, budget } = target
  const { blocks, progress } = counter.beginFlush()
  const queue = blocks.slice()
  const writeNext = async (): Promise<void> => {
    for (let ref = queue.pop(); ref !== undefined; ref = queue.pop()) {
      await writePartial(counter, ref, progress.shardId, target)
    }
  }
  await Promise.all(Array.from({ length: target.concurrency }, writeNext))
  budget.spend(PROGRESS_BYTES)
  const full: Progress = { ...progress, ...notes }
  return target.persist(async () => {
    const item = progressItem(generation, full)
    const outcome = await table.put(item, progressCondition(full))
    if (outcome === 'ok') return 'ok'
    // The reply of an earlier attempt may have been lost: then what is there is ours.
    const there = await table.get(progressKey(generation, progress.shardId))
    const ours =
      there?.seq === full.seq &&
      there.ended === full.ended &&
      there.worker === full.worker &&
      there.writtenAt === full.writtenAt
    return ours ? 'ok' : 'refused'
  })
}

async function writePartial(
  counter: ShardCounter,
  ref: BlockRef,
  shardId: string,
  target: FlushTarget,
): Promise<void> {
  const slices = slicesOf(target.clock)
  while (slices.over) await slices.pause()
  const partial = counter.partial(ref)
  if (partial === undefined) return
  target.budget.spend(partial.counts.length + 200)
  const item = { pk: partialPk(target.generation, ref.run, ref.block), sk: shardId, ...partial }
  const put = (): Promise<'ok' | 'refused'> => target.table.put(item, grows('seq', item.seq))
  if ((await target.persist(put)) === 'ok') target.written?.note(item)
}
