import type { Clock } from './clock.ts'

/** Given as the reason, because the default one is an error with a stack trace. */
const WOKEN = 'woken'

/** A sleep that another part of the program can cut short. */
export class Waker {
  readonly #clock: Clock
  #wake = new AbortController()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Ends the sleep that is under way, or the next one before it begins. */
  wake(): void {
    this.#wake.abort(WOKEN)
  }

  async sleep(millis: number): Promise<void> {
    await this.#clock.sleep(millis, this.#wake.signal)
    if (this.#wake.signal.aborted) this.#wake = new AbortController()
  }
}
