import { backoffMillis } from '../time/backoff.ts'
import type { RetryPorts } from '../time/retry.ts'
import { isRetryable } from '../time/retry.ts'
import { isNobodyThere } from './service-error.ts'

const ATTEMPTS = 6

/**
 * What a program asks a service first. A broken connection is no reason not to start, so `work` is
 * tried again a few times; where nobody answers at all the user hears of it at once. Whatever is
 * passed in must be safe to repeat.
 */
export async function firstCall<T>(
  work: () => Promise<T>,
  ports: RetryPorts,
  signal: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!isRetryable(error) || isNobodyThere(error)) throw error
      if (attempt >= ATTEMPTS || signal.aborted) throw error
      ports.onRetry?.(error, attempt)
      await ports.clock.sleep(backoffMillis(attempt, ports.random), signal)
    }
  }
}
