/**
 * Standard error as the programs talk to it. While a view has the screen, what is said would run
 * across it: it is shown there as one line, kept, and printed once the screen is given back.
 */
import { Writable } from 'node:stream'
import type { WriteStream } from 'node:tty'

const LINES_KEPT = 500

export class Talk extends Writable {
  readonly #stderr: WriteStream
  #listener: ((line: string) => void) | undefined
  #kept: string[] = []

  constructor(stderr: WriteStream) {
    super({ decodeStrings: false })
    this.#stderr = stderr
  }

  get isTTY(): boolean {
    return this.#stderr.isTTY
  }

  get columns(): number {
    return this.#stderr.columns
  }

  /** Keeps what is said from now on, and tells of each line. Of no use where it is not a terminal. */
  hold(listener: (line: string) => void): void {
    if (this.isTTY) this.#listener = listener
  }

  /** Prints what was kept; may be called again. */
  release(): void {
    this.#listener = undefined
    if (this.#kept.length > 0) this.#stderr.write(this.#kept.join(''))
    this.#kept = []
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    const text = chunk.toString()
    if (this.#listener === undefined) {
      this.#stderr.write(text, () => done())
      return
    }
    this.#kept.push(text)
    if (this.#kept.length > LINES_KEPT) this.#kept.shift()
    const line = text.trim().split('\n').at(-1)
    if (line) this.#listener(line)
    done()
  }
}
