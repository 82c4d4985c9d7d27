/**
 * A child process that simulates the seeds it is sent, one after the other, and answers with
 * verdicts.
 */
import type { Verdict } from './simulation.ts'
import { simulate } from './simulation.ts'

// Stacks of errors cost more than the simulation; `--seed` has them.
Error.stackTraceLimit = 0

process.on('message', (seed: number) => {
  void simulate({ seed }).then(
    (verdict) => process.send?.(verdict),
    (error: unknown) => {
      const failure = error instanceof Error ? (error.stack ?? error.message) : String(error)
      const verdict: Verdict = { seed, failure, virtualMillis: 0, events: 0, counts: {} }
      process.send?.(verdict)
    },
  )
})
process.on('disconnect', () => {
  process.exit()
})
