/** What people poll never goes back, never counts too much, and is complete when it says final. */
import { UNCLASSIFIED_COLUMNS } from '../../src/counts/block-counts.ts'
import { FOREIGN_RUN } from '../../src/counts/trip-batch.ts'
import type { Item, Value } from '../../src/counts/table-port.ts'
import { attributesOf } from '../../src/counts/item-values.ts'
import { sumsFrom, sumsOfMeasures, unclassifiedFrom } from '../../src/merge/columns.ts'
import type { DistrictSums } from '../../src/merge/columns.ts'
import { HOUR_MILLIS } from '../../src/time/units.ts'
import { paneKey, parseSpanKey } from '../../src/windows/pane.ts'
import type { Ledger } from './ledger.ts'
import { wrongRoutes } from './routes-watch.ts'
import { readableEndsOf, timeOf, addEnd, rowOf } from './truth.ts'
import type { End } from './truth.ts'

export interface MergedWatchOptions {
  paneMillis: number
  ledger: Ledger
  hasLost: () => boolean
  fail(why: string): void
}

interface Content {
  sums: DistrictSums
  unclassified: Float64Array
}

export class MergedWatch {
  readonly #options: MergedWatchOptions
  /** Run → pane start → every end that may ever count there. */
  readonly #ends = new Map<string, Map<number, End[]>>()

  constructor(options: MergedWatchOptions) {
    this.#options = options
  }

  see(item: Item, previous: Item | undefined): void {
    const [kind, , run] = item.pk.split('#')
    const name = `${kind} ${item.sk} of ${run}`
    const { fail } = this.#options
    if (Number(item.version) !== Number(previous?.version ?? 0) + 1) {
      fail(`${name}: version ${Number(item.version)} follows ${Number(previous?.version ?? 0)}`)
    }
    if (kind === 'status') {
      this.#seeStatus(item, previous, name)
      return
    }
    if (kind === 'hour') this.#seeHour(item, previous, name, run)
    if (kind === 'day') this.#seeDay(item, previous, name)
    if (kind === 'rolling' && item.routes === undefined) {
      this.#seeRolling(item, previous, name, run)
    }
    if (kind === 'rolling' && item.routes !== undefined) {
      this.#seeRoutes(item, previous, name, run)
    }
    if (run === FOREIGN_RUN || previous === undefined) return
    if (previous.final === true && item.final !== true) fail(`${name}: final no more`)
    if (Number(item.revision) < Number(previous.revision)) fail(`${name}: fewer revisions`)
    if (textOf(item.asOf) < textOf(previous.asOf)) fail(`${name}: as of an earlier time`)
  }

  #seeStatus(item: Item, previous: Item | undefined, name: string): void {
    const { fail, hasLost } = this.#options
    if (previous === undefined) return
    for (const flag of ['complete', 'ended', 'abandoned'] as const) {
      if (previous[flag] === true && item[flag] !== true) fail(`${name}: ${flag} no more`)
    }
    // Dead letters come back: they are fewer then.
    for (const count of ['redriven', 'gap', 'lanes'] as const) {
      if (Number(item[count]) < Number(previous[count])) fail(`${name}: ${count} went back`)
    }
    if (Number(item.trips) < Number(previous.trips) && !hasLost()) fail(`${name}: fewer trips`)
    if (textOf(item.asOf) < textOf(previous.asOf) && item.complete !== true) {
      if (!name.endsWith(FOREIGN_RUN)) fail(`${name}: as of an earlier time`)
    }
  }

  #seeHour(item: Item, previous: Item | undefined, name: string, run: string): void {
    const { paneMillis, fail } = this.#options
    const hour = parseSpanKey(item.sk)
    const panes = attributesOf(item.panes)
    const before = attributesOf(previous?.panes)
    for (let start = hour; start < hour + HOUR_MILLIS; start += paneMillis) {
      const key = paneKey(start)
      const pane = attributesOf(panes[key])
      const old = attributesOf(before[key])
      const content = contentOf(pane)
      this.#neverLess(`${name}, pane ${key}`, content, contentOf(old))
      if (run !== FOREIGN_RUN && old.final === true && pane.final !== true) {
        fail(`${name}, pane ${key}: final no more`)
      }
      const final = pane.final === true || item.final === true
      this.#checkPane(`${name}, pane ${key}`, run, start, content, final)
    }
  }

  #seeDay(item: Item, previous: Item | undefined, name: string): void {
    this.#neverLess(name, contentOf(item), contentOf(attributesOf(previous)))
  }

  #seeRolling(item: Item, previous: Item | undefined, name: string, run: string): void {
    const { fail } = this.#options
    const content = rollingContent(item)
    if (previous !== undefined && run !== FOREIGN_RUN) {
      if (textOf(item.from) < textOf(previous.from)) fail(`${name}: an earlier window`)
      if (item.from === previous.from) {
        this.#neverLess(name, content, rollingContent(previous))
      }
    }
    if (run === FOREIGN_RUN) return
    const from = Date.parse(`${textOf(item.from)}Z`)
    const to = Date.parse(`${textOf(item.to)}Z`)
    if (to - from !== Number.parseInt(item.sk, 10) * 60_000) {
      fail(`${name}: a window from ${textOf(item.from)} to ${textOf(item.to)}`)
    }
    const { sure, ends } = this.#endsBetween(run, from, to)
    this.#between(name, content, sure, ends)
    const { open } = item
    const openFrom = to
    this.#between(
      `${name}, open`,
      rollingContent(attributesOf(open)),
      [],
      this.#endsIn(run, openFrom),
    )
  }

  #seeRoutes(item: Item, previous: Item | undefined, name: string, run: string): void {
    if (run === FOREIGN_RUN) return
    const from = Date.parse(`${textOf(item.from)}Z`)
    const to = Date.parse(`${textOf(item.to)}Z`)
    const { sure, ends } = this.#endsBetween(run, from, to)
    // As in `#between`: where a shard was lost, more may be counted than there are.
    const most = this.#options.hasLost() ? undefined : ends
    const wrong = wrongRoutes(item, previous, sure, most)
    if (wrong !== undefined) this.#options.fail(`${name}: ${wrong}`)
  }

  /** Every end that may count in closed panes, and those that must: released before their pane ended. */
  #endsBetween(run: string, from: number, to: number): { sure: End[]; ends: End[] } {
    const { paneMillis } = this.#options
    const ends: End[] = []
    const sure: End[] = []
    for (let start = from; start < to; start += paneMillis) {
      const ofPane = this.#endsIn(run, start)
      ends.push(...ofPane)
      sure.push(...ofPane.filter((end) => isSure(end, start + paneMillis)))
    }
    return { sure: this.#mayMiss(run) ? [] : sure, ends }
  }

  /** Counts of a final pane are those of all trips released before its end, at least. */
  #checkPane(name: string, run: string, start: number, content: Content, final: boolean): void {
    if (run === FOREIGN_RUN) return
    const ends = this.#endsIn(run, start)
    const end = start + this.#options.paneMillis
    const sure = ends.filter((each) => isSure(each, end))
    this.#between(name, content, final && !this.#mayMiss(run) ? sure : [], ends)
  }

  #mayMiss(run: string): boolean {
    return this.#options.hasLost() || this.#options.ledger.runs.get(run)?.abandoned === true
  }

  #between(name: string, content: Content, least: readonly End[], most: readonly End[]): void {
    const { fail } = this.#options
    const low = addedUp(least)
    const high = addedUp(most)
    for (const id of new Set([...content.sums.keys(), ...low.sums.keys()])) {
      const value = content.sums.get(id)
      const from = low.sums.get(id)
      const to = high.sums.get(id)
      for (let i = 0; i < rowOf(high.sums, id).length; i++) {
        if ((value?.[i] ?? 0) < (from?.[i] ?? 0)) fail(`${name}: ${id} lacks trips, and is final`)
        // What a partial has beyond the progress of a lost shard may be sent once more.
        if ((value?.[i] ?? 0) > (to?.[i] ?? 0) && !this.#options.hasLost()) {
          fail(`${name}: ${id} has more than there are`)
        }
      }
    }
    for (let i = 0; i < UNCLASSIFIED_COLUMNS; i++) {
      if (content.unclassified[i] < low.unclassified[i]) fail(`${name}: NONE lacks trips`)
      if (content.unclassified[i] > high.unclassified[i] && !this.#options.hasLost())
        fail(`${name}: NONE has too many`)
    }
  }

  #neverLess(name: string, after: Content, before: Content): void {
    const { fail } = this.#options
    for (const [id, row] of before.sums) {
      const now = after.sums.get(id)
      for (let i = 0; i < row.length; i++) {
        if ((now?.[i] ?? 0) < row[i]) {
          fail(`${name}: ${id} went back from ${row[i]} to ${now?.[i] ?? 0}`)
          return
        }
      }
    }
    before.unclassified.forEach((count, i) => {
      if (after.unclassified[i] < count) fail(`${name}: an unclassified count went back`)
    })
  }

  #endsIn(run: string, start: number): readonly End[] {
    let panes = this.#ends.get(run)
    if (panes === undefined) {
      panes = new Map()
      for (const fact of this.#options.ledger.runs.get(run)?.facts ?? []) {
        for (const end of readableEndsOf(fact)) {
          const time = timeOf(end)
          const pane = Math.floor(time / this.#options.paneMillis) * this.#options.paneMillis
          const known = panes.get(pane)
          if (known === undefined) panes.set(pane, [end])
          else known.push(end)
        }
      }
      this.#ends.set(run, panes)
    }
    return panes.get(start) ?? []
  }
}

function addedUp(ends: readonly End[]): Content {
  const content: Content = {
    sums: new Map(),
    unclassified: new Float64Array(UNCLASSIFIED_COLUMNS),
  }
  for (const end of ends) addEnd(end, (id) => rowOf(content.sums, id), content.unclassified)
  return content
}

function contentOf(columns: Readonly<Record<string, Value>>): Content {
  return { sums: sumsFrom(columns), unclassified: unclassifiedFrom(columns.unclassified) }
}

function rollingContent(item: Readonly<Record<string, Value>>): Content {
  const sums: DistrictSums = new Map()
  for (const [id, measures] of Object.entries(attributesOf(item.districts))) {
    sums.set(id, sumsOfMeasures(measures))
  }
  return { sums, unclassified: unclassifiedFrom(item.unclassified) }
}

function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Whether an end has been counted once everything released before `time` is: no letter has to be. */
function isSure({ fact }: End, time: number): boolean {
  return fact !== undefined && !fact.unreadable && fact.release < time
}
