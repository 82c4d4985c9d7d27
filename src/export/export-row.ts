/** What an export has rows of: a district in a pane, an hour or a day, from the merged items. Pure. */
import { attributesOf } from '../counts/item-values.ts'
import { dayPk, hourPk } from '../counts/keys.ts'
import {
  DROPOFFS,
  FIRST_TIER,
  MEASURES,
  PICKUPS,
  REASONS,
  SUMS,
  TIERS,
} from '../counts/measures.ts'
import type { Item } from '../counts/table-port.ts'
import type { DistrictSums } from '../merge/columns.ts'
import { compareIds, sumsFrom, unclassifiedFrom } from '../merge/columns.ts'
import { DAY_MILLIS, formatEventTime, HOUR_MILLIS } from '../time/units.ts'
import { dayKey, dayStartOf, hourKey, hourStartOf, parseSpanKey } from '../windows/pane.ts'

export const SPANS = ['panes', 'hours', 'days'] as const
export type Span = (typeof SPANS)[number]

export interface ExportRow {
  /** Event time, ms. */
  start: number
  /** A district, or `NONE`: the unclassified ends of both kinds. */
  id: string
  /** Nothing more was expected to be counted here. */
  final: boolean
  /** The columns of counts/measures.ts. */
  measures: Float64Array
}

export interface Bounds {
  from?: number | undefined
  to?: number | undefined
}

/** Names of the columns of a row: `start`, `id`, `final`, the sums, and the tiers. */
export const COLUMNS: readonly string[] = ['start', 'id', 'final', ...SUMS, ...TIERS]

export function spanMillis(of: Span, paneMillis: number): number {
  return of === 'days' ? DAY_MILLIS : of === 'hours' ? HOUR_MILLIS : paneMillis
}

/** Where the items are that the rows are made of; sort keys are inclusive. */
export function itemRange(
  of: Span,
  view: { generation: string; run: string },
  { from, to }: Bounds,
): { pk: string; from?: string; to?: string } {
  const isDays = of === 'days'
  const key = (time: number): string =>
    isDays ? dayKey(dayStartOf(time)) : hourKey(hourStartOf(time))
  const pk = isDays ? dayPk(view.generation, view.run) : hourPk(view.generation, view.run)
  return {
    pk,
    ...(from !== undefined && { from: key(from) }),
    ...(to !== undefined && { to: key(to - 1) }),
  }
}

/** The rows of an hour or day item whose span begins in the bounds, in the order of time and ids. */
export function rowsOf(of: Span, item: Item, bounds: Bounds): ExportRow[] {
  const start = parseSpanKey(item.sk)
  if (of === 'days') {
    const unclassified = unclassifiedFrom(item.unclassified)
    return isIn(start, bounds) ? rows(start, item.final === true, sumsFrom(item), unclassified) : []
  }
  const panes = Object.entries(attributesOf(item.panes)).sort(([a], [b]) => (a < b ? -1 : 1))
  if (of === 'hours') {
    const sums: DistrictSums = new Map()
    for (const [, pane] of panes) sumsFrom(pane, sums)
    const unclassified = unclassifiedFrom(item.unclassified)
    return isIn(start, bounds) ? rows(start, item.final === true, sums, unclassified) : []
  }
  return panes.flatMap(([name, value]) => {
    const paneStart = start + (parseSpanKey(`1970-01-01T${name}`) % HOUR_MILLIS)
    if (!isIn(paneStart, bounds)) return []
    const pane = attributesOf(value)
    const unclassified = unclassifiedFrom(pane.unclassified)
    return rows(paneStart, pane.final === true, sumsFrom(value), unclassified)
  })
}

/** A row as an object of its columns: `start` as text, amounts as integers. */
export function recordOf({ start, id, final, measures }: ExportRow): Record<string, unknown> {
  const record: Record<string, unknown> = { start: formatEventTime(start), id, final }
  SUMS.forEach((name, i) => {
    record[name] = measures[i]
  })
  TIERS.forEach((name, i) => {
    record[name] = measures[FIRST_TIER + i]
  })
  return record
}

function isIn(start: number, { from = -Infinity, to = Infinity }: Bounds): boolean {
  return start >= from && start < to
}

function rows(
  start: number,
  final: boolean,
  sums: DistrictSums,
  unclassified: Float64Array,
): ExportRow[] {
  const ids = [...sums.keys()]
  ids.sort(compareIds(ids))
  const none = new Float64Array(MEASURES)
  for (let reason = 0; reason < REASONS.length; reason++) {
    none[PICKUPS] += unclassified[reason]
    none[DROPOFFS] += unclassified[REASONS.length + reason]
  }
  const made: ExportRow[] = ids.map((id) => ({
    start,
    id,
    final,
    measures: sums.get(id) ?? new Float64Array(MEASURES),
  }))
  if (none[PICKUPS] + none[DROPOFFS] > 0) made.push({ start, id: 'NONE', final, measures: none })
  return made
}
