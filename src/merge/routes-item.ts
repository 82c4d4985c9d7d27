/** The routes item: where most trips of the last half hour went, from district to district. Pure. */
import type { BlockCounts } from '../counts/block-counts.ts'
import type { DistrictSlots } from '../counts/district-slots.ts'
import { attributesOf, listOf, numberOf, textOf } from '../counts/item-values.ts'
import { rollingPk } from '../counts/keys.ts'
import { ROUTES_MILLIS, ROUTES_TOP } from '../counts/measures.ts'
import type { Item, ItemKey, Value } from '../counts/table-port.ts'
import { formatDuration, formatEventTime, HOUR_MILLIS } from '../time/units.ts'
import { hourStartOf } from '../windows/pane.ts'
import { compareIds } from './columns.ts'
import type { Merging } from './hour-item.ts'
import { asOf } from './hour-item.ts'
import type { CountsOf } from './rolling-item.ts'
import { rollingSpan } from './rolling-item.ts'

/** Trips from one district to another, or within one. */
export interface Route {
  origin: string
  destination: string
  trips: number
}

export function routesKey(generation: string, run: string): ItemKey {
  return { pk: rollingPk(generation, run), sk: `routes-${formatDuration(ROUTES_MILLIS)}` }
}

/** Trips by origin, then by destination. */
export type RouteSums = Map<string, Map<string, number>>

/** Adds up panes [from, to) of `counts`. */
export function sumRoutes(
  counts: BlockCounts,
  slots: DistrictSlots,
  from: number,
  to: number,
  into: RouteSums = new Map(),
): RouteSums {
  counts.routes.each((pane, origin, destination, trips) => {
    if (pane >= from && pane < to) addRoute(into, slots.ids[origin], slots.ids[destination], trips)
  })
  return into
}

export function addRoute(
  routes: RouteSums,
  origin: string,
  destination: string,
  trips: number,
): void {
  let from = routes.get(origin)
  if (from === undefined) routes.set(origin, (from = new Map<string, number>()))
  from.set(destination, (from.get(destination) ?? 0) + trips)
}

/** Most trips first; as many trips in the order of ids, origin before destination. */
export function topRoutes(sums: RouteSums, top = ROUTES_TOP): Route[] {
  const routes: Route[] = []
  const ids = new Set<string>()
  for (const [origin, destinations] of sums) {
    ids.add(origin)
    for (const [destination, trips] of destinations) {
      routes.push({ origin, destination, trips })
      ids.add(destination)
    }
  }
  // Most routes have one trip: only those are put in order that may be among the first.
  const byTrips = Float64Array.from(routes, ({ trips }) => trips).sort()
  const least = byTrips.at(-top) ?? 0
  const first = routes.filter(({ trips }) => trips >= least)
  const order = compareIds([...ids])
  first.sort(
    (a, b) => b.trips - a.trips || order(a.origin, b.origin) || order(a.destination, b.destination),
  )
  return first.slice(0, top)
}

/** The routes that an item tells, in its order. */
export function parseRoutes(item: Item): Route[] {
  return listOf(item.routes).map((value) => {
    const route = attributesOf(value)
    return {
      origin: textOf(route.origin),
      destination: textOf(route.destination),
      trips: numberOf(route.trips),
    }
  })
}

/** `countsOf` gives the counts of an hour by its start. */
export function routesItem(merging: Merging, countsOf: CountsOf, previous: Item | undefined): Item {
  const { from, to } = rollingSpan(merging, ROUTES_MILLIS)
  const sums: RouteSums = new Map()
  for (let hour = hourStartOf(from); hour < to; hour += HOUR_MILLIS) {
    const counts = countsOf(hour)
    if (counts === undefined) continue
    const pane = (time: number): number => (time - hour) / merging.paneMillis
    sumRoutes(counts, merging.slots, pane(from), pane(to), sums)
  }
  const routes = topRoutes(sums).map((route): Value => ({ ...route }))
  return {
    ...routesKey(merging.generation, merging.run),
    asOf: asOf(merging.watermark),
    from: formatEventTime(from),
    to: formatEventTime(to),
    final: merging.ended,
    revision: 0,
    version: Number(previous?.version ?? 0) + 1,
    routes,
  }
}
