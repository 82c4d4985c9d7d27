/** The days of a run, without their hours: what the whole run comes to, and steps of a day. */
import { UNCLASSIFIED_COLUMNS } from '../counts/block-counts.ts'
import { attributesOf, numberOf } from '../counts/item-values.ts'
import type { Attributes } from '../counts/item-values.ts'
import { dayPk } from '../counts/keys.ts'
import { MEASURES } from '../counts/measures.ts'
import type { TablePort } from '../counts/table-port.ts'
import {
  measuresOf,
  sumsFrom,
  sumsOfMeasures,
  unclassifiedFrom,
  unclassifiedOf,
} from '../merge/columns.ts'
import type { DistrictSums } from '../merge/columns.ts'
import { DAY_MILLIS } from '../time/units.ts'
import { dayKey, dayStartOf, parseSpanKey } from '../windows/pane.ts'
import type { History, PaneColumns } from './history.ts'
import type { KnownSpan } from './query-range.ts'
import { dayAsPane } from './windows.ts'

/** Days near the watermark change with every hour; others only for late trips. */
const RECENT_MILLIS = 5_000
const ALL_MILLIS = 300_000
const MAX_TAIL_MILLIS = 3 * DAY_MILLIS

export interface DaysReader {
  table: TablePort
  generation: string
  run: string
}

/** Where the hours after the last day are read from, and up to when they are final. */
export interface Tail {
  history: History
  span: KnownSpan
  finalUntil: number
}

export class Days {
  readonly #reader: DaysReader
  readonly #days = new Map<number, { item: Readonly<Attributes>; hours: number[] }>()
  #recentAt = -Infinity
  #allAt = -Infinity
  #readUpTo = -Infinity
  #settled = false
  #tail: PaneColumns[] = []
  #tailAt = -Infinity

  constructor(reader: DaysReader) {
    this.#reader = reader
  }

  /** Reads what is due. `now` is monotonic ms; `complete`: the days change no more after this. */
  async refresh(now: number, watermark: number, complete: boolean): Promise<void> {
    if (this.#settled) return
    const { table, generation, run } = this.#reader
    const pk = dayPk(generation, run)
    const all = complete || now - this.#allAt >= ALL_MILLIS
    if (!all && now - this.#recentAt < RECENT_MILLIS) return
    const known = Number.isFinite(this.#readUpTo)
    const range = all || !known ? {} : { from: dayKey(this.#readUpTo - DAY_MILLIS) }
    for (const { pk: _pk, sk, hours, ...item } of await table.query(pk, range)) {
      const start = parseSpanKey(sk)
      const names = Object.keys(attributesOf(hours)).sort()
      const starts = names.map((hour) => start + Number(hour) * 3_600_000)
      this.#days.set(start, { item, hours: starts })
    }
    this.#recentAt = now
    if (all) this.#allAt = now
    if (Number.isFinite(watermark)) this.#readUpTo = dayStartOf(watermark)
    this.#settled = complete
  }

  /**
   * A fast replay writes a day once it is over: until then its hours stand for it, up to `span.to`.
   */
  async refreshTail(now: number, { history, span, finalUntil }: Tail): Promise<void> {
    const last = Math.max(-Infinity, ...this.#days.keys())
    const from = Math.max(span.from, last + DAY_MILLIS, span.to - MAX_TAIL_MILLIS)
    if (this.#settled || from >= span.to) {
      this.#tail = []
      return
    }
    if (now - this.#tailAt < RECENT_MILLIS && this.#tail.every(({ start }) => start >= from)) return
    this.#tailAt = now
    const tail: PaneColumns[] = []
    for await (const panes of history.panes(from, span.to, finalUntil)) tail.push(...panes)
    this.#tail = tail
  }

  /** Starts of the first and the last hour in which anything was counted. */
  hours(): { first: number; last: number } | undefined {
    const starts = [...this.#days.keys()].sort((a, b) => a - b)
    const first = this.#days.get(starts[0])?.hours.at(0)
    const last = this.#days.get(starts[starts.length - 1])?.hours.at(-1)
    return first === undefined || last === undefined ? undefined : { first, last }
  }

  /** Days that start in [from, to), in order, as if each were one pane. */
  panes(from: number, to: number): PaneColumns[] {
    return [...this.#days]
      .filter(([start]) => start >= from && start < to)
      .sort(([a], [b]) => a - b)
      .map(([start, { item }]) => dayAsPane(item, start))
  }

  totals(): { all: Attributes; unclassified: Attributes; revisions: number } {
    const all = new Float64Array(MEASURES)
    const unclassified = new Float64Array(UNCLASSIFIED_COLUMNS)
    let revisions = 0
    for (const { item } of this.#days.values()) {
      const sums = sumsOfMeasures(item.all)
      for (let i = 0; i < MEASURES; i++) all[i] += sums[i]
      unclassifiedFrom(item.unclassified, unclassified)
      revisions += numberOf(item.revision)
    }
    const tail: DistrictSums = new Map()
    for (const { columns, revision } of this.#tail) {
      sumsFrom(columns, tail)
      unclassifiedFrom(columns.unclassified, unclassified)
      revisions += revision
    }
    for (const sums of tail.values()) for (let i = 0; i < MEASURES; i++) all[i] += sums[i]
    return { all: measuresOf(all), unclassified: unclassifiedOf(unclassified), revisions }
  }
}
