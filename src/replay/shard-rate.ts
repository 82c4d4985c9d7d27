/**
 * How fast one shard may be written to: unlimited until it throttles for the first time, from then
 * on a token bucket whose rate is multiplied down by a throttle and added to by success (AIMD).
 */
const DECREASE = 0.7
const INCREASE_BYTES_PER_SECOND = 64 * 1024
const MIN_BYTES_PER_SECOND = 32 * 1024
/** Throttles within this time of one another are one event. */
const DECREASE_PAUSE_MILLIS = 500
const BURST_SECONDS = 0.25

export class ShardRate {
  #bytesPerSecond = Infinity
  #tokens = 0
  #refilledAt = 0
  #decreasedAt = -Infinity
  #recentBytes = 0
  #recentSince: number

  constructor(nowMillis: number) {
    this.#recentSince = nowMillis
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** Whole ms until `bytes` may be sent; 0 when they may be sent now, and then they are taken. */
  take(bytes: number, nowMillis: number): number {
    if (this.#bytesPerSecond === Infinity) return 0
    const seconds = (nowMillis - this.#refilledAt) / 1000
    const burst = Math.max(bytes, this.#bytesPerSecond * BURST_SECONDS)
    this.#tokens = Math.min(burst, this.#tokens + seconds * this.#bytesPerSecond)
    this.#refilledAt = nowMillis
    if (this.#tokens >= bytes) {
      this.#tokens -= bytes
      return 0
    }
    // Rounded up: what is left after a wait that was a rounding error short would be no wait at all.
    return Math.ceil(((bytes - this.#tokens) / this.#bytesPerSecond) * 1000)
  }

  accepted(bytes: number, nowMillis: number): void {
    if (nowMillis - this.#recentSince > 2_000) {
      this.#recentBytes /= 2
      this.#recentSince = nowMillis - 1_000
    }
    this.#recentBytes += bytes
    if (this.#bytesPerSecond !== Infinity) {
      this.#bytesPerSecond += (INCREASE_BYTES_PER_SECOND * bytes) / this.#bytesPerSecond
    }
  }

  throttled(nowMillis: number): void {
    if (nowMillis - this.#decreasedAt < DECREASE_PAUSE_MILLIS) return
    this.#decreasedAt = nowMillis
    const seconds = Math.max(0.25, (nowMillis - this.#recentSince) / 1000)
    const rate =
      this.#bytesPerSecond === Infinity ? this.#recentBytes / seconds : this.#bytesPerSecond
    this.#bytesPerSecond = Math.max(MIN_BYTES_PER_SECOND, rate * DECREASE)
    this.#tokens = 0
    this.#refilledAt = nowMillis
  }
}
