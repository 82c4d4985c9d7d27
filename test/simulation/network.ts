import { HailstreamError } from '../../src/errors.ts'
import type { Random } from '../../src/time/random.ts'
import type { SimProcess } from './sim-process.ts'
import type { Timeline } from './timeline.ts'

/** Chances of each kind of trouble, per call. */
export interface FaultRates {
  /** An error, and nothing done. */
  fail: number
  /** Done, and then an error instead of the reply. */
  loseReply: number
  /** An error after some seconds, and done up to a minute later. */
  late: number
  /** Seconds instead of milliseconds. */
  slow: number
  /** A read that brings what was so seconds ago, where the service allows that. */
  stale: number
  /** The process dies at the call, before or after the request has left. */
  kill: number
  /** The process stands still at the call, before or after the request has left. */
  freeze: number
}

export const NO_FAULTS: FaultRates = {
  fail: 0,
  loseReply: 0,
  late: 0,
  slow: 0,
  stale: 0,
  kill: 0,
  freeze: 0,
}

export type Service = 'kinesis' | 'table' | 'leases'

export interface NetworkOptions {
  timeline: Timeline
  random: Random
  trace: (line: string) => void
  /** How long a process that freezes stands still, ms. */
  freezeMillis: () => number
}

/** Carries the calls of all processes to the services, badly. */
export class Network {
  /** By service; all zero when the faults are over. */
  rates: Record<Service, FaultRates> = {
    kinesis: NO_FAULTS,
    table: NO_FAULTS,
    leases: NO_FAULTS,
  }
  /** Kills and freezes left. */
  kills = 0
  freezes = 0
  readonly counts = { calls: 0, failed: 0, lostReplies: 0, late: 0, kills: 0, freezes: 0 }
  readonly #options: NetworkOptions

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /** Whether a thing that happens with this chance happens now. */
  happens(chance: number): boolean {
    return chance > 0 && this.#options.random() < chance
  }

  /** What `effect` throws is the service's error; what it returns is its reply. */
  call<T>(process: SimProcess, service: Service, what: string, effect: () => T): Promise<T> {
    const { timeline, random, trace } = this.#options
    if (process.dead) return new Promise(() => undefined)
    this.counts.calls++
    const rates = this.rates[service]
    const leaves = random() < 0.5
    let heldBack = false
    if (this.kills > 0 && this.happens(rates.kill)) {
      this.kills--
      this.counts.kills++
      trace(`${process.name} is killed ${leaves ? 'after' : 'before'} the request: ${what}`)
      process.kill()
      if (!leaves) return new Promise(() => undefined)
    } else if (this.freezes > 0 && this.happens(rates.freeze)) {
      const millis = this.#freeze(process)
      trace(
        `${process.name} stands still for ${Math.round(millis)} ms ` +
          `${leaves ? 'after' : 'before'} the request: ${what}`,
      )
      heldBack = !leaves
    }
    return new Promise((resolve, reject) => {
      const send = (): void => {
        this.#send(process, rates, what, effect, resolve, reject)
      }
      if (heldBack) {
        process.deliver(() => {
          timeline.after(0, send)
        })
      } else send()
    })
  }

  #freeze(process: SimProcess): number {
    const { timeline, freezeMillis } = this.#options
    this.freezes--
    this.counts.freezes++
    const millis = freezeMillis()
    process.freeze()
    timeline.after(millis, () => {
      process.wake()
    })
    return millis
  }

  #send<T>(
    process: SimProcess,
    rates: FaultRates,
    what: string,
    effect: () => T,
    resolve: (value: T) => void,
    reject: (error: unknown) => void,
  ): void {
    const { timeline, random, trace } = this.#options
    const latency = (): number =>
      this.happens(rates.slow) ? 500 + random() * 3_000 : 1 + random() ** 3 * 60
    const reply = (settle: () => void): void => {
      timeline.after(latency(), () => {
        process.deliver(settle)
      })
    }
    if (this.happens(rates.fail)) {
      this.counts.failed++
      reply(() => {
        reject(trouble('status 500'))
      })
      return
    }
    if (this.happens(rates.late)) {
      this.counts.late++
      timeline.after(1_000 + random() ** 2 * 30_000, () => {
        trace(`late: ${what} of ${process.name} arrives now`)
        attempt(effect)
      })
      timeline.after(500 + random() * 2_500, () => {
        process.deliver(() => {
          reject(trouble('no reply in time'))
        })
      })
      return
    }
    timeline.after(latency(), () => {
      const outcome = attempt(effect)
      if (this.happens(rates.loseReply)) {
        this.counts.lostReplies++
        trace(`the reply to ${what} of ${process.name} is lost`)
        reply(() => {
          reject(trouble('a connection that was cut'))
        })
      } else {
        reply(() => {
          if (outcome.ok) resolve(outcome.value)
          else reject(outcome.error)
        })
      }
    })
  }
}

function attempt<T>(effect: () => T): { ok: true; value: T } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: effect() }
  } catch (error) {
    return { ok: false, error }
  }
}

export function trouble(got: string): HailstreamError {
  return new HailstreamError(
    'ENDPOINT',
    { subject: 'Simulated service', got, expected: 'an answer' },
    { retryable: true },
  )
}
