/** Long work in slices, so that what is due meanwhile gets its turn: the renewal of a lease, say. */
import type { Clock } from './clock.ts'

/**
 * How long work goes on in one turn of the event loop before others have theirs, ms. The piece that
 * ends it comes on top, and what goes on after a pause may be in the same turn.
 */
const SLICE_MILLIS = 5

const slices = new WeakMap<Clock, Slices>()

/** The slices of the process whose clock this is: its work is done in one event loop. */
export function slicesOf(clock: Clock): Slices {
  let known = slices.get(clock)
  if (known === undefined) slices.set(clock, (known = new Slices(clock)))
  return known
}

/**
 * Shared by all that work side by side, since together they hold the event loop up. Before each piece
 * of work, and with nothing awaited in between: `while (slices.over) await slices.pause()`.
 */
export class Slices {
  readonly #clock: Clock
  /** When this turn's slice began; undefined until there is work in it. */
  #since: number | undefined
  #pause: Promise<void> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get over(): boolean {
    if (this.#pause !== undefined) return true
    const now = this.#clock.monotonicMillis()
    if (this.#since !== undefined) return now - this.#since >= SLICE_MILLIS
    this.#since = now
    void this.#clock.sleep(0).then(() => (this.#since = undefined))
    return false
  }

  /** Does work that says with `yield` where others may go first. */
  async finish<T>(work: Generator<void, T>): Promise<T> {
    for (;;) {
      while (this.over) await this.pause()
      const step = work.next()
      if (step.done === true) return step.value
    }
  }

  /** Lets others go first; a new slice begins. */
  pause(): Promise<void> {
    this.#pause ??= this.#clock.sleep(0).then(() => {
      this.#since = undefined
      this.#pause = undefined
    })
    return this.#pause
  }
}
