/** What the progress of all shards says of each run: pure. */
import type { Progress } from '../counts/progress.ts'
import { FOREIGN_RUN } from '../counts/trip-batch.ts'
import type { LaneState } from '../lanes/lane-state.ts'
import { furtherLane } from '../lanes/lane-state.ts'

export interface RunView {
  run: string
  /**
   * Every trip released before it is counted: the minimum over the run's lanes, each at the furthest
   * that any shard knows. A lane that no shard has met counts as −Infinity, and so a child shard
   * that nobody reads yet holds its lanes back.
   */
  watermark: number
  /** The lane with the lowest watermark; −1 for a foreign run, which has none. */
  heldBy: number
  lanes: number
  /** Every lane has ended: nothing of the run follows. */
  ended: boolean
  /** Ended from outside, so that trips may be missing. */
  abandoned: boolean
  /** Trips counted, and trips found missing. */
  trips: number
  gap: number
  /** Which those are, by lane: all but those of a lane with more holes than it remembers. */
  lost: LostRange[]
}

/** Trips of a lane that are missing from the stream, by their place in it. */
export interface LostRange {
  lane: number
  first: number
  /** Null: its shard was trimmed away, and nobody knows whether or how many followed. */
  last: number | null
}

export function runViews(shards: readonly Progress[]): Map<string, RunView> {
  const lanesOf = new Map<string, Map<number, LaneState>>()
  let foreign = -Infinity
  let hasForeign = false
  let foreignRecords = 0
  for (const shard of shards) {
    for (const [run, lanes] of shard.lanes) {
      const known = lanesOf.get(run) ?? new Map<number, LaneState>()
      for (const [lane, state] of lanes) {
        const other = known.get(lane)
        known.set(lane, other === undefined ? state : furtherLane(other, state))
      }
      lanesOf.set(run, known)
    }
    foreignRecords += shard.foreignRecords
    if (shard.foreignWatermark > -Infinity && !shard.ended) {
      foreign = hasForeign ? Math.min(foreign, shard.foreignWatermark) : shard.foreignWatermark
      hasForeign = true
    }
  }
  const views = new Map([...lanesOf].map(([run, lanes]) => [run, viewOf(run, lanes)]))
  if (hasForeign || foreignRecords > 0) {
    views.set(FOREIGN_RUN, foreignView(foreign, foreignRecords))
  }
  return views
}

function viewOf(run: string, known: ReadonlyMap<number, LaneState>): RunView {
  const lanes = Math.max(0, ...[...known.values()].map((lane) => lane.lanes))
  const view: RunView = {
    run,
    watermark: Infinity,
    heldBy: -1,
    lanes,
    ended: true,
    abandoned: false,
    trips: 0,
    gap: 0,
    lost: [],
  }
  for (let lane = 0; lane < lanes; lane++) {
    const state = known.get(lane)
    const watermark = state?.watermark ?? -Infinity
    if (view.heldBy < 0 || watermark < view.watermark) {
      view.watermark = watermark
      view.heldBy = lane
    }
    if (state?.ended !== true) view.ended = false
    if (state?.abandoned === true) view.abandoned = true
    view.trips += (state?.next ?? 0) - (state?.gap ?? 0)
    view.gap += state?.gap ?? 0
    if (state !== undefined) view.lost.push(...lostIn(state))
  }
  return view
}

function lostIn({ lane, holes, cut, ended, next }: LaneState): LostRange[] {
  const ranges: LostRange[] = holes.map(([first, last]) => ({ lane, first, last }))
  if (cut && !ended) ranges.push({ lane, first: next, last: null })
  return ranges
}

function foreignView(watermark: number, trips: number): RunView {
  return {
    run: FOREIGN_RUN,
    watermark,
    heldBy: -1,
    lanes: 0,
    ended: false,
    abandoned: false,
    trips,
    gap: 0,
    lost: [],
  }
}

/** How far the lane is by which the dead letters of a run come back, by run. */
export function redrivenIn(shards: readonly Progress[]): Map<string, number> {
  const redriven = new Map<string, number>()
  for (const { redrives } of shards) {
    for (const [run, { next }] of redrives)
      redriven.set(run, Math.max(next, redriven.get(run) ?? 0))
  }
  return redriven
}
