/** Looks at every write to the counts table, as the most suspicious of readers would. */
import type { DistrictSlots } from '../../src/counts/district-slots.ts'
import { textOf } from '../../src/counts/item-values.ts'
import { parsePartialPk, partialPk, statusKey } from '../../src/counts/keys.ts'
import { parseProgress } from '../../src/counts/progress.ts'
import type { Progress } from '../../src/counts/progress.ts'
import type { Item } from '../../src/counts/table-port.ts'
import type { WindowGeometry } from '../../src/windows/pane.ts'
import type { KinesisModel } from './kinesis-model.ts'
import type { Ledger } from './ledger.ts'
import type { MergedWatch } from './merged-watch.ts'
import type { TableModel } from './table-model.ts'
import { packedBlock } from './truth.ts'

export interface TableWatchOptions {
  generation: string
  geometry: WindowGeometry
  slots: DistrictSlots
  kinesis: KinesisModel
  ledger: Ledger
  table: TableModel
  merged: MergedWatch
  /** Whether a shard was trimmed before it was counted to its end. */
  hasLost: () => boolean
  fail(why: string): void
}

const MERGED = /^(hour|day|rolling|status)#/

export class TableWatch {
  readonly #options: TableWatchOptions

  constructor(options: TableWatchOptions) {
    this.#options = options
  }

  see(item: Item, previous: Item | undefined): void {
    if (item.pk.startsWith('partial#')) this.#seePartial(item, previous)
    else if (item.pk.startsWith('progress#')) this.#seeProgress(item, previous)
    else if (MERGED.test(item.pk)) this.#options.merged.see(item, previous)
  }

  /** The item is what its shard's records up to `seq` add up to, whoever wrote it. */
  #seePartial(item: Item, previous: Item | undefined): void {
    const { ledger, geometry, slots, hasLost, fail } = this.#options
    const { run, block } = parsePartialPk(item.pk)
    const seq = textOf(item.seq)
    const name = `partial ${run} ${item.pk.split('#')[3]} of ${item.sk} at ${tail(seq)}`
    if (previous !== undefined && textOf(previous.seq) > seq) {
      fail(`${name} replaced one at ${tail(textOf(previous.seq))}`)
    }
    // What was lost with a shard may be sent once more: then its child is the first to count it.
    if (hasLost()) return
    const ends = ledger
      .entries(item.sk, run, block)
      .filter((entry) => entry.seq <= seq)
      .map(({ end }) => end)
    const expected = packedBlock(ends, block, geometry, slots)
    const { counts } = item
    const same = counts instanceof Uint8Array && Buffer.compare(Buffer.from(counts), expected) === 0
    if (!same) fail(`${name} is not what the records of its shard up to there add up to`)
  }

  #seeProgress(item: Item, previous: Item | undefined): void {
    const { fail } = this.#options
    const progress = parseProgress(item)
    const name = `progress of ${progress.shardId} at ${tail(progress.seq)}`
    if (previous !== undefined) {
      const before = parseProgress(previous)
      const grown =
        progress.seq > before.seq ||
        (progress.seq === before.seq && progress.ended && !before.ended)
      if (!grown || (before.ended && !progress.ended)) {
        fail(`${name} replaced one at ${tail(before.seq)}${before.ended ? ', ended' : ''}`)
      }
    }
    this.#checkPartials(progress, name)
    this.#checkLanes(progress, name)
    if (progress.ended) this.#checkEnd(progress, name)
  }

  /** Every record up to `seq` is in its partial, and the list names each block it says it names. */
  #checkPartials(progress: Progress, name: string): void {
    const { ledger, table, generation, hasLost, fail } = this.#options
    if (hasLost()) return
    const { shardId, seq, since, touched } = progress
    for (const [run, blocks] of ledger.shards.get(shardId) ?? []) {
      // Whoever begins a shard anew passes a complete run over: nothing of it is to be merged.
      const { pk, sk } = statusKey(generation, run)
      const complete = table.item(pk, sk)?.complete === true
      for (const [block, entries] of blocks) {
        const last = entries.findLast((entry) => entry.seq <= seq)
        if (last === undefined) continue
        const partial = table.item(partialPk(generation, run, block), shardId)
        if (partial === undefined || textOf(partial.seq) < last.seq) {
          fail(`${name} came before the partial ${run} ${block} at ${tail(last.seq)}`)
        }
        const named = touched.some(
          (group) => group.seq >= last.seq && group.blocks.get(run)?.includes(block) === true,
        )
        if (last.seq > since && !named && !complete) {
          fail(`${name} does not name block ${run} ${block}, touched at ${tail(last.seq)}`)
        }
      }
    }
  }

  #checkLanes(progress: Progress, name: string): void {
    const { ledger, hasLost, fail } = this.#options
    for (const [run, lanes] of progress.lanes) {
      for (const { lane, next, gap } of lanes.values()) {
        const expected = ledger.laneNextAt(progress.shardId, run, lane, progress.seq)
        if (expected !== undefined && next !== expected && !hasLost()) {
          fail(`${name} has lane ${lane} of ${run} at ${next}, not at ${expected}`)
        }
        if (gap > 0 && !hasLost()) fail(`${name} has a gap of ${gap} in lane ${lane} of ${run}`)
      }
    }
  }

  #checkEnd(progress: Progress, name: string): void {
    const { kinesis, hasLost, fail } = this.#options
    const shard = kinesis.shards.get(progress.shardId)
    if (hasLost() && shard?.trimmed === true) return
    if (shard?.closed !== true || (shard.records.at(-1)?.seq ?? '') !== progress.seq) {
      fail(`${name} says that the shard has ended`)
    }
  }
}

/** The last digits of a sequence number, enough to tell one from another. */
function tail(seq: string): string {
  return seq === '' ? 'the beginning' : `…${seq.slice(-7)}`
}
