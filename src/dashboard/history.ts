/**
 * The hours of a run as the table has them, kept for a while: many may ask for the same range, and
 * the table is read once. What is kept is bounded, and so is what is read at the same time.
 */
import { attributesOf, listOf, numberOf } from '../counts/item-values.ts'
import type { Attributes } from '../counts/item-values.ts'
import { hourPk } from '../counts/keys.ts'
import type { Item, TablePort } from '../counts/table-port.ts'
import { DAY_MILLIS, HOUR_MILLIS } from '../time/units.ts'
import { hourKey, hourStartOf, parseSpanKey } from '../windows/pane.ts'
import { Gate } from './gate.ts'

/** A pane of an hour item: ids, one list a measure, tiers, unclassified (docs/table.md). */
export interface PaneColumns {
  start: number
  final: boolean
  revision: number
  columns: Readonly<Attributes>
}

interface KnownHour {
  panes: readonly PaneColumns[]
  /** What was known to be final before it was read, event ms: up to there nothing is missing. */
  finalUntil: number
  /** Monotonic ms. */
  readAt: number
  weight: number
}

interface Reading {
  finalUntil: number
  hours: Promise<ReadonlyMap<number, KnownHour>>
}

export interface HistoryPorts {
  table: TablePort
  monotonicMillis(): number
}

/** About 8 bytes each: the numbers kept of all hours together. */
const MAX_WEIGHT = 6_000_000
/** How long an hour may be answered from memory. Late trips change a final one now and then. */
const FRESH_MILLIS = { open: 1_000, final: 30_000 }
const READS_AT_ONCE = 2
const MAX_WAITING = 64

export class History {
  readonly #ports: HistoryPorts
  readonly #pk: string
  readonly #hours = new Map<number, KnownHour>()
  readonly #reading = new Map<number, Reading>()
  readonly #gate = new Gate(READS_AT_ONCE, MAX_WAITING)
  #weight = 0

  constructor(generation: string, run: string, ports: HistoryPorts) {
    this.#ports = ports
    this.#pk = hourPk(generation, run)
  }

  get weight(): number {
    return this.#weight
  }

  /**
   * Panes that start in [from, to), in order, a day at a time, so that neither memory nor the event
   * loop has to hold a long range at once. `finalUntil` is the end of what the caller knows to be
   * final (Infinity: the run is complete): what was read before that was known is read again, so
   * that no pane called final lacks a trip.
   */
  async *panes(from: number, to: number, finalUntil: number): AsyncIterable<PaneColumns[]> {
    for (let day = hourStartOf(from); day < to; day += DAY_MILLIS) {
      const hours: number[] = []
      for (let hour = day; hour < Math.min(to, day + DAY_MILLIS); hour += HOUR_MILLIS) {
        hours.push(hour)
      }
      const known = await this.#load(hours, finalUntil)
      yield known.flatMap((hour) => hour.panes.filter(({ start }) => start >= from && start < to))
    }
  }

  async #load(hours: readonly number[], finalUntil: number): Promise<KnownHour[]> {
    const found = new Map<number, KnownHour>()
    for (const hour of hours) {
      const known = this.#hours.get(hour)
      if (known !== undefined && this.#isFresh(hour, known, finalUntil)) found.set(hour, known)
    }
    const missing = hours.filter((hour) => !found.has(hour))
    const unread = missing.filter((hour) => {
      const reading = this.#reading.get(hour)
      return reading === undefined || !knowsEnough(hour, reading.finalUntil, finalUntil)
    })
    if (unread.length > 0) this.#startReading(unread[0], unread[unread.length - 1], finalUntil)
    const readings = new Set(missing.flatMap((hour) => this.#reading.get(hour) ?? []))
    for (const { hours: reading } of readings) {
      for (const [hour, known] of await reading) if (!found.has(hour)) found.set(hour, known)
    }
    return hours.flatMap((hour) => found.get(hour) ?? [])
  }

  #isFresh(hour: number, known: KnownHour, finalUntil: number): boolean {
    if (known.finalUntil === Infinity) return true
    if (!knowsEnough(hour, known.finalUntil, finalUntil)) return false
    const age = this.#ports.monotonicMillis() - known.readAt
    return age < (known.finalUntil >= hour + HOUR_MILLIS ? FRESH_MILLIS.final : FRESH_MILLIS.open)
  }

  /** One Query for the whole stretch: what lies between is fresh soon too. */
  #startReading(first: number, last: number, finalUntil: number): void {
    const hours = this.#read(first, last, finalUntil).finally(() => {
      for (let hour = first; hour <= last; hour += HOUR_MILLIS) {
        if (this.#reading.get(hour) === reading) this.#reading.delete(hour)
      }
    })
    const reading: Reading = { finalUntil, hours }
    // Whoever waits for it is told; nobody may be waiting any more.
    hours.catch(() => undefined)
    for (let hour = first; hour <= last; hour += HOUR_MILLIS) this.#reading.set(hour, reading)
  }

  #read(first: number, last: number, finalUntil: number): Promise<ReadonlyMap<number, KnownHour>> {
    return this.#gate.pass(async () => {
      const readAt = this.#ports.monotonicMillis()
      const range = { from: hourKey(first), to: hourKey(last) }
      const items = await this.#ports.table.query(this.#pk, range)
      const byHour = new Map(items.map((item) => [parseSpanKey(item.sk), item]))
      const hours = new Map<number, KnownHour>()
      for (let hour = first; hour <= last; hour += HOUR_MILLIS) {
        const known = { ...panesOf(hour, byHour.get(hour)), finalUntil, readAt }
        hours.set(hour, known)
        this.#keep(hour, known)
      }
      return hours
    })
  }

  #keep(hour: number, known: KnownHour): void {
    // Two readings may overlap; the later one knows more.
    if ((this.#hours.get(hour)?.readAt ?? -Infinity) > known.readAt) return
    this.#weight += known.weight - (this.#hours.get(hour)?.weight ?? 0)
    this.#hours.delete(hour)
    this.#hours.set(hour, known)
    // Never all of it: the last one kept is about to be used.
    while (this.#weight > MAX_WEIGHT && this.#hours.size > 48) {
      const [[oldest, { weight }]] = this.#hours
      this.#hours.delete(oldest)
      this.#weight -= weight
    }
  }
}

/**
 * Whether what was final `then` is all of the hour that is final `now`. A late trip may have changed
 * what was final, up to when the run was complete: then it is read for the last time.
 */
function knowsEnough(hour: number, then: number, now: number): boolean {
  if (now === Infinity) return then === Infinity
  return then >= Math.min(hour + HOUR_MILLIS, now)
}

function panesOf(hour: number, item: Item | undefined): Pick<KnownHour, 'panes' | 'weight'> {
  const panes = Object.entries(attributesOf(item?.panes))
    .map(([name, value]): PaneColumns => {
      const columns = attributesOf(value)
      return {
        start: hour + (parseSpanKey(`1970-01-01T${name}`) % HOUR_MILLIS),
        final: columns.final === true,
        revision: numberOf(columns.revision),
        columns,
      }
    })
    .sort((a, b) => a.start - b.start)
  let weight = 24
  for (const { columns } of panes) {
    const lists = Object.keys(columns).length + Object.keys(attributesOf(columns.tiers)).length
    weight += 8 + listOf(columns.ids).length * (lists + 4)
  }
  return { panes, weight }
}
