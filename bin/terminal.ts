/**
 * The real terminal. Whatever ends the process but SIGKILL, the terminal is as it was found: cursor,
 * line wrapping, echo, and the screen with its history.
 */
import { emitKeypressEvents } from 'node:readline'
import type { Key } from 'node:readline'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Terminal, TerminalSize } from '../src/program/terminal.ts'
import type { Talk } from './talk.ts'

// Control sequences of xterm (https://invisible-island.net/xterm/ctlseqs/ctlseqs.html).
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l'
/** Terminals that know it show the whole frame at once; others ignore it. */
const BEGIN_FRAME = '\u001b[?2026h'
const END_FRAME = '\u001b[?2026l'
const HOME = '\u001b[H'
const ERASE_LINE = '\u001b[2K'
const BELOW = '\u001b[J'

/** A terminal that takes no more (Ctrl-S) is not written to until it does. */
const MOST_WAITING_BYTES = 64 * 1024

const DEFAULT_SIZE: TerminalSize = { columns: 80, rows: 24 }

/** Undefined where standard output is no terminal, or one that cannot move its cursor. */
export function openTerminal(
  { stdin, stdout }: { stdin: ReadStream; stdout: WriteStream },
  talk: Talk,
  term: string | undefined,
): Terminal | undefined {
  if (!stdout.isTTY || term === 'dumb') return undefined
  return new ProcessTerminal(stdin, stdout, talk)
}

class ProcessTerminal implements Terminal {
  readonly #stdin: ReadStream
  readonly #stdout: WriteStream
  readonly #talk: Talk
  #onTalk: (line: string) => void = () => undefined
  #onKey: (key: string) => void = () => undefined
  #onResize: () => void = () => undefined
  #open = true

  constructor(stdin: ReadStream, stdout: WriteStream, talk: Talk) {
    this.#stdin = stdin
    this.#stdout = stdout
    this.#talk = talk
    stdout.on('resize', this.#resized)
    process.on('exit', this.#gone)
    process.on('uncaughtExceptionMonitor', this.#gone)
    process.on('SIGTSTP', this.#suspend)
    process.on('SIGHUP', this.#hangUp)
    if (stdin.isTTY) {
      emitKeypressEvents(stdin)
      stdin.on('keypress', this.#pressed)
    }
    this.#enter()
  }

  size(): TerminalSize {
    const { columns, rows } = this.#stdout
    // A terminal that does not know its size says 0.
    return columns > 0 && rows > 0 ? { columns, rows } : DEFAULT_SIZE
  }

  draw(lines: readonly string[]): void {
    if (!this.#open || this.#stdout.writableLength > MOST_WAITING_BYTES) return
    const { rows } = this.size()
    // Erased before it is written: after a full line the cursor stands on its last character.
    const frame = lines.slice(0, rows).map((line) => ERASE_LINE + line)
    const below = frame.length < rows ? `\r\n${BELOW}` : ''
    this.#stdout.write(BEGIN_FRAME + HOME + frame.join('\r\n') + below + END_FRAME)
  }

  onKey(listener: (key: string) => void): void {
    this.#onKey = listener
  }

  onTalk(listener: (line: string) => void): void {
    this.#onTalk = listener
  }

  onResize(listener: () => void): void {
    this.#onResize = listener
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    this.#stdout.off('resize', this.#resized)
    process.off('exit', this.#gone)
    process.off('uncaughtExceptionMonitor', this.#gone)
    process.off('SIGTSTP', this.#suspend)
    process.off('SIGHUP', this.#hangUp)
    this.#stdin.off('keypress', this.#pressed)
    this.#leave()
  }

  #enter(): void {
    if (this.#stdin.isTTY) {
      this.#stdin.setRawMode(true)
      this.#stdin.resume()
    }
    this.#stdout.write(ENTER)
    this.#talk.hold((line) => this.#onTalk(line))
  }

  #leave(): void {
    this.#stdout.write(LEAVE)
    this.#talk.release()
    if (this.#stdin.isTTY) {
      this.#stdin.setRawMode(false)
      this.#stdin.pause()
    }
  }

  readonly #resized = (): void => {
    this.#onResize()
  }

  readonly #gone = (): void => {
    this.close()
  }

  readonly #pressed = (character: string | undefined, key: Key): void => {
    // In raw mode these are characters; the terminal would have sent a signal to the whole group.
    if (key.ctrl === true && (key.name === 'c' || key.name === '\\')) process.kill(0, 'SIGINT')
    else if (key.ctrl === true && key.name === 'z') process.kill(0, 'SIGTSTP')
    else if (key.ctrl === true && key.name === 'l') this.#onResize()
    else if (key.name === 'escape' || (key.ctrl !== true && key.meta !== true)) {
      const printed = character !== undefined && /^[!-~]$/.test(character)
      this.#onKey(printed ? character : (key.name ?? ''))
    }
  }

  /** Gives the terminal to the shell, stops as one does by default, and comes back with `fg`. */
  readonly #suspend = (): void => {
    this.#leave()
    process.off('SIGTSTP', this.#suspend)
    // Stops here, unless no shell is there to go on with it: then the kernel drops the signal.
    process.kill(process.pid, 'SIGTSTP')
    process.on('SIGTSTP', this.#suspend)
    this.#enter()
    this.#onResize()
  }

  /** The first ends the program as Ctrl-C does. */
  readonly #hangUp = (): void => {
    process.kill(process.pid, 'SIGTERM')
  }
}
