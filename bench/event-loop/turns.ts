/** How long the turns of this process's event loop take. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Watches from now on, until it is asked: the longest turn, then p99.9 and p99, ms. */
export function watchTurns(): () => number[] {
  const turns = monitorEventLoopDelay({ resolution: 1 })
  turns.enable()
  return () => {
    turns.disable()
    return [100, 99.9, 99].map((at) => turns.percentile(at) / 1e6)
  }
}
