import type { Random } from './random.ts'

/**
 * Milliseconds to wait before attempt `attempt` (1 = the first retry): exponential with equal
 * jitter, between half of and all of min(`capMillis`, `baseMillis` × 2^(attempt − 1)).
 */
export function backoffMillis(
  attempt: number,
  random: Random,
  { baseMillis = 50, capMillis = 5_000 }: { baseMillis?: number; capMillis?: number } = {},
): number {
  return (0.5 + random() / 2) * Math.min(capMillis, baseMillis * 2 ** Math.min(30, attempt - 1))
}
