/** Counts of a span of time, added up from the merged items. */
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import { dayPk, hourPk } from '../counts/keys.ts'
import { DROPOFFS, MEASURES, PICKUPS, REASONS } from '../counts/measures.ts'
import type { TablePort } from '../counts/table-port.ts'
import type { DistrictSums } from '../merge/columns.ts'
import { compareIds, sumsFrom, unclassifiedFrom } from '../merge/columns.ts'
import { attributesOf } from '../counts/item-values.ts'
import { HOUR_MILLIS } from '../time/units.ts'
import { hourKey, hourStartOf, parseSpanKey } from '../windows/pane.ts'
import type { View } from './view.ts'

export interface Totals {
  sums: DistrictSums
  unclassified: Float64Array
}

/** The whole run, from its day items. */
export async function runTotals(table: TablePort, view: View): Promise<Totals> {
  const totals: Totals = { sums: new Map(), unclassified: new Float64Array(UNCLASSIFIED_COLUMNS) }
  for (const day of await table.query(dayPk(view.generation.id, view.runId))) {
    sumsFrom(day, totals.sums)
    unclassifiedFrom(day.unclassified, totals.unclassified)
  }
  return totals
}

/** One window of counts: [start, start + size). */
export interface WindowTotals extends Totals {
  start: number
}

/**
 * Windows of `windowMillis` (a multiple of the pane) that have any counts, in order. `from` and `to`
 * bound the panes: [from, to).
 */
export async function windowTotals(
  table: TablePort,
  view: View,
  windowMillis: number,
  bounds: { from?: number | undefined; to?: number | undefined },
): Promise<WindowTotals[]> {
  const from = bounds.from ?? -Infinity
  const to = bounds.to ?? Infinity
  const range = {
    ...(bounds.from !== undefined && { from: hourKey(hourStartOf(bounds.from)) }),
    ...(bounds.to !== undefined && { to: hourKey(hourStartOf(bounds.to)) }),
  }
  const windows = new Map<number, WindowTotals>()
  for (const hour of await table.query(hourPk(view.generation.id, view.runId), range)) {
    const hourStart = parseSpanKey(hour.sk)
    for (const [name, pane] of Object.entries(attributesOf(hour.panes))) {
      const start = hourStart + (parseSpanKey(`1970-01-01T${name}`) % HOUR_MILLIS)
      if (start < from || start >= to) continue
      const windowStart = Math.floor(start / windowMillis) * windowMillis
      let window = windows.get(windowStart)
      if (window === undefined) {
        const unclassified = new Float64Array(UNCLASSIFIED_COLUMNS)
        windows.set(windowStart, (window = { start: windowStart, sums: new Map(), unclassified }))
      }
      sumsFrom(pane, window.sums)
      unclassifiedFrom(attributesOf(pane).unclassified, window.unclassified)
    }
  }
  return [...windows.values()].sort((a, b) => a.start - b.start)
}

export function addUp(windows: readonly Totals[]): Totals {
  const total: Totals = { sums: new Map(), unclassified: new Float64Array(UNCLASSIFIED_COLUMNS) }
  for (const { sums, unclassified } of windows) {
    for (const [id, row] of sums) {
      let into = total.sums.get(id)
      if (into === undefined) total.sums.set(id, (into = new Float64Array(MEASURES)))
      for (let i = 0; i < MEASURES; i++) into[i] += row[i]
    }
    for (let i = 0; i < UNCLASSIFIED_COLUMNS; i++) total.unclassified[i] += unclassified[i]
  }
  return total
}

/** `[id, pickups, dropoffs]` of every district, zeros included, then `NONE`. */
export function totalsRows(totals: Totals, ids: readonly string[]): [string, number, number][] {
  const all = [...new Set([...ids, ...totals.sums.keys()])]
  all.sort(compareIds(all))
  const rows = all.map((id): [string, number, number] => {
    const sums = totals.sums.get(id) ?? new Float64Array(MEASURES)
    return [id, sums[PICKUPS], sums[DROPOFFS]]
  })
  const { unclassified } = totals
  let pickups = 0
  let dropoffs = 0
  for (let reason = 0; reason < REASONS.length; reason++) {
    pickups += unclassified[reason]
    dropoffs += unclassified[REASONS.length + reason]
  }
  return [...rows, ['NONE', pickups, dropoffs]]
}

/** RFC 4180 with LF line ends. */
export function csv(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const field = (value: string | number): string => {
    const text = String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }
  return [header, ...rows].map((row) => `${row.map(field).join(',')}\n`).join('')
}
