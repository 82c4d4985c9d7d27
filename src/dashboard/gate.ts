/** Lets only so many do a thing at once; the others wait in a line that has an end. */
import { Problem } from './problem.ts'

export class Gate {
  readonly #atOnce: number
  readonly #mayWait: number
  readonly #waiting: (() => void)[] = []
  #inside = 0

  constructor(atOnce: number, mayWait: number) {
    this.#atOnce = atOnce
    this.#mayWait = mayWait
  }

  /** Throws `TOO_BUSY` when the line is full. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside < this.#atOnce) this.#inside++
    else if (this.#waiting.length >= this.#mayWait) {
      throw new Problem('TOO_BUSY', 'too many ranges were asked for at once')
    } else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      // Whoever waits longest takes the place over.
      const next = this.#waiting.shift()
      if (next === undefined) this.#inside--
      else next()
    }
  }
}
