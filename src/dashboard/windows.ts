/** Panes added up into the windows of an answer: by district, or as one line of a chart. Pure. */
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import { attributesOf, listOf, numberOf, textOf } from '../counts/item-values.ts'
import type { Attributes } from '../counts/item-values.ts'
import { SUMS } from '../counts/measures.ts'
import type { Sum } from '../counts/measures.ts'
import { columnsOf, sumsFrom, unclassifiedFrom, unclassifiedOf } from '../merge/columns.ts'
import type { DistrictSums } from '../merge/columns.ts'
import { formatEventTime } from '../time/units.ts'
import { spanStart } from '../windows/pane.ts'
import type { PaneColumns } from './history.ts'
import type { QueryRange } from './query-range.ts'

export const MEASURE_NAMES = [...SUMS, 'tiers'] as const
export type MeasureName = (typeof MEASURE_NAMES)[number]

interface OpenWindow {
  start: number
  sums: DistrictSums
  unclassified: Float64Array
  final: boolean
  revision: number
}

/** Windows by district; fed panes in order. */
export class DistrictWindows {
  readonly windows: Attributes[] = []
  readonly #range: QueryRange
  readonly #measures: ReadonlySet<MeasureName>
  readonly #isFinal: (end: number) => boolean
  #open: OpenWindow | undefined

  /** `isFinal` tells of the end of a window whether everything before it is final. */
  constructor(
    range: QueryRange,
    measures: readonly MeasureName[],
    isFinal: (end: number) => boolean,
  ) {
    this.#range = range
    this.#measures = new Set(measures)
    this.#isFinal = isFinal
  }

  add(pane: PaneColumns): void {
    const start = spanStart(pane.start, this.#range.step)
    if (this.#open !== undefined && this.#open.start !== start) this.close()
    this.#open ??= {
      start,
      sums: new Map(),
      unclassified: new Float64Array(UNCLASSIFIED_COLUMNS),
      final: true,
      revision: 0,
    }
    sumsFrom(pane.columns, this.#open.sums)
    unclassifiedFrom(pane.columns.unclassified, this.#open.unclassified)
    this.#open.final &&= pane.final
    this.#open.revision += pane.revision
  }

  /** The last window is over. */
  close(): void {
    const open = this.#open
    if (open === undefined) return
    this.#open = undefined
    const columns = columnsOf(open.sums)
    const end = open.start + this.#range.step
    const window: Attributes = {
      from: formatEventTime(open.start),
      to: formatEventTime(end),
      final: open.final && this.#isFinal(end),
      revision: open.revision,
      ids: columns.ids,
    }
    for (const name of MEASURE_NAMES) if (this.#measures.has(name)) window[name] = columns[name]
    window.unclassified = unclassifiedOf(open.unclassified)
    this.windows.push(window)
  }
}

/** One line: the sums of a district, or of the city, in every window of the range. */
export class SeriesLine {
  readonly sums: Record<Sum, number[]>
  readonly #range: QueryRange
  readonly #district: string | null

  constructor(range: QueryRange, district: string | null) {
    this.#range = range
    this.#district = district
    const windows = (range.to - range.from) / range.step
    const zeros = (): number[] => new Array<number>(windows).fill(0)
    this.sums = {
      pickups: zeros(),
      dropoffs: zeros(),
      passengers: zeros(),
      distance: zeros(),
      fare: zeros(),
      tip: zeros(),
      total: zeros(),
    }
  }

  add(pane: PaneColumns): void {
    const { from, step } = this.#range
    const at = Math.floor((pane.start - from) / step)
    const { columns } = pane
    const ids = listOf(columns.ids)
    const row = this.#district === null ? 0 : ids.findIndex((id) => textOf(id) === this.#district)
    if (row < 0) return
    const end = this.#district === null ? ids.length : row + 1
    for (const name of SUMS) {
      const values = listOf(columns[name])
      let sum = 0
      for (let i = row; i < end; i++) sum += numberOf(values[i])
      this.sums[name][at] += sum
    }
  }

  starts(): string[] {
    const { from, step } = this.#range
    return this.sums.pickups.map((_, i) => formatEventTime(from + i * step))
  }
}

/** A day item as if it were one pane of a day; its tiers and lists are those of a pane. */
export function dayAsPane(day: Readonly<Attributes>, start: number): PaneColumns {
  return {
    start,
    final: day.final === true,
    revision: numberOf(day.revision),
    columns: { ...attributesOf(day), hours: null },
  }
}
