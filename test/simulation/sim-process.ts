import type { Clock } from '../../src/time/clock.ts'
import type { Timeline } from './timeline.ts'

/** How a process's clocks differ from the true time. */
export interface Skew {
  /** Added to its wall clock, ms. */
  wallMillis: number
  /** How fast its clocks run; 1 is right. */
  rate: number
}

/** No timer is shorter; as in Node. */
const TIMER_MILLIS = 1

/** Wall clock of the simulation's beginning. */
export const SIM_EPOCH = Date.UTC(2016, 5, 1)

/**
 * An operating-system process: everything that would make its code go on (a timer, a reply) is
 * delivered through it, so it can be killed or frozen between any two awaits.
 */
export class SimProcess {
  readonly name: string
  readonly clock: Clock
  readonly #timeline: Timeline
  #state: 'running' | 'frozen' | 'dead' = 'running'
  #held: (() => void)[] = []
  #onDeath: (() => void)[] = []

  constructor(name: string, timeline: Timeline, skew: Skew = { wallMillis: 0, rate: 1 }) {
    this.name = name
    this.#timeline = timeline
    const start = timeline.now
    const own = (): number => (timeline.now - start) * skew.rate
    this.clock = {
      now: () => Math.round(SIM_EPOCH + timeline.now + skew.wallMillis),
      monotonicMillis: () => 5_000 + own(),
      sleep: (millis, signal) => this.#sleep(millis / skew.rate, signal),
    }
  }

  get dead(): boolean {
    return this.#state === 'dead'
  }

  get frozen(): boolean {
    return this.#state === 'frozen'
  }

  /** Runs `run` now; when it is woken, if it is frozen; never, if it is dead. */
  deliver(run: () => void): void {
    if (this.#state === 'running') run()
    else if (this.#state === 'frozen') this.#held.push(run)
  }

  kill(): void {
    if (this.dead) return
    this.#state = 'dead'
    this.#held = []
    for (const tell of this.#onDeath.splice(0)) tell()
  }

  freeze(): void {
    if (this.#state === 'running') this.#state = 'frozen'
  }

  wake(): void {
    if (this.#state !== 'frozen') return
    this.#state = 'running'
    for (const run of this.#held.splice(0)) {
      this.#timeline.after(0, () => {
        this.deliver(run)
      })
    }
  }

  onDeath(tell: () => void): void {
    if (this.dead) tell()
    else this.#onDeath.push(tell)
  }

  #sleep(millis: number, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel()
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const cancel =
        millis === Infinity
          ? () => undefined
          : this.#timeline.after(Math.max(TIMER_MILLIS, millis), () => {
              this.deliver(wake)
            })
      signal?.addEventListener('abort', wake, { once: true })
    })
  }
}
