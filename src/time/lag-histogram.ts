/**
 * Durations of the last few minutes, and their percentiles. Buckets grow by 2 %, so a percentile
 * is within 1 % of the true one, at a fixed size, however many durations come.
 */
const GROWTH = 1.02
/** Up to a bit more than an hour; what took longer counts as that. */
const BUCKETS = Math.ceil(Math.log(4_000_000) / Math.log(GROWTH))
const SLOTS = 10

/** Milliseconds; `samples` is how many durations they are of. */
export interface Percentiles {
  p50: number
  p99: number
  p999: number
  samples: number
}

interface Slot {
  number: number
  counts: Float64Array
}

export class LagHistogram {
  readonly #slotMillis: number
  #slots: Slot[] = []

  /** Forgets durations after `windowMillis`, a tenth of that more or less. */
  constructor(windowMillis: number) {
    this.#slotMillis = windowMillis / SLOTS
  }

  /** `now` never goes back. A duration below 0, from clocks that disagree, counts as 0. */
  add(now: number, millis: number, weight = 1): void {
    const number = Math.floor(now / this.#slotMillis)
    let slot = this.#slots.at(-1)
    if (slot?.number !== number) {
      slot = { number, counts: new Float64Array(BUCKETS) }
      this.#slots.push(slot)
      // What is old goes when something new comes: of a feed that stopped, the last stays.
      this.#slots = this.#slots.filter((each) => each.number > number - SLOTS)
    }
    slot.counts[bucketOf(millis)] += weight
  }

  /** Undefined before the first duration. */
  percentiles(): Percentiles | undefined {
    const counts = new Float64Array(BUCKETS)
    let samples = 0
    for (const slot of this.#slots) {
      for (let i = 0; i < BUCKETS; i++) {
        counts[i] += slot.counts[i]
        samples += slot.counts[i]
      }
    }
    if (samples === 0) return undefined
    return {
      p50: percentile(counts, samples, 0.5),
      p99: percentile(counts, samples, 0.99),
      p999: percentile(counts, samples, 0.999),
      samples,
    }
  }
}

function bucketOf(millis: number): number {
  if (!(millis > 1)) return 0
  return Math.min(BUCKETS - 1, Math.floor(Math.log(millis) / Math.log(GROWTH)))
}

/** The smallest duration that `share` of all do not exceed: the middle of its bucket. */
function percentile(counts: Float64Array, samples: number, share: number): number {
  const rank = Math.max(1, Math.ceil(samples * share))
  let seen = 0
  for (let i = 0; i < BUCKETS; i++) {
    seen += counts[i]
    if (seen >= rank) return Math.round(GROWTH ** (i + 0.5))
  }
  return Math.round(GROWTH ** BUCKETS)
}
