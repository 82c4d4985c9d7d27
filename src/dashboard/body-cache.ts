/** Answers that were asked for a moment ago: many browsers draw the same range. */
import type { Body } from './body.ts'

const MAX_BYTES = 32 * 1024 * 1024
const FRESH_MILLIS = 1_000

interface Known {
  body: Promise<Body>
  /** Monotonic ms; Infinity while it is being made. */
  madeAt: number
  bytes: number
}

export class BodyCache {
  readonly #known = new Map<string, Known>()
  readonly #monotonicMillis: () => number
  #bytes = 0

  constructor(monotonicMillis: () => number) {
    this.#monotonicMillis = monotonicMillis
  }

  /** What `make` made of `key` within the last second, or is making now. */
  get(key: string, make: () => Promise<Body>): Promise<Body> {
    const now = this.#monotonicMillis()
    const there = this.#known.get(key)
    if (there !== undefined && there.madeAt > now - FRESH_MILLIS) return there.body
    this.#forget(key)
    const known: Known = { body: make(), madeAt: Infinity, bytes: 0 }
    this.#known.set(key, known)
    known.body.then(
      ({ bytes }) => {
        if (this.#known.get(key) !== known) return
        known.madeAt = this.#monotonicMillis()
        known.bytes = bytes.length
        this.#bytes += known.bytes
        this.#makeRoom()
      },
      () => {
        if (this.#known.get(key) === known) this.#forget(key)
      },
    )
    return known.body
  }

  #makeRoom(): void {
    const stale = this.#monotonicMillis() - FRESH_MILLIS
    for (const [key, { madeAt }] of this.#known) {
      if (madeAt <= stale || this.#bytes > MAX_BYTES) this.#forget(key)
    }
  }

  #forget(key: string): void {
    this.#bytes -= this.#known.get(key)?.bytes ?? 0
    this.#known.delete(key)
  }
}
