/** The live view: looks at the table, listens to keys, and draws what follows from both. */
import { messageOf } from '../../src/errors.ts'
import type { Program } from '../../src/program/program.ts'
import type { Terminal } from '../../src/program/terminal.ts'
import { isRetryable } from '../../src/time/retry.ts'
import { unlessAborted } from '../../src/time/unless-aborted.ts'
import { Waker } from '../../src/time/waker.ts'
import { districtRows, tailFrame } from './tail-frame.ts'
import type { TailSource } from './tail-source.ts'
import type { TailState } from './tail-state.ts'
import { absorb, press } from './tail-state.ts'
import { safeText } from './text-width.ts'

const POLL_MILLIS = 1_000
const RETRY_MILLIS = 3_000

type Surroundings = Pick<Program, 'clock' | 'drain' | 'colour'>

export class TailView {
  readonly #source: TailSource
  readonly #terminal: Terminal
  readonly #program: Surroundings
  readonly #waker: Waker
  /** Aborted when somebody quits or the program is drained. */
  readonly #ended = new AbortController()
  #state: TailState

  constructor(source: TailSource, terminal: Terminal, state: TailState, program: Surroundings) {
    this.#source = source
    this.#terminal = terminal
    this.#state = state
    this.#program = program
    this.#waker = new Waker(program.clock)
  }

  /** Resolves when somebody quits, or the program is drained. */
  async run(): Promise<void> {
    const { drain } = this.#program
    const end = (): void => this.#ended.abort()
    if (drain.aborted) end()
    drain.addEventListener('abort', end, { once: true })
    this.#ended.signal.addEventListener('abort', () => this.#waker.wake(), { once: true })
    this.#terminal.onResize(() => this.#draw())
    this.#terminal.onTalk((line) => this.note(line))
    this.#terminal.onKey((key) => this.#press(key))
    this.#draw()
    while (!this.#over) {
      if (!this.#state.paused) await unlessAborted(this.#look(), this.#ended.signal)
      if (this.#over) break
      this.#draw()
      await this.#waker.sleep(this.#state.trouble === undefined ? POLL_MILLIS : RETRY_MILLIS)
    }
  }

  /** Shows a line at the bottom, in place of the one before. */
  note(line: string): void {
    this.#state = { ...this.#state, note: safeText(line) }
  }

  get #over(): boolean {
    return this.#ended.signal.aborted
  }

  #draw(): void {
    const { clock, colour } = this.#program
    const space = { ...this.#terminal.size(), colour }
    this.#terminal.draw(tailFrame(this.#state, space, clock.monotonicMillis()))
  }

  #press(key: string): void {
    const before = this.#state
    const pressed = press(before, key, districtRows(this.#terminal.size().rows))
    if (pressed === 'quit') {
      this.#ended.abort()
      return
    }
    this.#state = pressed
    this.#draw()
    const wentOn = before.paused && !pressed.paused
    if (pressed.window !== before.window || wentOn) this.#waker.wake()
  }

  /** Keys may change the state while the table is read: what was read is added to what it is then. */
  async #look(): Promise<void> {
    const { window } = this.#state
    try {
      const snapshot = await this.#source.look(window)
      const { windows } = this.#source
      const now = this.#program.clock.monotonicMillis()
      if (this.#state.paused) return
      this.#state = { ...this.#state, windows, trouble: undefined }
      // Counts of a window that nobody asks for any more.
      if (snapshot === undefined || this.#state.window !== window) return
      const shown = snapshot.window === '' ? window : snapshot.window
      this.#state = { ...absorb(this.#state, snapshot, now), window: shown }
    } catch (error) {
      if (!isRetryable(error)) throw error
      this.#state = { ...this.#state, trouble: `Trying again: ${messageOf(error)}` }
    }
  }
}
