/** What a merger keeps in mind of a run between its rounds. */
import type { BlockCounts } from '../counts/block-counts.ts'
import { LagMeter } from './lag-meter.ts'
import type { PendingHour } from './merge-plan.ts'
import type { RunStatus } from './run-status.ts'

export interface RunState {
  pending: Map<number, PendingHour>
  days: Set<number>
  /** Hour counts near the watermark, until they are touched. */
  recent: Map<number, BlockCounts>
  watermark: number
  ended: boolean
  /** Another merger wrote an item of this run since this one began. */
  contested: boolean
  /** Set before anything is read or written, so that a round that fails leaves it set. */
  rollingDue: boolean
  /** Rounds since anything was counted. */
  quietTicks: number
  deadLettersTouched: boolean
  status: RunStatus
  lag: LagMeter
}

export function newRunState(status: RunStatus): RunState {
  return {
    pending: new Map(),
    days: new Set(),
    recent: new Map(),
    watermark: -Infinity,
    ended: false,
    contested: false,
    rollingDue: false,
    quietTicks: 0,
    deadLettersTouched: true,
    status,
    lag: new LagMeter(),
  }
}

/** From now on the run is read from every shard, and nothing read before is used again. */
export function contest(state: RunState): void {
  state.contested = true
  state.recent.clear()
}

export function newPending(): PendingHour {
  return { changed: true, writtenAtPane: -Infinity }
}
