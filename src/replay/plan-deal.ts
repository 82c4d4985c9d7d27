import type { Deal } from '../lanes/deal.ts'

/** Lanes bound how many shards can share a run; twice the shards leaves room to split each once. */
const LANES_PER_SHARD = 2
const MIN_LANES = 4
const MAX_LANES = 512
/** Progress items hold every lane of each unfinished run: several runs have to fit 400 KB. */
export const MOST_LANES = 1_024

/**
 * How a new run is dealt. At full speed a hand is an aggregate's worth. A paced replay deals
 * smaller hands, so that every lane gets one within the time its aggregates wait: then no lane is
 * quiet for long, and the watermark, which the quietest lane holds back, keeps up.
 */
export function planDeal(options: {
  shards: number
  /** Lanes asked for, if any were. */
  lanes: number | undefined
  /** Trips that fill an aggregate. */
  fullCount: number
  trips: number
  spanMillis: number
  speed: number
  lingerMillis: number
}): Deal {
  const lanes =
    options.lanes ?? Math.min(MAX_LANES, Math.max(MIN_LANES, options.shards * LANES_PER_SHARD))
  if (options.speed === Infinity || options.trips === 0)
    return { lanes, handSize: options.fullCount }
  const wallMillis = Math.max(1, options.spanMillis / options.speed)
  const perLinger = (options.trips / wallMillis) * options.lingerMillis
  const handSize = Math.round(perLinger / lanes)
  return { lanes, handSize: Math.min(options.fullCount, Math.max(1, handSize)) }
}
