import type { Clock } from '../time/clock.ts'

/**
 * Maps event time to the wall: `due = anchor + (eventTime − anchorEventTime) / speed`. The anchor is
 * absolute, so waiting too long once makes nothing late for good.
 */
export class ReplayClock {
  readonly #clock: Clock
  #speed: number
  #anchorMillis = NaN
  #anchorEventTime = NaN

  /** `speed` > 0; Infinity releases everything at once. */
  constructor(clock: Clock, speed: number) {
    this.#clock = clock
    this.#speed = speed
  }

  get speed(): number {
    return this.#speed
  }

  /** From here on `eventTime` is now. */
  anchor(eventTime: number): void {
    this.#anchorMillis = this.#clock.monotonicMillis()
    this.#anchorEventTime = eventTime
  }

  get anchored(): boolean {
    return !Number.isNaN(this.#anchorMillis)
  }

  /** Milliseconds until `eventTime` is due; 0 or less when it is. */
  dueIn(eventTime: number): number {
    if (this.#speed === Infinity || !this.anchored) return 0
    const due = this.#anchorMillis + (eventTime - this.#anchorEventTime) / this.#speed
    return due - this.#clock.monotonicMillis()
  }

  /** The event time that is due now; Infinity at speed `max`. */
  eventTimeNow(): number {
    if (this.#speed === Infinity) return Infinity
    if (!this.anchored) return -Infinity
    const elapsed = this.#clock.monotonicMillis() - this.#anchorMillis
    return this.#anchorEventTime + elapsed * this.#speed
  }

  /** Changes the speed from now on; event time neither jumps nor goes back. */
  setSpeed(speed: number): void {
    if (this.anchored && this.#speed !== Infinity) this.anchor(this.eventTimeNow())
    this.#speed = speed
  }
}
