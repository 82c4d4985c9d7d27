/**
 * A token bucket of DynamoDB write units: flushes come at their interval while it has any left, and
 * otherwise as soon as the debt of the last one is paid off. So lag is traded for money in one place.
 */
const BURST_SECONDS = 60

export class WriteBudget {
  readonly #unitsPerSecond: number
  #tokens: number
  #refilledAt: number

  /** `unitsPerSecond` > 0; Infinity = no limit. */
  constructor(unitsPerSecond: number, nowMillis: number) {
    this.#unitsPerSecond = unitsPerSecond
    this.#tokens = unitsPerSecond * BURST_SECONDS
    this.#refilledAt = nowMillis
  }

  /** Whether a flush may begin. */
  available(nowMillis: number): boolean {
    if (this.#unitsPerSecond === Infinity) return true
    const earned = ((nowMillis - this.#refilledAt) / 1000) * this.#unitsPerSecond
    this.#tokens = Math.min(this.#unitsPerSecond * BURST_SECONDS, this.#tokens + earned)
    this.#refilledAt = nowMillis
    return this.#tokens > 0
  }

  /** Milliseconds until a flush may begin. */
  untilAvailable(nowMillis: number): number {
    if (this.available(nowMillis)) return 0
    return Math.floor((-this.#tokens / this.#unitsPerSecond) * 1000) + 1
  }

  /** An item of `bytes` was written; a unit is 1 KB, rounded up. */
  spend(bytes: number): void {
    if (this.#unitsPerSecond !== Infinity) this.#tokens -= Math.max(1, Math.ceil(bytes / 1024))
  }
}
