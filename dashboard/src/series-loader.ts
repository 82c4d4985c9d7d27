/** Keeps the series of the city and of the chosen district as fresh as the counts. */
import type { SeriesAnswer } from '../../src/page/answers.ts'
import { readEventTime, writeEventTime } from '../../src/page/event-time.ts'
import { stepFor, stepText } from '../../src/page/steps.ts'
import { ask, queryText } from './api.ts'
import type { Store } from './store.ts'

/** A replay that runs fast closes a pane many times a second; a chart need not. */
const LEAST_MILLIS = 2_500
const DAY_MILLIS = 86_400_000

export class SeriesLoader {
  readonly #store: Store
  #loadedFor = ''
  #loading = false
  #due: ReturnType<typeof setTimeout> | undefined

  constructor(store: Store) {
    this.#store = store
  }

  /** To be called whenever something changed that series depend on. */
  refresh(): void {
    const { state } = this.#store
    const wanted = JSON.stringify([state.status?.run, state.status?.generation, state.selected, state.live?.to, state.status?.revisions, state.status?.complete]) // prettier-ignore
    if (wanted === this.#loadedFor || this.#loading || !state.status?.span || state.live === null)
      return
    const chosen = state.selected
    const urgent = chosen !== null && state.districtSeries?.id !== chosen
    if (this.#due !== undefined) {
      if (!urgent) return
      clearTimeout(this.#due)
      this.#due = undefined
    }
    this.#loadedFor = wanted
    this.#loading = true
    void this.#load(chosen).finally(() => {
      this.#loading = false
      this.#due = setTimeout(() => {
        this.#due = undefined
        this.refresh()
      }, LEAST_MILLIS)
    })
  }

  async #load(chosen: string | null): Promise<void> {
    const { status, live } = this.#store.state
    if (!status?.span || live === null) return
    const { paneMillis } = status
    const from = readEventTime(status.span.from)
    // Dropoffs of trips that are under way lie in panes ahead; one lost taxi makes a day of it.
    const to = Math.max(from + paneMillis, live.to + paneMillis)
    try {
      const whole = rangeQuery(from, to, paneMillis)
      const citySeries = await ask<SeriesAnswer>(`api/series${whole}`)
      this.#store.update({ citySeries })
      if (chosen === null) return
      const start = Math.max(from, to - DAY_MILLIS)
      const day = rangeQuery(start, to, paneMillis)
      const path = `api/districts/${encodeURIComponent(chosen)}/series${day}`
      const districtSeries = await ask<SeriesAnswer>(path)
      if (this.#store.state.selected === chosen) this.#store.update({ districtSeries })
    } catch {
      // The next change asks again; how live the page is, the state line says.
      this.#loadedFor = ''
    }
  }
}

function rangeQuery(from: number, to: number, paneMillis: number): string {
  const step = stepText(stepFor(to - from, paneMillis))
  return queryText({ from: writeEventTime(from), to: writeEventTime(to), step })
}
