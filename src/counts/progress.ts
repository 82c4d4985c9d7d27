/**
 * How far a shard's counts are: the checkpoint that hailstream trusts. Written after the partials
 * of a flush, and only ever forward.
 */
import type { Hole, LaneState } from '../lanes/lane-state.ts'
import { furtherLane } from '../lanes/lane-state.ts'
import { blockKey, parseSpanKey } from '../windows/pane.ts'
import { DEAD_LETTER_BLOCK, progressKey } from './keys.ts'
import { attributesOf, listOf, numberOf, textOf } from './item-values.ts'
import type { PutEntry } from './put-times.ts'
import type { Condition, Item, Value } from './table-port.ts'
import { grows } from './table-port.ts'

/** The blocks that records after the flush before and up to `seq` touched, by run. */
export interface TouchGroup {
  seq: string
  blocks: ReadonlyMap<string, readonly number[]>
  /** When the trips of that flush were put, by run; the latest groups have it. */
  puts?: ReadonlyMap<string, readonly PutEntry[]>
}

export interface Progress {
  shardId: string
  /** Padded sequence number of the last record that is in the partials; '' before the first. */
  seq: string
  /** The shard was closed and read to its end, or was trimmed away. */
  ended: boolean
  /** It was trimmed away before it was read to its end: what it still held is lost. */
  trimmed: boolean
  /** The touch groups name every block that was touched after this padded sequence number. */
  since: string
  touched: readonly TouchGroup[]
  /** Live lanes by run, then by lane. */
  lanes: ReadonlyMap<string, ReadonlyMap<number, LaneState>>
  /** The lane by which dead letters of a run are put back, by run; kept for good. */
  redrives: ReadonlyMap<string, LaneState>
  /** User records of other producers. */
  foreignRecords: number
  /** Latest event time of the foreign run, less its out-of-orderness; −Infinity when there is none. */
  foreignWatermark: number
  /** For people: who wrote this, when, and how far behind the stream they were. */
  worker: string
  writtenAt: number
  millisBehindLatest: number
  /** Wall clock of the latest put that is counted, epoch ms; 0 when none is. */
  lastPutTime: number
  tripsCounted: number
  duplicates: number
}

/** What whoever writes the progress adds to what the counter knows. */
export type ProgressNotes = 'worker' | 'writtenAt' | 'millisBehindLatest'

/**
 * What is kept in the item. An ordinary flush touches a few blocks, and then the list stays near 8 KB.
 * A flush of thousands names them all: that is dear, but nothing beside the partials it wrote, and it
 * spares the merger a look at every partial there is. It is let go a few flushes later: a shard often
 * ends with a small one, before the merger is through with the large one that came before.
 */
const MAX_GROUPS = 24
/** The merger looks as often as a shard flushes; put times are for it alone. */
const MAX_GROUPS_WITH_PUTS = 10
const MAX_BLOCKS = 256
const MAX_BLOCKS_EVER = 8_000
const LAST_FLUSHES = 4

/**
 * Drops the oldest groups until the list is short, `mostGroups` at most; `since` moves up to what was
 * dropped.
 */
export function boundTouched(
  groups: readonly TouchGroup[],
  since: string,
  mostGroups = MAX_GROUPS,
): { touched: TouchGroup[]; since: string } {
  const touched = [...groups]
  const blocksOf = (group: TouchGroup): number => {
    let count = 0
    for (const blocks of group.blocks.values()) count += blocks.length
    return count
  }
  let blocks = touched.reduce((sum, group) => sum + blocksOf(group), 0)
  let from = since
  const mostBlocks = (): number => (touched.length > LAST_FLUSHES ? MAX_BLOCKS : MAX_BLOCKS_EVER)
  while (touched.length > mostGroups || blocks > mostBlocks()) {
    const [dropped] = touched.splice(0, 1)
    blocks -= blocksOf(dropped)
    from = dropped.seq
  }
  for (let i = 0; i < touched.length - MAX_GROUPS_WITH_PUTS; i++) {
    if (touched[i].puts !== undefined)
      touched[i] = { seq: touched[i].seq, blocks: touched[i].blocks }
  }
  return { touched, since: from }
}

/**
 * `seq` must grow, except for the end of a shard that brought no record; and an end is for good. Of a
 * shard that was trimmed away, somebody may have read more than whoever ended it: a write of his that
 * comes late would open the shard again, and nobody would close it.
 */
export function progressCondition({ seq, ended }: Progress): Condition {
  const grown: Condition[] = [grows('seq', seq)]
  if (ended) grown.push({ kind: 'equal', attribute: 'seq', value: seq })
  const isOpen: Condition[] = [
    { kind: 'absent' },
    { kind: 'equal', attribute: 'ended', value: false },
  ]
  return {
    kind: 'all',
    of: [
      { kind: 'any', of: isOpen },
      { kind: 'any', of: grown },
    ],
  }
}

/** The lanes a child shard starts with: of each, the furthest that any parent knew. */
export function inheritLanes(parents: readonly Progress[]): Map<string, Map<number, LaneState>> {
  const lanes = new Map<string, Map<number, LaneState>>()
  for (const parent of parents) {
    for (const [run, ofRun] of parent.lanes) {
      const merged = lanes.get(run) ?? new Map<number, LaneState>()
      for (const [lane, state] of ofRun) {
        const other = merged.get(lane)
        merged.set(lane, other === undefined ? { ...state } : furtherLane(other, state))
      }
      lanes.set(run, merged)
    }
  }
  return lanes
}

/** As `inheritLanes`, of the lanes by which dead letters are put back. */
export function inheritRedrives(parents: readonly Progress[]): Map<string, LaneState> {
  const redrives = new Map<string, LaneState>()
  for (const parent of parents) {
    for (const [run, state] of parent.redrives) {
      const other = redrives.get(run)
      redrives.set(run, other === undefined ? { ...state } : furtherLane(other, state))
    }
  }
  return redrives
}

export function progressItem(generation: string, progress: Progress): Item {
  return {
    ...progressKey(generation, progress.shardId),
    seq: progress.seq,
    ended: progress.ended,
    ...(progress.trimmed && { trimmed: true }),
    since: progress.since,
    touched: progress.touched.map((group) => ({
      seq: group.seq,
      blocks: Object.fromEntries(
        [...group.blocks].map(([run, blocks]) => [
          run,
          blocks.map((block) => (block === DEAD_LETTER_BLOCK ? 'dead' : blockKey(block))),
        ]),
      ),
      ...(group.puts !== undefined && { puts: Object.fromEntries(group.puts) }),
    })),
    lanes: Object.fromEntries(
      [...progress.lanes].map(([run, lanes]) => [run, [...lanes.values()].map(packLane)]),
    ),
    ...(progress.redrives.size > 0 && {
      redrives: Object.fromEntries(
        [...progress.redrives].map(([run, lane]) => [run, packLane(lane)]),
      ),
    }),
    foreignRecords: progress.foreignRecords,
    foreignWatermark: finiteOrNull(progress.foreignWatermark),
    worker: progress.worker,
    writtenAt: progress.writtenAt,
    millisBehindLatest: progress.millisBehindLatest,
    lastPutTime: progress.lastPutTime,
    tripsCounted: progress.tripsCounted,
    duplicates: progress.duplicates,
  }
}

export function parseProgress(item: Item): Progress {
  return {
    shardId: item.sk,
    seq: textOf(item.seq),
    ended: item.ended === true,
    trimmed: item.trimmed === true,
    since: textOf(item.since),
    touched: listOf(item.touched).map((group) => ({
      seq: textOf(attributesOf(group).seq),
      blocks: new Map(
        Object.entries(attributesOf(attributesOf(group).blocks)).map(([run, blocks]) => [
          run,
          listOf(blocks).map((key) =>
            key === 'dead' ? DEAD_LETTER_BLOCK : parseSpanKey(textOf(key)),
          ),
        ]),
      ),
      ...(attributesOf(group).puts !== undefined && { puts: parsePuts(attributesOf(group).puts) }),
    })),
    lanes: new Map(
      Object.entries(attributesOf(item.lanes)).map(([run, lanes]) => {
        const states = listOf(lanes).map(unpackLane)
        return [run, new Map(states.map((state) => [state.lane, state]))]
      }),
    ),
    redrives: new Map(
      Object.entries(attributesOf(item.redrives)).map(([run, lane]) => [run, unpackLane(lane)]),
    ),
    foreignRecords: numberOf(item.foreignRecords),
    foreignWatermark: item.foreignWatermark === null ? -Infinity : Number(item.foreignWatermark),
    worker: textOf(item.worker),
    writtenAt: Number(item.writtenAt),
    millisBehindLatest: Number(item.millisBehindLatest),
    lastPutTime: Number(item.lastPutTime),
    tripsCounted: Number(item.tripsCounted),
    duplicates: Number(item.duplicates),
  }
}

function parsePuts(value: Value | undefined): Map<string, PutEntry[]> {
  return new Map(
    Object.entries(attributesOf(value)).map(([run, entries]) => [
      run,
      listOf(entries).map((entry): PutEntry => {
        const [putTime, trips, pane] = listOf(entry)
        return [Number(putTime), Number(trips), Number(pane)]
      }),
    ]),
  )
}

/** One lane as a short list; the order is part of the table's contract (docs/table.md). */
function packLane(lane: LaneState): Value {
  const flags = (lane.ended ? 1 : 0) | (lane.abandoned ? 2 : 0) | (lane.cut ? 4 : 0)
  const whole = [lane.lane, lane.lanes, lane.next, finiteOrNull(lane.watermark), flags, lane.gap]
  return lane.holes.length === 0 ? whole : [...whole, lane.holes.flat()]
}

function unpackLane(value: Value): LaneState {
  const [lane, lanes, next, watermark, flags, gap, holes] = listOf(value)
  const bounds = listOf(holes).map(Number)
  return {
    lane: Number(lane),
    lanes: Number(lanes),
    next: Number(next),
    watermark: watermark === null ? -Infinity : Number(watermark),
    ended: (Number(flags) & 1) !== 0,
    abandoned: (Number(flags) & 2) !== 0,
    gap: Number(gap),
    holes: bounds.flatMap((first, i): Hole[] => (i % 2 === 0 ? [[first, bounds[i + 1]]] : [])),
    cut: (Number(flags) & 4) !== 0,
  }
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
