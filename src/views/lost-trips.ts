/** What a status says of trips that are missing from the stream: never silent, lane by lane. */
import { attributesOf, listOf } from '../counts/item-values.ts'
import type { Item } from '../counts/table-port.ts'
import { laneShare } from '../lanes/deal.ts'
import type { LostRange } from '../merge/run-view.ts'
import type { Run } from '../runs/run.ts'

export interface LostTrips {
  /** How many are known to be missing. */
  trips: number
  /** Which they are; `last` is null where a shard was trimmed away and nobody knows what it held. */
  ranges: LostRange[]
}

/** A range that is open ends with its lane, as far as `run` tells: once all of it was sent. */
export function lostTrips(status: Item | undefined, run: Run | undefined): LostTrips {
  const sent = run?.tripsSent ?? null
  const lost: LostTrips = { trips: Number(status?.gap ?? 0), ranges: [] }
  for (const attributes of listOf(status?.lost).map(attributesOf)) {
    const lane = Number(attributes.lane)
    const first = Number(attributes.first)
    if (attributes.last !== null) {
      lost.ranges.push({ lane, first, last: Number(attributes.last) })
    } else if (run === undefined || sent === null) {
      lost.ranges.push({ lane, first, last: null })
    } else {
      const last = laneShare(run.deal, lane, sent) - 1
      // Else every trip of the lane is counted, and what was lost is no more than its end.
      if (last >= first) lost.ranges.push({ lane, first, last })
      lost.trips += last - first + 1
    }
  }
  return lost
}

/** Lines for people; none where nothing is lost. */
export function tellLost({ trips, ranges }: LostTrips): string[] {
  if (trips === 0 && ranges.length === 0) return []
  const named = ranges.reduce((sum, range) => sum + (sizeOf(range) ?? 0), 0)
  return [
    `LOST: ${grouped(trips)} trips are known to be missing from the stream`,
    ...ranges.map(describe),
    ...(trips > named ? [`  and ${grouped(trips - named)} more in these lanes`] : []),
  ]
}

/** `lane 3: trips 120 to 139 (20)`, as numbered in the lane, from 0. */
function describe(range: LostRange): string {
  const { lane, first, last } = range
  const size = sizeOf(range)
  if (size === undefined || last === null) {
    return `  lane ${lane}: from trip ${grouped(first)} on; how many is not known`
  }
  const which =
    size === 1 ? `trip ${grouped(first)}` : `trips ${grouped(first)} to ${grouped(last)}`
  return `  lane ${lane}: ${which} (${grouped(size)})`
}

function sizeOf({ first, last }: LostRange): number | undefined {
  return last === null ? undefined : last - first + 1
}

function grouped(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ',')
}
