import type { Clock } from '../time/clock.ts'
import { Waker } from '../time/waker.ts'

export interface Loop {
  /** Runs the next round at once, or right after the one under way. */
  poke(): void
  /** Starts no further round, and resolves when the one under way is over. */
  stop(): Promise<void>
}

/**
 * Runs `round` again and again; each round says in how many ms the next one is due. A round must not
 * reject.
 */
export function startLoop(
  clock: Clock,
  round: () => number | Promise<number>,
  firstDelayMillis = 0,
): Loop {
  const waker = new Waker(clock)
  const stopped = new AbortController()
  const run = async (): Promise<void> => {
    let delay = firstDelayMillis
    for (;;) {
      await waker.sleep(delay)
      if (stopped.signal.aborted) return
      delay = await round()
    }
  }
  const done = run()
  return {
    poke: () => {
      waker.wake()
    },
    stop: () => {
      stopped.abort()
      waker.wake()
      return done
    },
  }
}
