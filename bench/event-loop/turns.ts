/** How long the turns of this process's event loop take. */
import { closeSync, openSync, readSync } from 'node:fs'
import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'
import type { Histogram } from 'node:perf_hooks'

/** The longest turn, then p99.9 and p99, ms. */
export type TurnFigures = readonly [longest: number, p999: number, p99: number]

/** Watches from now on, until it is asked. */
export function watchTurns(): () => TurnFigures {
  const turns = monitorEventLoopDelay({ resolution: 1 })
  turns.enable()
  return () => {
    turns.disable()
    return figuresOf(turns)
  }
}

/**
 * Watches from now on, until it is asked, for how long the main thread has the processor within a
 * turn: the rest of a turn is waited for other processes. Undefined where no `/proc` tells it: all
 * but Linux.
 */
export function watchWork(): (() => TurnFigures) | undefined {
  const work = workOfMainThread()
  if (work === undefined) return undefined
  const turns = createHistogram()
  let last = work.nanos()
  const ticking = setInterval(() => {
    const now = work.nanos()
    turns.record(Math.max(1, now - last))
    last = now
  }, 1)
  return () => {
    clearInterval(ticking)
    work.close()
    return figuresOf(turns)
  }
}

/** The first number of proc(5)'s `schedstat`: nanoseconds that a thread has had the processor. */
function workOfMainThread(): { nanos(): number; close(): void } | undefined {
  const text = Buffer.alloc(64)
  try {
    const file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r')
    return {
      nanos: () => parseInt(text.toString('latin1', 0, readSync(file, text, 0, text.length, 0))),
      close: () => closeSync(file),
    }
  } catch {
    return undefined
  }
}

function figuresOf(turns: Histogram): TurnFigures {
  const [longest, p999, p99] = [100, 99.9, 99].map((at) => turns.percentile(at) / 1e6)
  return [longest, p999, p99]
}
