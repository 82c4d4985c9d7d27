/** Truth against table, to the trip: pure. */
import { ENDS, MEASURES, REASONS, SUMS, TIERS } from '../counts/measures.ts'
import type { Route, RouteSums } from '../merge/routes-item.ts'
import { topRoutes } from '../merge/routes-item.ts'
import { formatEventTime } from '../time/units.ts'
import type { PaneCounts, PaneRoutes } from './recount.ts'

export interface Difference {
  /** Start of the pane. */
  pane: string
  /** District, `NONE`, or the two districts of a route. */
  id: string
  /** A measure, or `pickup outside` for an unclassified end. */
  measure: string
  truth: number
  table: number
}

export function* differences(truth: PaneCounts, table: PaneCounts): Generator<Difference> {
  const starts = [...new Set([...truth.keys(), ...table.keys()])].sort((a, b) => a - b)
  for (const start of starts) {
    const pane = formatEventTime(start)
    const expected = truth.get(start)
    const found = table.get(start)
    const ids = new Set([...(expected?.sums.keys() ?? []), ...(found?.sums.keys() ?? [])])
    for (const id of [...ids].sort()) {
      for (let i = 0; i < MEASURES; i++) {
        const a = expected?.sums.get(id)?.[i] ?? 0
        const b = found?.sums.get(id)?.[i] ?? 0
        if (a !== b) yield { pane, id, measure: measureName(i), truth: a, table: b }
      }
    }
    for (const [e, end] of ENDS.entries()) {
      for (const [r, reason] of REASONS.entries()) {
        const i = e * REASONS.length + r
        const a = expected?.unclassified[i] ?? 0
        const b = found?.unclassified[i] ?? 0
        if (a !== b) yield { pane, id: 'NONE', measure: `${end} ${reason}`, truth: a, table: b }
      }
    }
  }
}

/** Between all routes of a window, as they are, and those that the table tells of it. */
export function* routeDifferences(
  from: number,
  truth: RouteSums,
  table: readonly Route[],
): Generator<Difference> {
  const pane = formatEventTime(from)
  const nameOf = ({ origin, destination }: Route): string => `${origin} to ${destination}`
  const told = new Set(table.map(nameOf))
  for (const route of table) {
    const trips = truth.get(route.origin)?.get(route.destination) ?? 0
    if (trips === route.trips) continue
    yield { pane, id: nameOf(route), measure: 'trips', truth: trips, table: route.trips }
  }
  for (const route of topRoutes(truth)) {
    if (told.has(nameOf(route))) continue
    yield { pane, id: nameOf(route), measure: 'trips', truth: route.trips, table: 0 }
  }
}

/** Between the routes of every pane, as they are and as the shards counted them. */
export function* paneRouteDifferences(truth: PaneRoutes, table: PaneRoutes): Generator<Difference> {
  for (const start of [...new Set([...truth.keys(), ...table.keys()])].sort((a, b) => a - b)) {
    const [expected, found] = [pairsOf(truth.get(start)), pairsOf(table.get(start))]
    for (const id of [...new Set([...expected.keys(), ...found.keys()])].sort()) {
      const [trips, counted] = [expected.get(id) ?? 0, found.get(id) ?? 0]
      if (trips === counted) continue
      yield { pane: formatEventTime(start), id, measure: 'route', truth: trips, table: counted }
    }
  }
}

function pairsOf(sums: RouteSums = new Map()): Map<string, number> {
  const pairs = new Map<string, number>()
  for (const [origin, destinations] of sums) {
    for (const [destination, trips] of destinations) pairs.set(`${origin} to ${destination}`, trips)
  }
  return pairs
}

function measureName(index: number): string {
  return index < SUMS.length ? SUMS[index] : `trips with ${TIERS[index - SUMS.length]}`
}

/** Ends of trips in a set of counts: in districts, and unclassified by reason. */
export function endsOf(
  counts: PaneCounts,
): Record<(typeof ENDS)[number], { districts: number; unclassified: Map<string, number> }> {
  const ends = {
    pickup: { districts: 0, unclassified: new Map<string, number>() },
    dropoff: { districts: 0, unclassified: new Map<string, number>() },
  }
  for (const { sums, unclassified } of counts.values()) {
    for (const row of sums.values()) {
      ends.pickup.districts += row[0]
      ends.dropoff.districts += row[1]
    }
    for (const [e, end] of ENDS.entries()) {
      for (const [r, reason] of REASONS.entries()) {
        const value = unclassified[e * REASONS.length + r]
        const byReason = ends[end].unclassified
        if (value !== 0) byReason.set(reason, (byReason.get(reason) ?? 0) + value)
      }
    }
  }
  return ends
}
