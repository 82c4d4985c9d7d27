/** A post that one process after another fills: when one is killed, the next begins in its place. */
import type { Child, Failure } from '../child.ts'

export class Post {
  readonly name: string
  /** Its exit code, once a process on this post has ended by itself. */
  readonly ended: Promise<number>
  /** Resolves when a process on this post fails by itself; never otherwise. */
  readonly failed: Promise<Failure>
  readonly #begin: (turn: number, holder: string) => Child
  #child: Child
  #turn = 1
  #names = 1
  #resolveEnded: (code: number) => void = () => undefined
  #resolveFailed: (failure: Failure) => void = () => undefined
  #frozen = false
  #open = true

  /** `begin` starts the process of the `turn`-th turn, from 1, under the name of `holder`. */
  constructor(name: string, begin: (turn: number, holder: string) => Child) {
    this.name = name
    this.#begin = begin
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve))
    this.failed = new Promise((resolve) => (this.#resolveFailed = resolve))
    this.#child = this.#start()
  }

  /** Which process is on the post: the first, the second, … */
  get turn(): number {
    return this.#turn
  }

  /** What whoever is on the post is called: as the post, until it was filled with somebody new. */
  get holder(): string {
    return this.#names === 1 ? this.name : `${this.name}-${this.#names}`
  }

  get running(): boolean {
    return this.#child.running && !this.#child.stopping
  }

  /** Its last process ended by itself. */
  get over(): boolean {
    return !this.#child.running && !this.#child.stopping
  }

  get frozen(): boolean {
    return this.#frozen
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.#frozen = false
    await this.#child.kill()
  }

  /** Fills the post again after a kill: with the same command, or with somebody of another name. */
  restart(as: 'the same' | 'another'): void {
    if (!this.#open || this.running || this.over) return
    this.#turn++
    if (as === 'another') this.#names++
    this.#child = this.#start()
  }

  /** SIGSTOP; whatever becomes of us, SIGCONT follows within `millis` and a little. */
  freeze(millis: number): void {
    this.#frozen = true
    this.#child.freeze(millis)
  }

  /** SIGCONT. */
  wake(): void {
    if (!this.#frozen) return
    this.#frozen = false
    this.#child.wake()
  }

  /** Closes the post: its process is asked to drain, and none follows. */
  async stop(): Promise<void> {
    this.#open = false
    this.wake()
    await this.#child.stop()
  }

  #start(): Child {
    const child = this.#begin(this.#turn, this.holder)
    void child.failed().then((failure) => this.#resolveFailed(failure))
    void child.exited.then((code) => {
      if (!child.stopping) this.#resolveEnded(code)
    })
    return child
  }
}
