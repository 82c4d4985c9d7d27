import type { Clock } from './clock.ts'

/**
 * Waits for `work`, but not longer than `millis`; what comes of it later is nobody's concern. Rejects
 * when it rejects in time.
 */
export async function within(
  millis: number,
  work: Promise<unknown>,
  clock: Pick<Clock, 'sleep'>,
): Promise<void> {
  const done = new AbortController()
  try {
    await Promise.race([work, clock.sleep(millis, done.signal)])
  } finally {
    done.abort()
  }
}
