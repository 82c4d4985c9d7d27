import { backoffMillis } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Random } from './random.ts'

export interface RetryPorts {
  clock: Clock
  random: Random
  /** Told of every failure that is about to be tried again. */
  onRetry?(error: unknown, attempt: number): void
}

/**
 * Repeats `work` while it fails with a retryable error and `signal` has not aborted; rejects with
 * the error otherwise. Whatever is passed in must be safe to repeat.
 */
export async function retrying<T>(
  work: () => Promise<T>,
  ports: RetryPorts,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isRetryable(error) || signal?.aborted === true) throw error
      ports.onRetry?.(error, attempt)
      await ports.clock.sleep(backoffMillis(attempt, ports.random), signal)
    }
  }
}

export function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === true
}
