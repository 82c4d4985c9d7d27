/** Long work in slices, so that what is due meanwhile gets its turn: the renewal of a lease, say. */
import type { Clock } from './clock.ts'

/** How long a slice goes on before others have their turn, ms. The piece that ends it comes on top. */
const SLICE_MILLIS = 8

/**
 * Shared by all that work side by side, since together they hold the event loop up. Before each piece
 * of work, and with nothing awaited in between: `while (slices.over) await slices.pause()`.
 */
export class Slices {
  readonly #clock: Clock
  #since: number
  #pause: Promise<void> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
    this.#since = clock.monotonicMillis()
  }

  get over(): boolean {
    return this.#pause !== undefined || this.#clock.monotonicMillis() - this.#since >= SLICE_MILLIS
  }

  /** Lets others go first; a new slice begins. */
  pause(): Promise<void> {
    this.#pause ??= this.#clock.sleep(0).then(() => {
      this.#since = this.#clock.monotonicMillis()
      this.#pause = undefined
    })
    return this.#pause
  }
}
