/** The rolling items of a run and its routes: the last closed panes, written when the watermark moves. */
import type { Item } from '../counts/table-port.ts'
import { ROUTES_MILLIS } from '../counts/measures.ts'
import type { Progress } from '../counts/progress.ts'
import type { Clock } from '../time/clock.ts'
import { slicesOf } from '../time/slices.ts'
import type { Merging } from './hour-item.ts'
import type { KnownItems } from './known-items.ts'
import { hoursOf, rollingItem, rollingKey, rollingSpan } from './rolling-item.ts'
import type { CountsOf } from './rolling-item.ts'
import { routesItem, routesKey } from './routes-item.ts'
import type { RunCounts } from './run-counts.ts'
import { contest } from './run-state.ts'
import type { RunState } from './run-state.ts'

export interface MergedRollingOptions {
  known: KnownItems
  counts: RunCounts
  clock: Clock
  /** Windows of the rolling items, ms. */
  rollingMillis: readonly number[]
}

export class MergedRolling {
  readonly #options: MergedRollingOptions

  constructor(options: MergedRollingOptions) {
    this.#options = options
  }

  /** Writes all of them; they are due again where another merger was there first. */
  async merge(merging: Merging, state: RunState, shards: readonly Progress[]): Promise<void> {
    const { known, clock, rollingMillis } = this.#options
    const slices = slicesOf(clock)
    const { generation, run } = merging
    const hasRoutes = ROUTES_MILLIS % merging.paneMillis === 0
    const windows = [...rollingMillis, ...(hasRoutes ? [ROUTES_MILLIS] : [])]
    const spans = windows.map((millis) => rollingSpan(merging, millis))
    await this.#loadRecent(run, state, [...new Set(spans.flatMap(hoursOf))], shards)
    const countsOf: CountsOf = (hour) => state.recent.get(hour)
    let shownAt = Infinity
    const writes = rollingMillis.map(async (millis) => {
      const outcome = await known.replace(rollingKey(generation, run, millis), async (previous) => {
        while (slices.over) await slices.pause()
        const item = rollingItem(merging, millis, countsOf, previous)
        return { ...item, writtenAt: clock.now() }
      })
      // Whichever is there first shows the trips.
      shownAt = Math.min(shownAt, clock.now())
      return outcome
    })
    if (hasRoutes) {
      const build = async (previous: Item | undefined): Promise<Item> => {
        while (slices.over) await slices.pause()
        return routesItem(merging, countsOf, previous)
      }
      writes.push(known.replace(routesKey(generation, run), build))
    }
    state.rollingDue = (await Promise.all(writes)).includes('refused')
    if (state.rollingDue) contest(state)
    else {
      const openTo = merging.ended ? Infinity : spans[0].openTo
      state.lag.shown(openTo, shownAt, clock.monotonicMillis())
    }
  }

  async #loadRecent(
    run: string,
    state: RunState,
    hours: readonly number[],
    shards: readonly Progress[],
  ): Promise<void> {
    const { counts } = this.#options
    const missing = hours.filter((hour) => !state.recent.has(hour))
    const which = { everyShard: state.contested }
    const found = await counts.ofHours(run, missing, shards, which)
    for (const hour of missing) state.recent.set(hour, found.get(hour) ?? counts.emptyHour())
  }
}
