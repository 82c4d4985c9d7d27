/** Where a shard is taken up: pure, from what the table and the stream say of it and its parents. */
import type { Progress } from '../counts/progress.ts'
import { inheritLanes } from '../counts/progress.ts'
import type { ReadPosition } from '../kinesis/kinesis-port.ts'
import { parsePaddedSequenceNumber, unpadSequenceNumber } from '../kinesis/sequence-number.ts'
import type { Shard } from '../kinesis/shard.ts'

/**
 * Where a stream is begun that nobody has counted yet. There is no LATEST: the tip is another place
 * at every restart, so `--start latest` means the time at which its generation was first counted.
 */
export type StartPosition = { type: 'TRIM_HORIZON' } | { type: 'AT_TIMESTAMP'; timestamp: number }

export type ShardStart =
  | { kind: 'start'; progress: Progress; from: ReadPosition; gaps: string[] }
  /** A parent is not counted to its end yet. */
  | { kind: 'blocked'; parent: string }
  /** Counted to its end already. */
  | { kind: 'ended' }

export function shardStart(
  shard: Shard,
  listed: ReadonlyMap<string, Shard>,
  progressOf: ReadonlyMap<string, Progress>,
  initial: StartPosition,
): ShardStart {
  const own = progressOf.get(shard.shardId)
  if (own?.ended === true) return { kind: 'ended' }
  if (own !== undefined)
    return { kind: 'start', progress: own, from: resumeFrom(shard, own, initial), gaps: [] }

  const parents = shard.parentShardIds
  const gaps: string[] = []
  for (const parent of parents) {
    const progress = progressOf.get(parent)
    if (progress?.ended === true) continue
    if (listed.has(parent)) return { kind: 'blocked', parent }
    // Trimmed away before it was counted to its end: what it still held is lost, and said so.
    if (progress !== undefined) gaps.push(parent)
  }
  const known = parents.flatMap((parent) => progressOf.get(parent) ?? [])
  return {
    kind: 'start',
    progress: {
      ...emptyProgress(shard.shardId),
      lanes: inheritLanes(known),
      foreignWatermark: Math.max(-Infinity, ...known.map((parent) => parent.foreignWatermark)),
    },
    from: known.length > 0 ? { type: 'TRIM_HORIZON' } : initial,
    gaps,
  }
}

export function emptyProgress(shardId: string): Progress {
  return {
    shardId,
    seq: '',
    ended: false,
    since: '',
    touched: [],
    lanes: new Map(),
    foreignWatermark: -Infinity,
    worker: '',
    writtenAt: 0,
    millisBehindLatest: 0,
    lastPutTime: 0,
    tripsCounted: 0,
    duplicates: 0,
  }
}

function resumeFrom(shard: Shard, own: Progress, initial: StartPosition): ReadPosition {
  if (own.seq === '') return shard.parentShardIds.length > 0 ? { type: 'TRIM_HORIZON' } : initial
  const sequenceNumber = unpadSequenceNumber(parsePaddedSequenceNumber(own.seq))
  return { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber }
}
