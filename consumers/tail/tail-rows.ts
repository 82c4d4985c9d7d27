/** The districts of the view in their order: pure. */
import type { ShownMeasure, ShownSums } from '../../src/views/shown-measure.ts'
import { shownValue } from '../../src/views/shown-measure.ts'
import type { DistrictCounts, Snapshot } from './snapshot.ts'
import type { Sort } from './tail-state.ts'

export interface TailRow {
  counts: DistrictCounts
  value: number | null
  /** Against the window before; 0 where there was none. */
  change: number
}

export interface RowOrder {
  measure: ShownMeasure
  sort: Sort
  reversed: boolean
  district: string | undefined
  top: number
  before: ReadonlyMap<string, ShownSums>
}

/** The largest first, what has no value last, ties by id; then cut to `top`. */
export function tailRows(snapshot: Snapshot, order: RowOrder): TailRow[] {
  const { measure, sort, reversed, district, top, before } = order
  const rows = snapshot.districts
    .filter(({ id }) => district === undefined || id === district)
    .map((counts) => {
      const value = shownValue(measure, counts)
      return { counts, value, change: changeOf(value, before, counts.id, measure) }
    })
  const turn = reversed ? -1 : 1
  rows.sort((a, b) => compareRows(a, b, sort) * turn || compareText(a.counts.id, b.counts.id))
  // What cannot be compared stays at the end, whichever way round.
  const known = rows.filter(({ value }) => value !== null)
  return [...known, ...rows.filter(({ value }) => value === null)].slice(0, top)
}

function changeOf(
  value: number | null,
  before: ReadonlyMap<string, ShownSums>,
  id: string,
  measure: ShownMeasure,
): number {
  if (value === null || before.size === 0) return 0
  const sums = before.get(id)
  const was = sums === undefined ? null : shownValue(measure, sums)
  // A count that was absent was zero; an average that was absent was nothing to compare with.
  if (was === null) return measure === 'fare' || measure === 'tip' ? 0 : value
  return value - was
}

function compareRows(a: TailRow, b: TailRow, sort: Sort): number {
  if (sort === 'name')
    return compareText(a.counts.name || a.counts.id, b.counts.name || b.counts.id)
  if (sort === 'change') return Math.abs(b.change) - Math.abs(a.change)
  return (b.value ?? 0) - (a.value ?? 0)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
