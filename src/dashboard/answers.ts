/** What the API says, from what the poller saw: the shapes of docs/openapi.json. Pure. */
import { attributesOf, listOf, numberOf, textOf } from '../counts/item-values.ts'
import type { Attributes } from '../counts/item-values.ts'
import { SUMS } from '../counts/measures.ts'
import type { Item, Value } from '../counts/table-port.ts'
import { measuresOf, sumsOfMeasures } from '../merge/columns.ts'
import type { Percentiles } from '../time/lag-histogram.ts'
import { formatDuration, formatEventTime } from '../time/units.ts'
import type { Followed, Seen } from './poller.ts'

const NO_MEASURES = measuresOf(sumsOfMeasures(undefined))
const NO_UNCLASSIFIED = { pickup: {}, dropoff: {} }

export interface StatusSurroundings {
  /** Writing of a rolling item → handed to a browser. */
  pageLag: Percentiles | undefined
  browsers: number
  /** What the district file says of itself. */
  note: string | null
}

export function statusAnswer(seen: Seen, { pageLag, browsers, note }: StatusSurroundings): unknown {
  const { followed, polledAt, error } = seen
  const status = followed?.status
  const generation = followed?.view.generation
  const totals = followed?.days.totals()
  const complete = status?.complete === true
  const number = (name: string): number => numberOf(status?.[name])
  return {
    state: status === undefined ? 'waiting' : complete ? 'complete' : 'live',
    generation: generation?.id ?? null,
    run: followed?.view.runId ?? null,
    districts: {
      name: generation?.districts.name ?? '',
      count: generation?.districts.ids.length ?? 0,
      zones: generation?.districts.zones ?? false,
      note,
    },
    pane: formatDuration(generation?.geometry.paneMillis ?? 0),
    paneMillis: generation?.geometry.paneMillis ?? 0,
    windows: [...(followed?.rolling.keys() ?? [])],
    asOf: textOrNull(status?.asOf),
    span:
      followed?.span === undefined
        ? null
        : { from: formatEventTime(followed.span.from), to: formatEventTime(followed.span.to) },
    speed: followed?.speed ?? null,
    heldBy: status === undefined ? -1 : number('heldBy'),
    lanes: number('lanes'),
    ended: status?.ended === true,
    abandoned: status?.abandoned === true,
    complete,
    trips: number('trips'),
    tripsSent: followed?.view.run?.tripsSent ?? null,
    tripsPerSecond: complete ? 0 : number('tripsPerSecond'),
    gap: number('gap'),
    deadLetters: number('deadLetters'),
    duplicates: number('duplicates'),
    shards: number('shards'),
    workers: listOf(status?.workers).map(textOf),
    verified: verifiedOf(status),
    unclassified: totals?.unclassified ?? NO_UNCLASSIFIED,
    totals: totals?.all ?? NO_MEASURES,
    revisions: totals?.revisions ?? 0,
    lag: { table: percentilesOf(status?.lag), page: pageLag ?? null },
    startedAt: followed?.view.run?.startedAt ?? null,
    writtenAt: numberOrNull(status?.writtenAt),
    polledAt,
    tableError: error ?? null,
    browsers,
  }
}

export function rollingAnswer(followed: Followed, window: string, item: Item): unknown {
  const open = attributesOf(item.open)
  return {
    generation: followed.view.generation.id,
    run: followed.view.runId,
    window,
    windowMillis: Number(window.slice(0, -1)) * 60_000,
    asOf: textOrNull(item.asOf),
    ...spanOf(item),
    final: item.final === true,
    revision: numberOf(item.revision),
    version: numberOf(item.version),
    writtenAt: numberOrNull(item.writtenAt),
    ...countsOf(item),
    open: { ...spanOf(open), ...countsOf(open) },
  }
}

export function routesAnswer(followed: Followed, window: string, item: Item): unknown {
  const { ids, names } = followed.view.generation.districts
  const nameOf = new Map(ids.map((id, i) => [id, names[i]]))
  return {
    generation: followed.view.generation.id,
    run: followed.view.runId,
    window,
    asOf: textOrNull(item.asOf),
    ...spanOf(item),
    final: item.final === true,
    revision: numberOf(item.revision),
    version: numberOf(item.version),
    routes: listOf(item.routes).map((value) => {
      const route = attributesOf(value)
      const origin = textOf(route.origin)
      const destination = textOf(route.destination)
      return {
        origin,
        originName: nameOf.get(origin) ?? origin,
        destination,
        destinationName: nameOf.get(destination) ?? destination,
        trips: numberOf(route.trips),
      }
    }),
  }
}

function spanOf(item: Readonly<Attributes>): Attributes {
  return { from: textOf(item.from), to: textOf(item.to) }
}

function countsOf(item: Readonly<Attributes>): Attributes {
  return {
    districts: Object.fromEntries(
      Object.entries(attributesOf(item.districts)).map(([id, value]) => [id, measuresIn(value)]),
    ),
    all: measuresIn(item.all),
    unclassified: unclassifiedIn(item.unclassified),
  }
}

/** Only what the API promises: the table may have more. */
function measuresIn(value: Value | undefined): Attributes {
  const map = attributesOf(value)
  const measures: Attributes = {}
  for (const name of SUMS) measures[name] = numberOf(map[name])
  measures.tiers = attributesOf(map.tiers)
  return measures
}

function unclassifiedIn(value: Value | undefined): Attributes {
  const { pickup, dropoff } = attributesOf(value)
  return { pickup: attributesOf(pickup), dropoff: attributesOf(dropoff) }
}

function verifiedOf(status: Item | undefined): Attributes | null {
  const verified = attributesOf(status?.verified)
  if (typeof verified.equal !== 'boolean') return null
  return { equal: verified.equal, at: numberOf(verified.at) }
}

function percentilesOf(value: Value | undefined): Attributes | null {
  const { p50, p99, p999, samples } = attributesOf(value)
  if (samples === undefined) return null
  return {
    p50: numberOf(p50),
    p99: numberOf(p99),
    p999: numberOf(p999),
    samples: numberOf(samples),
  }
}

function textOrNull(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}

function numberOrNull(value: Value | undefined): number | null {
  return typeof value === 'number' ? value : null
}
