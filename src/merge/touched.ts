/** Which blocks changed since the merger last looked: pure. */
import type { PutEntry } from '../counts/put-times.ts'
import type { Progress } from '../counts/progress.ts'

/** Padded sequence number up to which each shard's counts are merged or known to be pending. */
export type MergedSeqs = ReadonlyMap<string, string>

export interface Touches {
  /** Run → starts of blocks, named by the shards' own lists. */
  blocks: Map<string, Set<number>>
  /** Some shard's list does not reach back far enough: all partials must be looked at. */
  incomplete: boolean
  /** Run → when its trips in those blocks were put. */
  puts: Map<string, PutEntry[]>
}

/** Records of a shard up to `seq`, a padded sequence number, were added to a block. */
export interface Touch {
  run: string
  block: number
  shardId: string
  seq: string
}

export function touchedSince(
  shards: readonly Progress[],
  merged: MergedSeqs,
  onTouch: (touch: Touch) => void = () => undefined,
): Touches {
  const blocks = new Map<string, Set<number>>()
  const puts = new Map<string, PutEntry[]>()
  let incomplete = false
  for (const shard of shards) {
    const seen = merged.get(shard.shardId) ?? ''
    if (shard.since > seen) incomplete = true
    for (const group of shard.touched) {
      if (group.seq <= seen) continue
      for (const [run, starts] of group.blocks) {
        addAll(blocks, run, starts)
        for (const block of starts) onTouch({ run, block, shardId: shard.shardId, seq: group.seq })
      }
      for (const [run, entries] of group.puts ?? []) {
        puts.set(run, [...(puts.get(run) ?? []), ...entries])
      }
    }
  }
  return { blocks, incomplete, puts }
}

export function addAll(to: Map<string, Set<number>>, run: string, starts: Iterable<number>): void {
  let known = to.get(run)
  if (known === undefined) to.set(run, (known = new Set()))
  for (const start of starts) known.add(start)
}
