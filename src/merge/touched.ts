/** Which blocks changed since the merger last looked: pure. */
import type { PutEntry } from '../counts/put-times.ts'
import type { Progress } from '../counts/progress.ts'

/** Padded sequence number up to which each shard's counts are merged or known to be pending. */
export type MergedSeqs = ReadonlyMap<string, string>

export interface Touches {
  /** Named by the shards' own lists. */
  touches: readonly Touch[]
  /** Some shard's list does not reach back far enough: all partials must be looked at. */
  incomplete: boolean
  /** Run → when its trips in those blocks were put. */
  puts: ReadonlyMap<string, readonly PutEntry[]>
}

/** Records of a shard up to `seq`, a padded sequence number, were added to blocks of a run. */
export interface Touch {
  run: string
  /** Their starts. */
  blocks: readonly number[]
  shardId: string
  seq: string
}

export function touchedSince(shards: readonly Progress[], merged: MergedSeqs): Touches {
  const touches: Touch[] = []
  const puts = new Map<string, readonly PutEntry[]>()
  let incomplete = false
  for (const shard of shards) {
    const { shardId } = shard
    const seen = merged.get(shardId) ?? ''
    if (shard.since > seen) incomplete = true
    for (const group of shard.touched) {
      if (group.seq <= seen) continue
      for (const [run, blocks] of group.blocks) {
        touches.push({ run, blocks, shardId, seq: group.seq })
      }
      for (const [run, entries] of group.puts ?? []) {
        puts.set(run, [...(puts.get(run) ?? []), ...entries])
      }
    }
  }
  return { touches, incomplete, puts }
}
