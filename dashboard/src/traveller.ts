/** Fetches the panes of the past that are looked at; the latest wish wins. */
import type { PanesAnswer } from '../../src/page/answers.ts'
import { writeEventTime } from '../../src/page/event-time.ts'
import { finalUntil, PaneCache } from '../../src/page/pane-cache.ts'
import { pastCounts } from '../../src/page/window-counts.ts'
import { ask, isAbort, queryText } from './api.ts'
import type { Store } from './store.ts'
import { windowMillis } from './store.ts'

const HOUR_MILLIS = 3_600_000
const MEASURES = 'pickups,dropoffs,fare,tip,total'
/** A window may be told to the page before the hours are that far. */
const AGAIN_MILLIS = 1_000

export class Traveller {
  readonly #store: Store
  #cache: PaneCache | undefined
  #cacheOf = ''
  #asking: AbortController | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** Looks at the window that ends at `to`; null returns to now. */
  travel(to: number | null): void {
    this.#asking?.abort()
    if (to === null) {
      if (this.#store.state.travel !== null) this.#store.update({ travel: null })
      return
    }
    const from = to - windowMillis(this.#store.state.window)
    const cache = this.#cacheFor()
    const panes = cache?.get({ from, to })
    if (panes !== undefined) {
      this.#store.update({ travel: { to, counts: pastCounts(from, to, panes), trouble: null } })
      return
    }
    // What was there before stays until the panes are here: a map that blinks is of no use.
    const counts = this.#store.state.travel?.counts ?? this.#store.state.live
    this.#store.update({ travel: { to, counts, trouble: null } })
    const asking = new AbortController()
    this.#asking = asking
    void this.#fetch(from, to, asking.signal).catch((error: unknown) => {
      if (isAbort(error) || this.#store.state.travel === null) return
      const trouble = error instanceof Error ? error.message : 'The past could not be read.'
      this.#store.update({ travel: { ...this.#store.state.travel, trouble } })
    })
  }

  async #fetch(from: number, to: number, signal: AbortSignal): Promise<void> {
    const cache = this.#cacheFor()
    // Whole hours, and one more on either side: the next step of a drag is then here already.
    const query = queryText({
      from: writeEventTime(Math.floor(from / HOUR_MILLIS) * HOUR_MILLIS - HOUR_MILLIS),
      to: writeEventTime(Math.ceil(to / HOUR_MILLIS) * HOUR_MILLIS + HOUR_MILLIS),
      measures: MEASURES,
    })
    for (;;) {
      const answer = await ask<PanesAnswer>(`api/panes${query}`, signal)
      if (signal.aborted) return
      cache?.add(answer)
      const counts = pastCounts(from, to, answer.panes)
      this.#store.update({ travel: { to, counts, trouble: null } })
      if (finalUntil(answer) >= to) return
      await pause(AGAIN_MILLIS)
      if (signal.aborted) return
    }
  }

  /** A cache of this run; late trips and other runs empty it. */
  #cacheFor(): PaneCache | undefined {
    const { status } = this.#store.state
    if (status === null) return undefined
    const of = JSON.stringify([status.generation, status.run])
    if (this.#cache === undefined || this.#cacheOf !== of) {
      this.#cache = new PaneCache(status.paneMillis, status.revisions)
      this.#cacheOf = of
    }
    this.#cache.revised(status.revisions)
    return this.#cache
  }
}

function pause(millis: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, millis))
}
