/**
 * What becomes of a shard when handling its records throws: it is tried again with growing pauses,
 * then it is parked, and from then on tried again at a slow pace until it works. It is never
 * skipped. Pure.
 */
import { concernsAll } from '../errors.ts'
import { backoffMillis } from '../time/backoff.ts'
import type { Random } from '../time/random.ts'
import { isRetryable } from '../time/retry.ts'

export interface Trouble {
  /** Padded sequence number of the shard's progress: what comes after it cannot be handled. */
  seq: string
  /** How often it was tried in vain. */
  attempts: number
  /** Wall clock of the first failure, epoch ms. */
  since: number
  /** What the last failure said. */
  reason: string
}

/** Some ten seconds with the pauses in between. */
const ATTEMPTS_BEFORE_PARKING = 6
const PAUSES = { baseMillis: 300, capMillis: 5_000 }
/** Of a shard that is parked; half of it at least. */
export const PARKED_MILLIS = 30_000

/** Whether it is this shard that cannot be counted, and others may go on. */
export function isOfOneShard(error: unknown): boolean {
  return !isRetryable(error) && !concernsAll(error)
}

/** Progress since the last failure makes it another trouble. */
export function troubleAfter(
  earlier: Trouble | undefined,
  { seq, now, reason }: { seq: string; now: number; reason: string },
): Trouble {
  if (earlier?.seq !== seq) return { seq, attempts: 1, since: now, reason }
  return { ...earlier, attempts: earlier.attempts + 1, reason }
}

export function isParked({ attempts }: Trouble): boolean {
  return attempts >= ATTEMPTS_BEFORE_PARKING
}

/** Milliseconds until it is tried again. */
export function pauseAfter(trouble: Trouble, random: Random): number {
  if (isParked(trouble)) return PARKED_MILLIS * (0.5 + random() / 2)
  return backoffMillis(trouble.attempts, random, PAUSES)
}
