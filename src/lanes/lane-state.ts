import type { ControlRecord } from './control-record.ts'

/**
 * What a consumer remembers of one lane of one run: enough to tell a duplicate from a new trip,
 * and a gap from both.
 */
export interface LaneState {
  lane: number
  /** Lanes of the run, from the control record. */
  lanes: number
  /** Position in the lane of the next trip that is new; everything before it was seen. */
  next: number
  /** Highest watermark seen; −Infinity before the first. */
  watermark: number
  ended: boolean
  abandoned: boolean
  /** Trips that are missing for good. */
  gap: number
  /** Which those are, oldest first: only the first `MAX_HOLES` are remembered. */
  holes: readonly Hole[]
  /**
   * A shard of its was trimmed away before it was read to its end: trips from `next` on may be
   * missing. Only the end of the lane tells whether they are; what comes before may be a copy of
   * what was lost, landed late, and says nothing of what was lost behind it.
   */
  cut: boolean
}

/** Consecutive missing trips of a lane: their first and last ordinal in it. */
export type Hole = readonly [first: number, last: number]

/** A lane with more holes than this has lost whole days; its item must stay small. */
export const MAX_HOLES = 16

export function newLane(lane: number, lanes: number): LaneState {
  return {
    lane,
    lanes,
    next: 0,
    watermark: -Infinity,
    ended: false,
    abandoned: false,
    gap: 0,
    holes: [],
    cut: false,
  }
}

/**
 * The state a child shard starts with, from the states its two parents ended with: after a split
 * and a merge one parent's state may be long stale, so each part is the further one.
 */
export function furtherLane(a: LaneState, b: LaneState): LaneState {
  return {
    lane: a.lane,
    lanes: a.lanes,
    next: Math.max(a.next, b.next),
    watermark: Math.max(a.watermark, b.watermark),
    ended: a.ended || b.ended,
    abandoned: a.abandoned || b.abandoned,
    gap: Math.max(a.gap, b.gap),
    holes: b.gap > a.gap ? b.holes : a.holes,
    cut: a.cut || b.cut,
  }
}

/** Notes that the trips from `lane.next` up to `firstOrdinal`, which came instead, are missing. */
export function noteGap(lane: LaneState, firstOrdinal: number): void {
  lane.gap += firstOrdinal - lane.next
  if (lane.holes.length < MAX_HOLES) lane.holes = [...lane.holes, [lane.next, firstOrdinal - 1]]
}

/**
 * Moves a lane on over `control` and what it leads; returns how many of those trips it had seen
 * before. `tellsGaps`: ordinals that are left out are missing, and not from before the beginning.
 */
export function advance(
  lane: LaneState,
  { firstOrdinal, count }: Pick<ControlRecord, 'firstOrdinal' | 'count'>,
  tellsGaps: boolean,
): number {
  if (firstOrdinal > lane.next && tellsGaps) noteGap(lane, firstOrdinal)
  const seen = Math.max(0, Math.min(count, lane.next - firstOrdinal))
  lane.next = Math.max(lane.next, firstOrdinal + count)
  return seen
}
