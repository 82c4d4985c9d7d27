/** Whether a generation may still count a run, as far as the table can tell: pure. */
import type { Generation } from '../counts/generation.ts'
import type { Run } from './run.ts'

export interface RunInGeneration {
  generation: Pick<Generation, 'streamName' | 'streamCreationTime' | 'startTimestamp' | 'createdAt'>
  /** What its status of the run says; undefined where it has none. */
  complete: boolean | undefined
  /** When progress of any of its shards was last written, epoch ms; −Infinity before. */
  lastWrittenAt: number
  /** When the last of the runs that are complete in it began, epoch ms; −Infinity without any. */
  lastCompleteBegan: number
}

/** How far the wall clocks of those who wrote these times may be apart. */
const CLOCKS_APART_MILLIS = 10 * 60_000

/**
 * A run that is complete in a generation, or that its shards have passed, or that it began behind,
 * has no record that it does not know. Neither has a generation that nobody runs any more: it has
 * written nothing since the run began.
 */
export function mayStillBeCounted(
  run: Run,
  { generation, complete, lastWrittenAt, lastCompleteBegan }: RunInGeneration,
): boolean {
  const { streamName, streamCreationTime, startTimestamp, createdAt } = generation
  if (streamName !== run.streamName || streamCreationTime !== run.streamCreationTime) return false
  if (complete !== undefined) return !complete
  const over = (run.finishedAt ?? Infinity) + CLOCKS_APART_MILLIS
  if (startTimestamp !== null && startTimestamp > over) return false
  if (lastCompleteBegan > over) return false
  return Math.max(createdAt, lastWrittenAt) + CLOCKS_APART_MILLIS >= run.startedAt
}
