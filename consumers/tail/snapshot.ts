/** One look at the table: a rolling window of a run, and how the run is. */
import { attributesOf, listOf, numberOf, textOf } from '../../src/counts/item-values.ts'
import type { Item, Value } from '../../src/counts/table-port.ts'
import type { View } from '../../src/views/view.ts'
import type { ShownSums } from '../../src/views/shown-measure.ts'
import { safeText } from './text-width.ts'

export interface DistrictCounts extends ShownSums {
  id: string
  name: string
}

export interface Health {
  trips: number
  tripsPerSecond: number
  lagMillis: number
  shards: number
  workers: number
  deadLetters: number
  gap: number
  complete: boolean
  abandoned: boolean
  /** What the last verify said; undefined before. */
  verified: boolean | undefined
  version: number
}

export interface Snapshot {
  run: string
  generation: string
  /** `15m`; empty where there are no counts and none will come. */
  window: string
  /** Event times as text; `asOf` is empty before there is one, the others where there are no counts. */
  asOf: string
  from: string
  to: string
  version: number
  final: boolean
  districts: DistrictCounts[]
  all: ShownSums
  /** Ends in no district. */
  unclassified: number
  health: Health | undefined
}

export function snapshotOf(view: View, item: Item, status: Item | undefined): Snapshot {
  const { ids, names } = view.generation.districts
  const nameOf = new Map(ids.map((id, i) => [id, names[i] ?? '']))
  return {
    run: view.runId,
    generation: view.generation.id,
    window: item.sk,
    asOf: textOf(item.asOf),
    from: textOf(item.from),
    to: textOf(item.to),
    version: numberOf(item.version),
    final: item.final === true,
    districts: Object.entries(attributesOf(item.districts)).map(([id, value]) => ({
      id: safeText(id),
      name: safeText(nameOf.get(id) ?? ''),
      ...sumsOf(value),
    })),
    all: sumsOf(item.all),
    unclassified: unclassifiedOf(item.unclassified),
    health: status === undefined ? undefined : healthOf(status),
  }
}

/** Of a run that is over and never had counts. */
export function countlessSnapshot(view: View, status: Item): Snapshot {
  return {
    run: view.runId,
    generation: view.generation.id,
    window: '',
    asOf: '',
    from: '',
    to: '',
    version: 0,
    final: true,
    districts: [],
    all: sumsOf(undefined),
    unclassified: 0,
    health: healthOf(status),
  }
}

function sumsOf(value: Value | undefined): ShownSums {
  const { pickups, dropoffs, fare, tip, total } = attributesOf(value)
  return {
    pickups: numberOf(pickups),
    dropoffs: numberOf(dropoffs),
    fare: numberOf(fare),
    tip: numberOf(tip),
    total: numberOf(total),
  }
}

function unclassifiedOf(value: Value | undefined): number {
  return Object.values(attributesOf(value))
    .flatMap((reasons) => Object.values(attributesOf(reasons)))
    .reduce<number>((sum, each) => sum + numberOf(each), 0)
}

function healthOf(status: Item): Health {
  const { equal } = attributesOf(status.verified)
  return {
    trips: numberOf(status.trips),
    tripsPerSecond: numberOf(status.tripsPerSecond),
    lagMillis: numberOf(status.lagMillis),
    shards: numberOf(status.shards),
    workers: listOf(status.workers).length,
    deadLetters: numberOf(status.deadLetters),
    gap: numberOf(status.gap),
    complete: status.complete === true,
    abandoned: status.abandoned === true,
    verified: typeof equal === 'boolean' ? equal : undefined,
    version: numberOf(status.version),
  }
}
