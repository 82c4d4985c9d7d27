/** Whether anybody watches: a look at the table that nobody asked for costs read units all the same. */
import type { Clock } from '../time/clock.ts'

/** So long after the last question nobody watches any more. */
const ATTENTION_MILLIS = 15_000

export class Attention {
  readonly #clock: Clock
  readonly #isWatched: () => boolean
  #askedAt: number
  #rest: Rest | undefined

  /** `isWatched`: somebody has to be told of every look. */
  constructor(clock: Clock, isWatched: () => boolean) {
    this.#clock = clock
    this.#isWatched = isWatched
    this.#askedAt = clock.monotonicMillis()
  }

  /** Somebody asks. Ends a rest, and then resolves once there was a look. */
  async ask(): Promise<void> {
    this.#askedAt = this.#clock.monotonicMillis()
    this.#rest?.end()
    await this.#rest?.looked
  }

  /** Resolves at once while somebody watches, else when somebody asks, or with `stop`. */
  async wanted(stop: AbortSignal): Promise<void> {
    const quiet = this.#clock.monotonicMillis() - this.#askedAt >= ATTENTION_MILLIS
    if (stop.aborted || !quiet || this.#isWatched()) return
    const rest = new Rest()
    this.#rest = rest
    stop.addEventListener('abort', rest.end)
    await rest.ended
    stop.removeEventListener('abort', rest.end)
    if (stop.aborted) this.looked()
  }

  /** There was a look: whoever waited for it may go on. */
  looked(): void {
    this.#rest?.tellLooked()
    this.#rest = undefined
  }
}

class Rest {
  readonly ended: Promise<void>
  readonly looked: Promise<void>
  end = (): void => undefined
  tellLooked = (): void => undefined

  constructor() {
    this.ended = new Promise((resolve) => (this.end = resolve))
    this.looked = new Promise((resolve) => (this.tellLooked = resolve))
  }
}
