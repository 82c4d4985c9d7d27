/**
 * A note for people, that a run is stuck: merging it fails. It is true as long as the run's status is
 * the one that stood there when merging failed, whoever merges by then; so nobody has to take it away.
 */
import { numberOf, textOf } from './item-values.ts'
import { stuckKey } from './keys.ts'
import type { Item } from './table-port.ts'

export interface StuckRun {
  run: string
  /** `writtenAt` of the run's status; 0 where there is none. */
  statusAt: number
  /** Wall clock of the first failure, epoch ms. */
  since: number
  attempts: number
  reason: string
}

export function stuckItem(generation: string, { run, ...note }: StuckRun): Item {
  return { ...stuckKey(generation, run), ...note }
}

/** The note, where it is still true beside this status. */
export function stuckNow(note: Item | undefined, status: Item | undefined): StuckRun | undefined {
  if (note === undefined || numberOf(note.statusAt) !== numberOf(status?.writtenAt))
    return undefined
  return {
    run: note.sk,
    statusAt: numberOf(note.statusAt),
    since: numberOf(note.since),
    attempts: numberOf(note.attempts),
    reason: textOf(note.reason),
  }
}
