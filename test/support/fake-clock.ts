import type { Clock } from '../../src/time/clock.ts'

interface Sleeper {
  readonly dueAt: number
  readonly order: number
  readonly wake: () => void
}

/**
 * A clock that stands still until it is told to go on. `advance` goes from sleeper to sleeper, in
 * the order in which they are due, and lets everything that follows from one waking up happen before
 * the next.
 */
export class FakeClock implements Clock {
  #time: number
  #order = 0
  readonly #epoch: number
  readonly #sleepers = new Set<Sleeper>()

  constructor({ monotonicMillis = 1_000, now = Date.UTC(2016, 0, 1) } = {}) {
    this.#time = monotonicMillis
    this.#epoch = now - monotonicMillis
  }

  now(): number {
    return this.#epoch + this.#time
  }

  monotonicMillis(): number {
    return this.#time
  }

  sleep(millis: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || millis <= 0) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueAt: this.#time + millis,
        order: this.#order++,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', sleeper.wake)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', sleeper.wake, { once: true })
    })
  }

  /** How many sleep right now. */
  get sleepers(): number {
    return this.#sleepers.size
  }

  /** Lets `millis` pass. */
  async advance(millis: number): Promise<void> {
    const until = this.#time + millis
    for (;;) {
      await settled()
      const next = this.#nextSleeper()
      if (next === undefined || next.dueAt > until) break
      this.#time = Math.max(this.#time, next.dueAt)
      next.wake()
    }
    this.#time = until
    await settled()
  }

  /** Goes on, at most for `limitMillis`, until `condition` holds; resolves to the ms it took. */
  async advanceUntil(condition: () => boolean, limitMillis: number): Promise<number> {
    const start = this.#time
    for (;;) {
      await settled()
      if (condition()) return this.#time - start
      const next = this.#nextSleeper()
      if (next === undefined || next.dueAt > start + limitMillis) {
        throw new Error(`not within ${limitMillis} ms: ${condition.toString()}`)
      }
      this.#time = Math.max(this.#time, next.dueAt)
      next.wake()
    }
  }

  /** Lets `millis` pass in which nothing runs, as when a process is stopped or a machine sleeps. */
  jump(millis: number): void {
    this.#time += millis
  }

  #nextSleeper(): Sleeper | undefined {
    let next: Sleeper | undefined
    for (const sleeper of this.#sleepers) {
      const isEarlier =
        next === undefined ||
        sleeper.dueAt < next.dueAt ||
        (sleeper.dueAt === next.dueAt && sleeper.order < next.order)
      if (isEarlier) next = sleeper
    }
    return next
  }
}

/** Resolves when everything that promises alone can do has been done. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
