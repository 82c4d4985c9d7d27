/** The answers to all that can be asked, each made once for everybody who asks. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { textOf } from '../counts/item-values.ts'
import type { Attributes } from '../counts/item-values.ts'
import { SUMS } from '../counts/measures.ts'
import type { Item } from '../counts/table-port.ts'
import { DAY_MILLIS, formatDuration, formatEventTime } from '../time/units.ts'
import type { Clock } from '../time/clock.ts'
import { rollingAnswer, routesAnswer, statusAnswer } from './answers.ts'
import type { StatusSurroundings } from './answers.ts'
import { Body } from './body.ts'
import { BodyCache } from './body-cache.ts'
import type { PaneColumns } from './history.ts'
import { districtsAnswer } from './districts-answer.ts'
import { Gate } from './gate.ts'
import type { Followed, Poller, Seen } from './poller.ts'
import { finalUntil } from './poller.ts'
import { Problem, quoted } from './problem.ts'
import type { QueryRange } from './query-range.ts'
import { readRange } from './query-range.ts'
import { DistrictWindows, MEASURE_NAMES, SeriesLine } from './windows.ts'
import type { MeasureName } from './windows.ts'

const RANGES_AT_ONCE = 4
const RANGES_WAITING = 256
const ROUTES_WINDOW = '30m'

/** Made of one version of one item; made again when that grows. */
interface Versioned {
  of: string
  body: Body
}

export class Board {
  readonly #poller: Poller
  readonly #ranges: BodyCache
  readonly #gate = new Gate(RANGES_AT_ONCE, RANGES_WAITING)
  readonly #surroundings: () => Omit<StatusSurroundings, 'note'>
  readonly #versioned = new Map<string, Versioned>()
  #status: { of: Seen; body: Body } | undefined

  constructor(poller: Poller, clock: Clock, surroundings: () => Omit<StatusSurroundings, 'note'>) {
    this.#poller = poller
    this.#surroundings = surroundings
    this.#ranges = new BodyCache(() => clock.monotonicMillis())
  }

  /** Of the poller's last look. */
  status(): Body {
    const { seen } = this.#poller
    if (this.#status?.of !== seen) {
      const note = textOf(seen.followed?.outline?.note) || null
      const body = Body.json(statusAnswer(seen, { ...this.#surroundings(), note }))
      this.#status = { of: seen, body }
    }
    return this.#status.body
  }

  /** Names of the rolling windows there are, shortest first. */
  windows(): string[] {
    return [...(this.#poller.seen.followed?.rolling.keys() ?? [])]
  }

  rolling(window: string): Body {
    const followed = this.#followed()
    const item = followed.rolling.get(window)
    if (item === undefined) {
      if (followed.rolling.size === 0) throw notYet('no window was counted yet')
      throw new Problem('UNKNOWN_WINDOW', `window ${quoted(window)}`, {
        parameter: 'window',
        expected: `one of ${this.windows().join(', ')}`,
      })
    }
    return this.#once(`rolling ${window}`, followed, item, () =>
      rollingAnswer(followed, window, item),
    )
  }

  /** Undefined where there are none. */
  routes(): Body | undefined {
    const { followed } = this.#poller.seen
    const item = followed?.routes.get(ROUTES_WINDOW)
    if (followed === undefined || item === undefined) return undefined
    return this.#once('routes', followed, item, () => routesAnswer(followed, ROUTES_WINDOW, item))
  }

  districts(): Body {
    const followed = this.#followed()
    const { outline, view } = followed
    const of = outline ?? { pk: '', sk: view.generation.id, version: -1 }
    return this.#once('districts', followed, of, () => districtsAnswer(view.generation, outline))
  }

  panes(query: URLSearchParams): Promise<Body> {
    const followed = this.#followed()
    const range = rangeOf(followed, query)
    const measures = readMeasures(query.get('measures'))
    return this.#range(['panes', measures], range, followed, async () => {
      const isFinal = finality(followed)
      const windows = new DistrictWindows(range, measures, isFinal)
      for await (const panes of panesOf(followed, range))
        for (const pane of panes) windows.add(pane)
      windows.close()
      return { ...headOf(followed, range), final: isFinal(range.to), panes: windows.windows }
    })
  }

  /** `district` null: the whole city. */
  series(district: string | null, query: URLSearchParams): Promise<Body> {
    const followed = this.#followed()
    const name = nameOf(followed, district)
    const range = rangeOf(followed, query)
    return this.#range(['series', district], range, followed, async () => {
      const line = new SeriesLine(range, district)
      for await (const panes of panesOf(followed, range)) for (const pane of panes) line.add(pane)
      const isFinal = finality(followed)
      const { from, step } = range
      return {
        ...headOf(followed, range),
        id: district,
        name,
        starts: line.starts(),
        final: line.sums.pickups.map((_, i) => isFinal(from + (i + 1) * step)),
        ...line.sums,
      }
    })
  }

  #followed(): Followed {
    const { followed, error, polledAt } = this.#poller.seen
    if (followed !== undefined) return followed
    if (error !== undefined && polledAt === 0) throw new Problem('TABLE_UNAVAILABLE', error)
    throw notYet('nothing is counted yet')
  }

  #once(name: string, followed: Followed, item: Item, make: () => unknown): Body {
    const { generation, runId } = followed.view
    const of = `${generation.id} ${runId} ${textOf(item.version)}`
    const known = this.#versioned.get(name)
    if (known?.of === of) return known.body
    const body = Body.json(make())
    this.#versioned.set(name, { of, body })
    return body
  }

  /** What was made before more of the range was final is made again: it may lack trips. */
  #range(
    key: readonly unknown[],
    range: QueryRange,
    followed: Followed,
    make: () => Promise<unknown>,
  ): Promise<Body> {
    const { generation, runId } = followed.view
    const complete = finalUntil(followed) === Infinity
    const final = complete ? 'all' : Math.min(finalUntil(followed), range.to)
    const name = JSON.stringify([generation.id, runId, key, range, final])
    return this.#ranges.get(name, () => this.#gate.pass(async () => Body.json(await make())))
  }
}

function notYet(message: string): Problem {
  return new Problem('NOT_YET', message, { expected: 'a run that is being counted' })
}

function rangeOf(followed: Followed, query: URLSearchParams): QueryRange {
  const { paneMillis } = followed.view.generation.geometry
  const { span } = followed
  if (span === undefined) throw notYet('no pane was counted yet')
  return readRange(query, paneMillis, span)
}

/** The panes of a range, some at a time; other requests get their turn in between. */
async function* panesOf(followed: Followed, range: QueryRange): AsyncIterable<PaneColumns[]> {
  const { span, days, history } = followed
  if (range.step === DAY_MILLIS) {
    yield days.panes(range.from, range.to)
    return
  }
  // What lies outside of what is known is empty; nobody reads it.
  const from = Math.max(range.from, span?.from ?? Infinity)
  const to = Math.min(range.to, span?.to ?? -Infinity)
  for await (const panes of history.panes(from, to, finalUntil(followed))) {
    yield panes
    await nextTurn()
  }
}

function headOf(followed: Followed, range: QueryRange): Attributes {
  return {
    generation: followed.view.generation.id,
    run: followed.view.runId,
    asOf: textOf(followed.status?.asOf) || null,
    from: formatEventTime(range.from),
    to: formatEventTime(range.to),
    step: formatDuration(range.step),
    stepMillis: range.step,
  }
}

function finality(followed: Followed): (end: number) => boolean {
  const until = finalUntil(followed)
  return (end) => end <= until
}

function nameOf(followed: Followed, district: string | null): string {
  const { ids, names, zones, name } = followed.view.generation.districts
  if (district === null) return name
  const at = ids.indexOf(district)
  if (at >= 0) return names[at]
  if (zones && /^[\x21-\x7e]{1,15}$/.test(district)) return district
  throw new Problem('UNKNOWN_DISTRICT', `district ${quoted(district)}`, {
    parameter: 'id',
    expected: `one of the ${ids.length} districts of /api/districts`,
  })
}

function readMeasures(text: string | null): MeasureName[] {
  if (text === null) return [...SUMS]
  const wanted = new Set(text.split(','))
  const measures = MEASURE_NAMES.filter((name) => wanted.delete(name))
  if (wanted.size > 0 || measures.length === 0) {
    const [wrong = ''] = wanted
    throw new Problem('BAD_PARAMETER', `measure ${quoted(wrong)}`, {
      parameter: 'measures',
      expected: `some of ${MEASURE_NAMES.join(',')}`,
    })
  }
  return measures
}
