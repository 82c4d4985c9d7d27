import type { Random } from './random.ts'

/**
 * Milliseconds to wait before attempt `attempt` (1 = the first retry): exponential with full
 * jitter, between 0 and min(`capMillis`, `baseMillis` × 2^(attempt − 1)).
 */
export function backoffMillis(
  attempt: number,
  random: Random,
  { baseMillis = 50, capMillis = 5_000 }: { baseMillis?: number; capMillis?: number } = {},
): number {
  return random() * Math.min(capMillis, baseMillis * 2 ** Math.min(30, attempt - 1))
}
