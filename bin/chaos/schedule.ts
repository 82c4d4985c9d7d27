/** When which trouble comes: a pure function of the seed and of how long it is to last. */
import type { Random } from '../../src/time/random.ts'
import { seededRandom } from '../../src/time/random.ts'

export type Cut = 'all' | 'one' | 'replies' | 'silence'

/** `draw` is a number in [0, 1) that chooses among whoever is there at that moment. */
export type Trouble =
  | {
      kind: 'kill'
      whom: 'worker' | 'replay' | 'merger'
      draw: number
      restartMillis: number
      /** By the same command, which finds its leases as it left them; or a worker of a new name. */
      restartAs: 'the same' | 'another'
    }
  | { kind: 'freeze'; draw: number; millis: number }
  | { kind: 'reshard'; what: 'split' | 'merge'; draw: number }
  /** `millis` is how long a silence lasts, `replies` how many of them are lost. */
  | {
      kind: 'cut'
      how: Cut
      where: 'kinesis' | 'dynamodb'
      draw: number
      millis: number
      replies: number
    }

export interface Scheduled {
  /** Since the first trips were counted. */
  atMillis: number
  trouble: Trouble
}

export interface ChaosPlan {
  seed: number
  /** How long there is to be trouble. */
  durationMillis: number
  /** How long a silent worker keeps its shards: a freeze outlasts it. */
  failoverMillis: number
}

/** What a minute and a quarter brings (a month at 36,000×); shorter and longer ones in proportion. */
const USUAL_MILLIS = 75_000
const KILLS = { worker: 5, replay: 4, merger: 3 }
const FREEZES = 3
const RESHARDS = { split: 2, merge: 2 }
const CUTS = { all: 3, one: 3, replies: 3, silence: 2 }
/** The first and last part of the time without trouble: all is to have begun, none to come late. */
const CALM = 0.06

/** In order of time. Every kind of trouble comes at least once. */
export function chaosSchedule(plan: ChaosPlan): Scheduled[] {
  const random = seededRandom(plan.seed)
  const scheduled: Scheduled[] = []
  const add = (usual: number, make: (i: number) => Trouble): void => {
    const times = Math.max(1, Math.round((usual * plan.durationMillis) / USUAL_MILLIS))
    for (const [i, atMillis] of spread(times, plan.durationMillis, random).entries()) {
      scheduled.push({ atMillis, trouble: make(i) })
    }
  }
  for (const whom of ['worker', 'replay', 'merger'] as const) {
    const first = random() < 0.5 ? 0 : 1
    add(KILLS[whom], (i) => ({
      kind: 'kill',
      whom,
      draw: random(),
      restartMillis: Math.round(between(0, 3_000, random)),
      restartAs: whom === 'replay' || (first + i) % 2 === 0 ? 'the same' : 'another',
    }))
  }
  add(FREEZES, () => ({
    kind: 'freeze',
    draw: random(),
    millis: Math.round(plan.failoverMillis * between(1.15, 1.35, random) + 500),
  }))
  for (const what of ['split', 'merge'] as const) {
    add(RESHARDS[what], () => ({ kind: 'reshard', what, draw: random() }))
  }
  for (const how of ['all', 'one', 'replies', 'silence'] as const) {
    const first = random() < 0.5 ? 0 : 1
    add(CUTS[how], (i) => ({
      kind: 'cut',
      how,
      where: (first + i) % 2 === 0 ? 'kinesis' : 'dynamodb',
      draw: random(),
      millis: Math.round(between(500, 4_000, random)),
      replies: Math.floor(between(1, 7, random)),
    }))
  }
  return scheduled.sort((a, b) => a.atMillis - b.atMillis)
}

/** One moment in each of `times` equal parts of the time, so that trouble neither bunches nor stops. */
function spread(times: number, durationMillis: number, random: Random): number[] {
  const first = durationMillis * CALM
  const part = (durationMillis * (1 - 2 * CALM)) / times
  return Array.from({ length: times }, (_, i) => Math.round(first + (i + random()) * part))
}

function between(low: number, high: number, random: Random): number {
  return low + random() * (high - low)
}
