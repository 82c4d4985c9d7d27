/**
 * The days of a run, from its hours as they stand in the table. A merger that began with nothing
 * merged, and has met no other since, wrote every hour itself and need not read them again: over a
 * year of a sparse file that saves a query of 24 items per day. One that is behind another is found
 * out when it writes: it does not know the version of a day that the other wrote, is refused, and asks
 * from then on.
 */
import { dayPk, hourPk } from '../counts/keys.ts'
import type { Item, TablePort } from '../counts/table-port.ts'
import type { Clock } from '../time/clock.ts'
import { slicesOf } from '../time/slices.ts'
import { DAY_MILLIS, HOUR_MILLIS } from '../time/units.ts'
import { dayKey, hourKey } from '../windows/pane.ts'
import { dayItem } from './day-item.ts'
import type { Merging } from './hour-item.ts'
import { inParallel } from './in-parallel.ts'
import type { KnownItems } from './known-items.ts'
import { dueDays } from './merge-plan.ts'
import type { Pace } from './merge-plan.ts'
import { contest } from './run-state.ts'
import type { RunState } from './run-state.ts'

const HOURS = DAY_MILLIS / HOUR_MILLIS

export interface MergedDaysOptions {
  table: TablePort
  known: KnownItems
  clock: Clock
  /** Writes under way at once. */
  concurrency: number
  /** Nothing was merged before: every hour there is was written by this merger, or is contested. */
  fromNothing: boolean
}

export class MergedDays {
  readonly #options: MergedDaysOptions

  constructor(options: MergedDaysOptions) {
    this.#options = options
  }

  /** Writes the days of `state` that are due. */
  async merge(merging: Merging, state: RunState, pace: Pace): Promise<void> {
    const { known, clock, concurrency } = this.#options
    const slices = slicesOf(clock)
    const { generation, run } = merging
    const due = dueDays(state.days, state.pending, merging, pace)
    await inParallel(due, concurrency, async (day) => {
      const key = { pk: dayPk(generation, run), sk: dayKey(day) }
      const outcome = await known.replace(key, async (previous) => {
        const hours = await this.#hoursOf(day, merging, state)
        return slices.finish(dayItem(merging, day, hours, previous))
      })
      if (outcome === 'ok') state.days.delete(day)
      else contest(state)
    })
  }

  async #hoursOf(
    day: number,
    { generation, run }: Merging,
    state: RunState,
  ): Promise<readonly Item[]> {
    const { table, known, fromNothing } = this.#options
    const pk = hourPk(generation, run)
    const names = Array.from({ length: HOURS }, (_, hour) => hourKey(day + hour * HOUR_MILLIS))
    const own =
      fromNothing && !state.contested
        ? known.remembered(names.map((sk) => ({ pk, sk })))
        : undefined
    return own ?? (await table.query(pk, { from: names[0], to: names[HOURS - 1] }))
  }
}
