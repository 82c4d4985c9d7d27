/**
 * The one reader of the table behind all browsers: once a second it looks at what it follows, and
 * tells whoever listens. It never stops for a failure; what was seen last stays, with its time.
 * While nobody watches it rests, and leaves the table's read units to others.
 */
import { textOf } from '../counts/item-values.ts'
import { outlineKey, rollingPk } from '../counts/keys.ts'
import type { Item, TablePort } from '../counts/table-port.ts'
import { HailstreamError, messageOf } from '../errors.ts'
import { hourPk } from '../counts/keys.ts'
import type { Clock } from '../time/clock.ts'
import { HOUR_MILLIS } from '../time/units.ts'
import type { View } from '../views/view.ts'
import { resolveView, statusOf } from '../views/view.ts'
import { parseSpanKey } from '../windows/pane.ts'
import { Attention } from './attention.ts'
import { Days } from './days.ts'
import { EventSpeed } from './event-speed.ts'
import { History } from './history.ts'
import type { KnownSpan } from './query-range.ts'

/** What the poller follows, and all it knows of it. */
export interface Followed {
  view: View
  history: History
  days: Days
  /** Item of the districts' outlines, if the table has one. */
  outline: Item | undefined
  status: Item | undefined
  /** By the name of the window: `15m`. */
  rolling: ReadonlyMap<string, Item>
  /** By the name of the window: `30m`. */
  routes: ReadonlyMap<string, Item>
  /** From the first pane with counts to the end of the last one known. */
  span: KnownSpan | undefined
  /** Event seconds a second. */
  speed: number | null
}

/** Everything before this is final, event ms; Infinity: the run is complete. */
export function finalUntil({ status }: Pick<Followed, 'status'>): number {
  if (status?.complete === true) return Infinity
  const watermark = Date.parse(`${textOf(status?.asOf)}Z`)
  return Number.isNaN(watermark) ? -Infinity : watermark
}

export interface Seen {
  /** Undefined while nothing is counted. */
  followed: Followed | undefined
  /** Unix ms of the last look that succeeded; 0 before it. */
  polledAt: number
  /** Why the last look failed. */
  error: string | undefined
}

export interface PollerPorts {
  table: TablePort
  clock: Clock
  onError?(error: unknown): void
  /** Whether somebody has to be told of every look. */
  isWatched?(): boolean
}

export interface Wanted {
  run?: string | undefined
  generation?: string | undefined
}

const POLL_MILLIS = 1_000
/** While there is nothing to show yet: a page that was just opened is waited in front of. */
const FIRST_MILLIS = 250
const MAX_BACKOFF_MILLIS = 5_000
/** The run item, and outlines that were not there yet. */
const SELDOM_MILLIS = 5_000
const ROUTES_PREFIX = 'routes-'

export class Poller {
  readonly #wanted: Wanted
  readonly #ports: PollerPorts
  readonly #listeners = new Set<(seen: Seen) => void>()
  #seen: Seen = { followed: undefined, polledAt: 0, error: undefined }
  #speed = new EventSpeed()
  #seldomAt = -Infinity
  #first: number | undefined
  readonly #attention: Attention

  constructor(wanted: Wanted, ports: PollerPorts) {
    this.#wanted = wanted
    this.#ports = ports
    this.#attention = new Attention(ports.clock, () => ports.isWatched?.() === true)
  }

  get seen(): Seen {
    return this.#seen
  }

  /** `listener` is called after every look, failed ones too. Returns what ends that. */
  onPoll(listener: (seen: Seen) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Somebody asks; resolves once what is seen is of now, or nearly. */
  attend(): Promise<void> {
    return this.#attention.ask()
  }

  /** Looks until `stop`, and rests while nobody watches. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock } = this.#ports
    let failures = 0
    while (!stop.aborted) {
      const began = clock.monotonicMillis()
      failures = (await this.poll()) ? 0 : failures + 1
      const due = (this.#seen.followed?.rolling.size ?? 0) > 0 ? POLL_MILLIS : FIRST_MILLIS
      const pause = failures === 0 ? due : Math.min(MAX_BACKOFF_MILLIS, 500 * 2 ** failures)
      await clock.sleep(pause - (clock.monotonicMillis() - began), stop)
      await this.#attention.wanted(stop)
    }
  }

  /** One look; false when it failed. */
  async poll(): Promise<boolean> {
    const { clock, onError } = this.#ports
    try {
      const followed = await this.#look()
      this.#seen = { followed, polledAt: clock.now(), error: undefined }
    } catch (error) {
      onError?.(error)
      // Our own errors never name a path; of what nobody foresaw nothing is told.
      const why = error instanceof HailstreamError ? messageOf(error) : 'the table cannot be read'
      this.#seen = { ...this.#seen, error: why }
    }
    for (const listener of this.#listeners) listener(this.#seen)
    this.#attention.looked()
    return this.#seen.error === undefined
  }

  async #look(): Promise<Followed | undefined> {
    const { table, clock } = this.#ports
    const now = clock.monotonicMillis()
    const before = this.#seen.followed
    const seldom = now - this.#seldomAt >= SELDOM_MILLIS
    const view = await this.#view(before?.view, seldom)
    if (view === undefined) return undefined
    const { runId } = view
    const generation = view.generation.id
    const same = before?.view.runId === runId && before.view.generation.id === generation
    if (!same) {
      this.#speed = new EventSpeed()
      this.#first = undefined
    }
    const kept = same ? before : this.#begin(view)
    const [status, items] = await Promise.all([
      statusOf(table, view),
      table.query(rollingPk(generation, runId)),
    ])
    const complete = status?.complete === true
    const watermark = Date.parse(`${textOf(status?.asOf)}Z`)
    await kept.days.refresh(now, watermark, complete)
    const rolling = new Map<string, Item>()
    const routes = new Map<string, Item>()
    for (const item of items.sort((a, b) => minutesOf(a.sk) - minutesOf(b.sk))) {
      if (item.sk.startsWith(ROUTES_PREFIX)) routes.set(item.sk.slice(ROUTES_PREFIX.length), item)
      else if (/^\d+m$/.test(item.sk)) rolling.set(item.sk, item)
    }
    const outline =
      kept.outline ?? (seldom || !same ? await table.get(outlineKey(generation)) : undefined)
    const followed: Followed = { ...kept, view, status, rolling, routes, outline, speed: null }
    followed.speed = complete ? null : this.#speed.at(now, watermark)
    followed.span = await this.#span(followed, seldom)
    if (followed.span !== undefined) {
      const tail = {
        history: followed.history,
        span: followed.span,
        finalUntil: finalUntil(followed),
      }
      await followed.days.refreshTail(now, tail)
    }
    if (seldom) this.#seldomAt = now
    return followed
  }

  /** Which run, and its items; those that hardly change are read again now and then only. */
  async #view(before: View | undefined, seldom: boolean): Promise<View | undefined> {
    const { table } = this.#ports
    const { run, generation } = this.#wanted
    const pinned = run !== undefined && generation !== undefined
    if (before !== undefined && !seldom) {
      if (pinned) return before
      const followed = await table.get({ pk: 'current', sk: 'current' })
      const sameRun = (run ?? textOf(followed?.run)) === before.runId
      const sameRules = (generation ?? textOf(followed?.generation)) === before.generation.id
      if (sameRun && sameRules) return before
    }
    try {
      return await resolveView(table, this.#wanted)
    } catch (error) {
      const nothingYet = error instanceof HailstreamError && error.code === 'RUN'
      if (nothingYet && run === undefined) return undefined
      throw error
    }
  }

  #begin(view: View): Followed {
    const { table, clock } = this.#ports
    const generation = view.generation.id
    const run = view.runId
    return {
      view,
      history: new History(generation, run, {
        table,
        monotonicMillis: () => clock.monotonicMillis(),
      }),
      days: new Days({ table, generation, run }),
      outline: undefined,
      status: undefined,
      rolling: new Map(),
      routes: new Map(),
      span: undefined,
      speed: null,
    }
  }

  async #span(followed: Followed, seldom: boolean): Promise<KnownSpan | undefined> {
    const { view, days, rolling } = followed
    const known = days.hours()
    if (known !== undefined) this.#first = Math.min(this.#first ?? Infinity, known.first)
    else if (this.#first === undefined && seldom) {
      // Before the first day is written: of a run that has just begun there are few hours.
      const hours = await this.#ports.table.query(hourPk(view.generation.id, view.runId))
      this.#first = hours.length === 0 ? undefined : parseSpanKey(hours[0].sk)
    }
    let to = known === undefined ? -Infinity : known.last + HOUR_MILLIS
    let from = this.#first ?? Infinity
    const shortest = [...rolling.values()].at(0)
    if (shortest !== undefined) {
      const open = Date.parse(`${textOf(shortest.to)}Z`) + view.generation.geometry.paneMillis
      // What the last hours hold after the open pane is not closed yet, unless all is.
      if (followed.status?.complete !== true) to = open
      from = Math.min(from, Date.parse(`${textOf(shortest.from)}Z`))
    }
    return Number.isFinite(from) && from < to ? { from, to } : undefined
  }
}

/** `15m` → 15, `routes-30m` → 30. */
function minutesOf(name: string): number {
  return Number(/(\d+)m$/.exec(name)?.[1] ?? 0)
}
