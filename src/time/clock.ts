import { setMaxListeners } from 'node:events'

/** Time, passed in wherever it is needed, so that a simulation can own it. */
export interface Clock {
  /** Wall clock, milliseconds since the Unix epoch. May jump; never used to measure a duration. */
  now(): number
  /** Milliseconds from an arbitrary origin; never goes back. */
  monotonicMillis(): number
  /** Resolves after `millis` (at once when ≤ 0), or as soon as `signal` aborts. Never rejects. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMillis: () => performance.now(),
  sleep(millis, signal) {
    if (signal?.aborted === true) return Promise.resolve()
    // Whoever gives way to others need not wait the millisecond that a timer takes at least.
    if (millis <= 0) return new Promise((resolve) => setImmediate(resolve))
    // Many sleeps may wait on one signal; that is no leak, each takes its listener along.
    if (signal !== undefined) setMaxListeners(0, signal)
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, millis))
      signal?.addEventListener('abort', done, { once: true })
    })
  },
}
