/** Where a shard is taken up: pure, from what the table and the stream say of it and its parents. */
import type { Progress } from '../counts/progress.ts'
import { inheritLanes, inheritRedrives } from '../counts/progress.ts'
import { hashKeyOf, rangeContains, rangesOverlap } from '../kinesis/hash-key.ts'
import type { ReadPosition } from '../kinesis/kinesis-port.ts'
import { parsePaddedSequenceNumber, unpadSequenceNumber } from '../kinesis/sequence-number.ts'
import type { Shard } from '../kinesis/shard.ts'
import { hashKeyRangeOf } from '../kinesis/shard.ts'
import type { LaneState } from '../lanes/lane-state.ts'
import { lanePartitionKey } from '../replay/lane-keys.ts'

/**
 * Where a stream is begun that nobody has counted yet. There is no LATEST: the tip is another place
 * at every restart, so `--start latest` means the time at which its generation was first counted.
 */
export type StartPosition = { type: 'TRIM_HORIZON' } | { type: 'AT_TIMESTAMP'; timestamp: number }

export type ShardStart =
  | {
      kind: 'start'
      progress: Progress
      from: ReadPosition
      gaps: string[]
      /** It has no progress yet: nothing says that anybody ever counted it. */
      unbegun: boolean
    }
  /** A parent is not counted to its end yet. */
  | { kind: 'blocked'; parent: string }
  /** Counted to its end already. */
  | { kind: 'ended' }

/**
 * `others` are to be told of an orphan: the progress of every shard there is. Its own parents were
 * trimmed away before anybody had begun them, and further ancestors know how far the lanes were.
 */
export function shardStart(
  shard: Shard,
  listed: ReadonlyMap<string, Shard>,
  progressOf: ReadonlyMap<string, Progress>,
  initial: StartPosition,
  others: readonly Progress[] = [],
): ShardStart {
  const own = progressOf.get(shard.shardId)
  if (own?.ended === true) return { kind: 'ended' }
  if (own !== undefined) {
    const from = resumeFrom(shard, own, initial)
    return { kind: 'start', progress: own, from, gaps: [], unbegun: false }
  }

  const parents = shard.parentShardIds
  const gaps: string[] = []
  for (const parent of parents) {
    const progress = progressOf.get(parent)
    if (progress?.ended === true && !progress.trimmed) continue
    if (listed.has(parent) && progress?.trimmed !== true) return { kind: 'blocked', parent }
    // Trimmed away before it was counted to its end: what it still held is lost, and said so.
    if (progress !== undefined) gaps.push(parent)
  }
  if (isOrphan(shard, listed, progressOf)) {
    const ancestor = unfinishedAncestor(shard, listed, others)
    if (ancestor !== undefined) return { kind: 'blocked', parent: ancestor }
  }
  const known = parents.flatMap((parent) => progressOf.get(parent) ?? [])
  const inherited = inheritLanes([
    ...known.map((parent) => (gaps.includes(parent.shardId) ? withLanesCut(parent) : parent)),
    ...others.map((other) => onlyLanesOf(shard, withLanesCut(other))),
  ])
  if (known.length === 0 && inherited.size > 0) gaps.push(...parents)
  return {
    kind: 'start',
    progress: {
      ...emptyProgress(shard.shardId),
      lanes: cutHereOnly(inherited, shard),
      redrives: inheritRedrives([...known, ...others]),
      foreignWatermark: Math.max(-Infinity, ...known.map((parent) => parent.foreignWatermark)),
    },
    from: wasBegun(inherited, known) ? { type: 'TRIM_HORIZON' } : initial,
    gaps,
    unbegun: true,
  }
}

/**
 * Whether counting was under way when the parents ended; then all of the shard is to be counted.
 * Parents that nothing was counted of may have ended before the time at which counting starts, and
 * so may much of the shard: it starts at that time, as they did.
 */
function wasBegun(lanes: Progress['lanes'], parents: readonly Progress[]): boolean {
  return (
    lanes.size > 0 ||
    parents.some(({ seq, foreignWatermark }) => seq !== '' || foreignWatermark > -Infinity)
  )
}

function withLanesCut(parent: Progress): Progress {
  const cut = (lane: LaneState): LaneState => ({ ...lane, cut: !lane.ended })
  return {
    ...parent,
    lanes: new Map(
      [...parent.lanes].map(([run, lanes]) => [
        run,
        new Map([...lanes].map(([id, lane]) => [id, cut(lane)])),
      ]),
    ),
  }
}

/** Nobody began one of its parents, and it is gone. */
export function isOrphan(
  shard: Shard,
  listed: ReadonlyMap<string, Shard>,
  progressOf: ReadonlyMap<string, Progress>,
): boolean {
  return (
    !progressOf.has(shard.shardId) &&
    shard.parentShardIds.some((parent) => !listed.has(parent) && !progressOf.has(parent))
  )
}

/**
 * What stands between an orphan and its further ancestors is not listed, but at any time each key
 * has one shard: an older one that has keys in common is an ancestor, and counts before.
 */
function unfinishedAncestor(
  shard: Shard,
  listed: ReadonlyMap<string, Shard>,
  others: readonly Progress[],
): string | undefined {
  const ended = new Set(others.filter((other) => other.ended).map(({ shardId }) => shardId))
  const range = hashKeyRangeOf(shard)
  const beganAt = BigInt(shard.startingSequenceNumber)
  for (const other of listed.values()) {
    const isAncestor =
      BigInt(other.startingSequenceNumber) < beganAt && rangesOverlap(range, hashKeyRangeOf(other))
    if (isAncestor && !ended.has(other.shardId)) return other.shardId
  }
  return undefined
}

/** The lanes that go on in `shard`, if they go on. */
function onlyLanesOf(shard: Shard, other: Progress): Progress {
  const range = hashKeyRangeOf(shard)
  const lanes = new Map<string, Map<number, LaneState>>()
  for (const [run, states] of other.lanes) {
    const here = [...states].filter(([, lane]) => rangeContains(range, hashKeyOfLane(lane)))
    if (here.length > 0) lanes.set(run, new Map(here))
  }
  return { ...other, lanes }
}

function hashKeyOfLane({ lane, lanes }: LaneState): bigint {
  return hashKeyOf(lanePartitionKey(lane, lanes))
}

/** A shard knows lanes that go on in another one: what was lost of those is told there. */
function cutHereOnly(
  lanes: Map<string, Map<number, LaneState>>,
  shard: Shard,
): Map<string, Map<number, LaneState>> {
  const range = hashKeyRangeOf(shard)
  for (const states of lanes.values()) {
    for (const [id, lane] of states) {
      const elsewhere = lane.cut && !rangeContains(range, hashKeyOfLane(lane))
      if (elsewhere) states.set(id, { ...lane, cut: false })
    }
  }
  return lanes
}

export function emptyProgress(shardId: string): Progress {
  return {
    shardId,
    seq: '',
    ended: false,
    trimmed: false,
    since: '',
    touched: [],
    lanes: new Map(),
    redrives: new Map(),
    foreignRecords: 0,
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
  if (own.seq === '') {
    // Nothing of its own: what it knows is what its parents knew.
    const hasParents = shard.parentShardIds.length > 0
    return hasParents && wasBegun(own.lanes, [own]) ? { type: 'TRIM_HORIZON' } : initial
  }
  const sequenceNumber = unpadSequenceNumber(parsePaddedSequenceNumber(own.seq))
  return { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber }
}
