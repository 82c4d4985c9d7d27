/** A hailstream command in a process of its own, which ends when this one does. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ExitCode, Program } from '../src/program/program.ts'

/** How a child that failed by itself is told: its own words, and its exit code. */
export interface Failure {
  message: string
  exitCode: ExitCode
}

const PATIENCE_MILLIS = 10_000
const TALK_KEPT = 200

export class Child {
  /** Its exit code; 1 where a signal ended it. */
  readonly exited: Promise<number>
  /** What it said on stderr, the latest lines. */
  readonly talk: string[] = []
  readonly #process: ChildProcess
  readonly #name: string
  #stopping = false
  /** The shell that will wake the process. */
  #freezer: ChildProcess | undefined

  constructor(
    name: string,
    args: readonly string[],
    environment: Program['environment'],
    listeners: {
      onData?: (line: Record<string, unknown>) => void
      onTalk?: (line: string) => void
    } = {},
  ) {
    this.#name = name
    const entry = fileURLToPath(new URL('../../bin/hailstream.js', import.meta.url))
    this.#process = spawn(process.execPath, [entry, ...args], {
      env: { ...environment },
      // The channel tells the child when we are gone, however we went.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Not in our group: Ctrl-C reaches us alone, and we stop the parts in order.
      detached: true,
    })
    this.exited = new Promise((resolve) => {
      this.#process.once('error', () => resolve(1))
      this.#process.once('close', (code) => resolve(code ?? 1))
    })
    const { stdout, stderr } = this.#process
    if (stdout !== null) {
      createInterface(stdout).on('line', (line) => listeners.onData?.(parseLine(line)))
    }
    if (stderr !== null) {
      createInterface(stderr).on('line', (line) => {
        this.talk.push(line)
        if (this.talk.length > TALK_KEPT) this.talk.shift()
        listeners.onTalk?.(line)
      })
    }
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  get running(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null
  }

  /** It was asked to end, so its end is not its own. */
  get stopping(): boolean {
    return this.#stopping
  }

  /** `kill -9`. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.#stopping = true
    this.#forgetFreezer()
    this.#process.kill('SIGKILL')
    await this.exited
  }

  /**
   * SIGSTOP, and SIGCONT after `millis`. A shell sends both: a stopped process cannot notice that we
   * are gone, so somebody who outlives us must wake it.
   */
  freeze(millis: number): void {
    if (this.pid === undefined) return
    const script = 'kill -STOP "$1"; sleep "$2"; kill -CONT "$1"'
    const args = ['-c', script, 'sh', String(this.pid), String(Math.ceil(millis / 1000))]
    this.#freezer = spawn('sh', args, { detached: true, stdio: 'ignore' })
    this.#freezer.unref()
  }

  /** SIGCONT now. */
  wake(): void {
    this.#forgetFreezer()
    this.#process.kill('SIGCONT')
  }

  #forgetFreezer(): void {
    const freezer = this.#freezer
    this.#freezer = undefined
    if (freezer?.pid === undefined || freezer.exitCode !== null) return
    try {
      process.kill(-freezer.pid, 'SIGKILL') // the shell and its sleep
    } catch {
      // They have just ended.
    }
  }

  /** Resolves when it ends by itself with a failure; never, when it ends well or is stopped. */
  failed(): Promise<Failure> {
    return new Promise((resolve) => {
      void this.exited.then((code) => {
        if (code === 0 || this.#stopping) return
        const said = this.talk.filter((line) => line.startsWith('hailstream: ')).at(-1)
        resolve({
          message: said ?? `hailstream: ${this.#name} ended with exit code ${code}.`,
          exitCode: code === 2 ? 2 : 1,
        })
      })
    })
  }

  /** Asks it to drain, and ends it when that takes too long. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (!this.running) return
    this.#process.kill('SIGTERM')
    const late = setTimeout(() => this.#process.kill('SIGKILL'), PATIENCE_MILLIS)
    await this.exited
    clearTimeout(late)
  }
}

function parseLine(line: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}
