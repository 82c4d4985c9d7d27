/** How long the turns of this process's event loop take. */
import { monitorEventLoopDelay, PerformanceObserver } from 'node:perf_hooks'

/** The longest turn, then p99.9 and p99, ms. */
export type TurnFigures = readonly [longest: number, p999: number, p99: number]

const PERCENTILES = [100, 99.9, 99]
/** Shorter ones are of no interest. */
const LONG_MILLIS = 5

/** Watches from now on, until it is asked. */
export function watchTurns(): () => TurnFigures {
  const turns = monitorEventLoopDelay({ resolution: 1 })
  turns.enable()
  return () => {
    turns.disable()
    const [longest, p999, p99] = PERCENTILES.map((at) => turns.percentile(at) / 1e6)
    return [longest, p999, p99]
  }
}

/**
 * Watches for long turns from now on, until it is asked: the longest, once the time is left out in
 * which V8 stopped everything to collect garbage.
 */
export function watchLongTurns(): () => Promise<number> {
  const turns: { start: number; end: number }[] = []
  const pauses: { startTime: number; duration: number }[] = []
  const observer = new PerformanceObserver((list) => {
    pauses.push(...list.getEntries())
  })
  observer.observe({ entryTypes: ['gc'] })
  let last = performance.now()
  const ticking = setInterval(() => {
    const now = performance.now()
    if (now - last > LONG_MILLIS) turns.push({ start: last, end: now })
    last = now
  }, 1)
  return async () => {
    clearInterval(ticking)
    // What was collected last is told of a turn later.
    await new Promise((resolve) => setTimeout(resolve, 10))
    observer.disconnect()
    const ownMillis = turns.map(({ start, end }) => {
      let own = end - start
      for (const { startTime, duration } of pauses) {
        if (startTime >= start && startTime < end) own -= duration
      }
      return own
    })
    return Math.max(0, ...ownMillis)
  }
}
