/**
 * A process that does nothing and watches its own event loop: how long the machine keeps it waiting.
 * Forked; answers the first message with its longest turn and percentiles, ms, and ends.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'

const turns = monitorEventLoopDelay({ resolution: 1 })
turns.enable()
process.once('message', () => {
  turns.disable()
  process.send?.([100, 99.9, 99].map((at) => turns.percentile(at) / 1e6))
  process.disconnect()
})
