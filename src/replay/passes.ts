/** How often the trips of a run are gone through, and how far each time moves them on: pure. */
import type { RunPlan } from '../runs/run.ts'
import type { ReplaySource } from './replay-ports.ts'

/**
 * A pass that comes after the first ends before this: in the years beyond 9999 no time has a key in
 * the table, and a dropoff may be long after its pickup.
 */
const LAST_YEAR = Date.UTC(9999, 0, 1)
/** So that no pass touches the one before. */
const BETWEEN_MILLIS = 1_000

export function planPasses(
  plan: Pick<RunPlan, 'passes'>,
  { firstTime, lastTime }: Pick<ReplaySource, 'firstTime' | 'lastTime'>,
): { passes: number; spanMillis: number } {
  const spanMillis = lastTime - firstTime + BETWEEN_MILLIS
  const fitting = 1 + Math.max(0, Math.floor((LAST_YEAR - lastTime) / spanMillis))
  return { passes: plan.passes ?? fitting, spanMillis }
}
