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
  final: boolean
  /** Monotonic ms. */
  readAt: number
  weight: number
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
  readonly #reading = new Map<number, Promise<void>>()
  readonly #gate = new Gate(READS_AT_ONCE, MAX_WAITING)
  #weight = 0
  /** What was read from then on stays true: the run was complete. Monotonic ms. */
  #settledAt = Infinity

  constructor(generation: string, run: string, ports: HistoryPorts) {
    this.#ports = ports
    this.#pk = hourPk(generation, run)
  }

  /** Nothing of the run changes any more. */
  settle(): void {
    this.#settledAt = Math.min(this.#settledAt, this.#ports.monotonicMillis())
  }

  get weight(): number {
    return this.#weight
  }

  /**
   * Panes that start in [from, to), in order, a day at a time, so that neither memory nor the event
   * loop has to hold a long range at once.
   */
  async *panes(from: number, to: number): AsyncIterable<PaneColumns[]> {
    for (let day = hourStartOf(from); day < to; day += DAY_MILLIS) {
      const hours: number[] = []
      for (let hour = day; hour < Math.min(to, day + DAY_MILLIS); hour += HOUR_MILLIS) {
        hours.push(hour)
      }
      const known = await this.#load(hours)
      yield known.flatMap((hour) => hour.panes.filter(({ start }) => start >= from && start < to))
    }
  }

  async #load(hours: readonly number[]): Promise<KnownHour[]> {
    const found = new Map<number, KnownHour>()
    const keep = (): void => {
      for (const hour of hours) {
        const known = this.#hours.get(hour)
        if (known !== undefined && this.#isFresh(known)) found.set(hour, known)
      }
    }
    keep()
    const missing = hours.filter((hour) => !found.has(hour) && !this.#reading.has(hour))
    if (missing.length > 0) this.#startReading(missing[0], missing[missing.length - 1])
    await Promise.all(hours.flatMap((hour) => this.#reading.get(hour) ?? []))
    return hours.flatMap((hour) => found.get(hour) ?? this.#hours.get(hour) ?? [])
  }

  #isFresh(known: KnownHour): boolean {
    if (known.readAt >= this.#settledAt) return true
    const age = this.#ports.monotonicMillis() - known.readAt
    return age < (known.final ? FRESH_MILLIS.final : FRESH_MILLIS.open)
  }

  /** One Query for the whole stretch: what lies between is fresh soon too. */
  #startReading(first: number, last: number): void {
    const reading = this.#read(first, last).finally(() => {
      for (let hour = first; hour <= last; hour += HOUR_MILLIS) {
        if (this.#reading.get(hour) === reading) this.#reading.delete(hour)
      }
    })
    // Whoever waits for it is told; nobody may be waiting any more.
    reading.catch(() => undefined)
    for (let hour = first; hour <= last; hour += HOUR_MILLIS) this.#reading.set(hour, reading)
  }

  #read(first: number, last: number): Promise<void> {
    return this.#gate.pass(async () => {
      const readAt = this.#ports.monotonicMillis()
      const range = { from: hourKey(first), to: hourKey(last) }
      const items = await this.#ports.table.query(this.#pk, range)
      const byHour = new Map(items.map((item) => [parseSpanKey(item.sk), item]))
      for (let hour = first; hour <= last; hour += HOUR_MILLIS) {
        this.#keep(hour, knownHour(hour, byHour.get(hour), readAt))
      }
    })
  }

  #keep(hour: number, known: KnownHour): void {
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

function knownHour(hour: number, item: Item | undefined, readAt: number): KnownHour {
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
  return { panes, final: item?.final === true, readAt, weight }
}
