/**
 * Counts in the shape that people poll: the ids that are present, and one list per measure aligned
 * with them. Sums of all ids stand beside them as plain numbers.
 */
import type { BlockCounts } from '../counts/block-counts.ts'
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import type { DistrictSlots } from '../counts/district-slots.ts'
import { ENDS, FIRST_TIER, MEASURES, REASONS, SUMS, TIERS } from '../counts/measures.ts'
import type { Attributes } from '../counts/item-values.ts'
import { attributesOf, listOf, numberOf, textOf } from '../counts/item-values.ts'
import type { Value } from '../counts/table-port.ts'

/** Order of ids: numbers by value where all are numbers, else code units. */
export function compareIds(ids: readonly string[]): (a: string, b: string) => number {
  const numeric = ids.every((id) => /^-?\d+(\.\d+)?$/.test(id))
  return numeric
    ? (a, b) => Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0)
    : (a, b) => (a < b ? -1 : a > b ? 1 : 0)
}

/** Measures of districts over a span: id → the 24 columns of counts/measures.ts. */
export type DistrictSums = Map<string, Float64Array>

/** Adds up panes [from, to) of `counts` by district. */
export function sumPanes(
  counts: BlockCounts,
  slots: DistrictSlots,
  from: number,
  to: number,
  into: DistrictSums = new Map(),
): DistrictSums {
  for (let row = 0; row < counts.rows; row++) {
    const pane = counts.rowPanes[row]
    if (pane < from || pane >= to) continue
    const id = slots.ids[counts.rowSlots[row]]
    let sums = into.get(id)
    if (sums === undefined) into.set(id, (sums = new Float64Array(MEASURES)))
    for (let i = 0; i < MEASURES; i++) sums[i] += counts.values[row * MEASURES + i]
  }
  return into
}

/** Adds the sums of each district to those in `into`. */
export function addSums(sums: DistrictSums, into: DistrictSums): void {
  for (const [id, values] of sums) {
    const there = into.get(id)
    if (there === undefined) into.set(id, values.slice())
    else for (let i = 0; i < MEASURES; i++) there[i] += values[i]
  }
}

/** Adds up the unclassified ends of panes [from, to): end × reason. */
export function sumUnclassified(
  counts: BlockCounts,
  from: number,
  to: number,
  into: Float64Array = new Float64Array(UNCLASSIFIED_COLUMNS),
): Float64Array {
  for (let pane = from; pane < to; pane++) {
    for (let i = 0; i < UNCLASSIFIED_COLUMNS; i++) {
      into[i] += counts.unclassified[pane * UNCLASSIFIED_COLUMNS + i]
    }
  }
  return into
}

/** `{ ids, pickups: […], …, tiers: { 'tip<10% fare<70%': […] } }`; tiers nobody had are left out. */
export function columnsOf(sums: DistrictSums): Attributes {
  const ids = [...sums.keys()]
  ids.sort(compareIds(ids))
  const rows = ids.map((id) => sums.get(id) ?? new Float64Array(MEASURES))
  const column = (measure: number): number[] => rows.map((row) => row[measure])
  const columns: Attributes = { ids }
  SUMS.forEach((name, measure) => {
    columns[name] = column(measure)
  })
  const tiers: Attributes = {}
  TIERS.forEach((tier, i) => {
    const values = column(FIRST_TIER + i)
    if (values.some((value) => value !== 0)) tiers[tier] = values
  })
  columns.tiers = tiers
  return columns
}

/** Reads `columnsOf` back. */
export function sumsFrom(columns: Value | undefined, into: DistrictSums = new Map()): DistrictSums {
  const map = attributesOf(columns)
  const rows = listOf(map.ids).map((value) => {
    const id = textOf(value)
    let sums = into.get(id)
    if (sums === undefined) into.set(id, (sums = new Float64Array(MEASURES)))
    return sums
  })
  const add = (measure: number, values: readonly Value[]): void => {
    if (values.length === 0) return
    for (let row = 0; row < rows.length; row++) rows[row][measure] += numberOf(values[row])
  }
  SUMS.forEach((name, measure) => add(measure, listOf(map[name])))
  const tiers = attributesOf(map.tiers)
  TIERS.forEach((tier, i) => add(FIRST_TIER + i, listOf(tiers[tier])))
  return into
}

/** The measures of one district or of a whole city as a map; tiers that are zero are left out. */
export function measuresOf(sums: Float64Array): Attributes {
  const measures: Attributes = {}
  SUMS.forEach((name, measure) => {
    measures[name] = sums[measure]
  })
  const tiers: Attributes = {}
  TIERS.forEach((tier, i) => {
    if (sums[FIRST_TIER + i] !== 0) tiers[tier] = sums[FIRST_TIER + i]
  })
  measures.tiers = tiers
  return measures
}

/** Reads `measuresOf` back. */
export function sumsOfMeasures(value: Value | undefined): Float64Array {
  const sums = new Float64Array(MEASURES)
  const measures = attributesOf(value)
  const tiers = attributesOf(measures.tiers)
  SUMS.forEach((name, measure) => {
    sums[measure] = numberOf(measures[name])
  })
  TIERS.forEach((tier, i) => {
    sums[FIRST_TIER + i] = numberOf(tiers[tier])
  })
  return sums
}

export function totalOf(sums: DistrictSums): Float64Array {
  const total = new Float64Array(MEASURES)
  for (const row of sums.values()) for (let i = 0; i < MEASURES; i++) total[i] += row[i]
  return total
}

/** `{ pickup: { outside: 3 }, dropoff: {} }` */
export function unclassifiedOf(counts: Float64Array): Attributes {
  return Object.fromEntries(
    ENDS.map((end, e) => {
      const reasons: Attributes = {}
      REASONS.forEach((reason, r) => {
        const count = counts[e * REASONS.length + r]
        if (count !== 0) reasons[reason] = count
      })
      return [end, reasons]
    }),
  )
}

/** Reads `unclassifiedOf` back. */
export function unclassifiedFrom(
  value: Value | undefined,
  into: Float64Array = new Float64Array(UNCLASSIFIED_COLUMNS),
): Float64Array {
  const ends = attributesOf(value)
  ENDS.forEach((end, e) => {
    const reasons = attributesOf(ends[end])
    REASONS.forEach((reason, r) => {
      into[e * REASONS.length + r] += numberOf(reasons[reason])
    })
  })
  return into
}
