/** The routes item of a run lists no trip that there is not, in order, and leaves out no surer one. */
import type { Item } from '../../src/counts/table-port.ts'
import { attributesOf, listOf, numberOf, textOf } from '../../src/counts/item-values.ts'
import type { End } from './truth.ts'

export interface Listed {
  origin: string
  destination: string
  trips: number
}

const LISTED_AT_MOST = 10
const WINDOW_MILLIS = 1_800_000

export function listedRoutes(item: Item | undefined): Listed[] {
  return listOf(item?.routes).map((route) => {
    const { origin, destination, trips } = attributesOf(route)
    return {
      origin: textOf(origin),
      destination: textOf(destination),
      trips: numberOf(trips),
    }
  })
}

/** `origin destination` → trips, of dropoffs whose pickup is in a district as well. */
export function routesOf(ends: Iterable<End>): Map<string, number> {
  const routes = new Map<string, number>()
  for (const { fact, kind } of ends) {
    if (kind !== 'dropoff' || fact === undefined) continue
    if (typeof fact.pickup !== 'string' || typeof fact.dropoff !== 'string') continue
    const name = `${fact.pickup} ${fact.dropoff}`
    routes.set(name, (routes.get(name) ?? 0) + 1)
  }
  return routes
}

/** Ids of the toy city are no numbers, and so are ordered as text. */
export function mostFrequent(routes: ReadonlyMap<string, number>): string[] {
  return [...routes]
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, LISTED_AT_MOST)
    .map(([name, trips]) => `${name} ${trips}`)
}

/**
 * What is wrong with an item, if anything: `least` of its trips are sure, `most` are possible;
 * without `most` any number is.
 */
export function wrongRoutes(
  item: Item,
  previous: Item | undefined,
  least: readonly End[],
  most: readonly End[] | undefined,
): string | undefined {
  const from = Date.parse(`${textOf(item.from)}Z`)
  const to = Date.parse(`${textOf(item.to)}Z`)
  if (to - from !== WINDOW_MILLIS) return `a window from ${from} to ${to}`
  const listed = listedRoutes(item)
  const found = new Map(listed.map((each) => [`${each.origin} ${each.destination}`, each.trips]))
  if (found.size !== listed.length || listed.length > LISTED_AT_MOST) return 'a list too long'
  const inOrder = mostFrequent(found)
  if (listed.some((each, i) => `${each.origin} ${each.destination} ${each.trips}` !== inOrder[i])) {
    return 'out of order'
  }
  const possible = most === undefined ? found : routesOf(most)
  for (const [name, trips] of found) {
    if (trips > (possible.get(name) ?? 0)) return `${name} has more trips than there are`
  }
  // Whatever is not listed has at most as many trips as the last that is.
  const unlisted = listed.length < LISTED_AT_MOST ? 0 : (listed.at(-1)?.trips ?? 0)
  for (const [name, trips] of routesOf(least)) {
    if ((found.get(name) ?? unlisted) < trips) return `${name} lacks trips, and is final`
  }
  if (previous === undefined || previous.from !== item.from) return undefined
  for (const { origin, destination, trips } of listedRoutes(previous)) {
    const name = `${origin} ${destination}`
    if ((found.get(name) ?? unlisted) < trips) return `${name} went back from ${trips}`
  }
  return undefined
}
