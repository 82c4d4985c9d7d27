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
}

export function newLane(lane: number, lanes: number): LaneState {
  return { lane, lanes, next: 0, watermark: -Infinity, ended: false, abandoned: false, gap: 0 }
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
  }
}
