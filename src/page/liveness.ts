/** How true what the page shows is just now, in one word and one sentence: pure. */
import type { StatusAnswer } from './answers.ts'

export type Liveness =
  'connecting' | 'lost' | 'unreadable' | 'waiting' | 'abandoned' | 'complete' | 'stale' | 'live'

export interface LivenessInput {
  /** Null as long as the server has not answered. */
  status: StatusAnswer | null
  connection: 'connecting' | 'open' | 'lost'
  /** Milliseconds since the as-of time last moved. */
  silentMillis: number
  /** Milliseconds since the connection was lost. */
  lostMillis: number
}

export interface LivenessVerdict {
  kind: Liveness
  title: string
  /** Empty where the title says it all. */
  detail: string
}

/** Three times as long as the merger may take to write a status that does not change. */
export const STALE_MILLIS = 15_000
/** A connection that comes back within that time was hardly gone. */
export const LOST_MILLIS = 1_500

/** What is shown may be out of date: it is greyed. */
export const DOUBTFUL: ReadonlySet<Liveness> = new Set(['lost', 'unreadable', 'stale'])

export function livenessOf(input: LivenessInput): LivenessVerdict {
  const { status, connection, silentMillis, lostMillis } = input
  if (connection === 'lost' && (lostMillis >= LOST_MILLIS || status === null)) {
    return {
      kind: 'lost',
      title: 'Reconnecting',
      detail: `The server has not answered for ${ago(lostMillis)}. Trying again; what you see is as of then.`,
    }
  }
  if (status === null) {
    return { kind: 'connecting', title: 'Connecting', detail: 'Asking the server for the counts.' }
  }
  if (status.tableError !== null) {
    return {
      kind: 'unreadable',
      title: 'Table unreadable',
      detail: `The server cannot read the table: ${status.tableError}`,
    }
  }
  if (status.state === 'waiting') {
    return {
      kind: 'waiting',
      title: 'Waiting',
      detail: 'Nothing is counted yet. Counts come once a worker counts and a replay runs.',
    }
  }
  if (status.abandoned) {
    return {
      kind: 'abandoned',
      title: 'Given up',
      detail: 'The run was ended before all of it was sent; trips may be missing.',
    }
  }
  if (status.complete) return { kind: 'complete', title: 'Complete', detail: '' }
  if (silentMillis > STALE_MILLIS) {
    return {
      kind: 'stale',
      title: 'Stale',
      detail: `Nothing new for ${ago(silentMillis)}: the replay or the workers stand still.`,
    }
  }
  return { kind: 'live', title: 'Live', detail: '' }
}

/** `23 s`, `4 min`, `2 h`. */
export function ago(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000))
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`
}
