/** What the page knows, and who draws it. */
import type {
  DistrictsAnswer,
  RoutesAnswer,
  SeriesAnswer,
  StatusAnswer,
} from '../../src/page/answers.ts'
import type { ColourScale } from '../../src/page/colour-scale.ts'
import type { WindowCounts } from '../../src/page/window-counts.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'

/** A moment of the past that is looked at instead of now. */
export interface Travel {
  /** End of the window, event milliseconds. */
  to: number
  /** Null until its panes are here. */
  counts: WindowCounts | null
  trouble: string | null
}

export interface PageState {
  connection: 'connecting' | 'open' | 'lost'
  /** performance.now() of these moments. */
  lostAt: number
  movedAt: number
  status: StatusAnswer | null
  districts: DistrictsAnswer | null
  live: WindowCounts | null
  routes: RoutesAnswer | null
  measure: ShownMeasure
  window: string
  /** Id of the district that is looked at. */
  selected: string | null
  travel: Travel | null
  citySeries: SeriesAnswer | null
  districtSeries: SeriesAnswer | null
  scale: ColourScale | null
}

export type View = (state: Readonly<PageState>, before: Readonly<PageState>) => void

export class Store {
  #state: PageState
  #drawn: PageState
  readonly #views: View[] = []
  #due = false

  constructor(state: PageState) {
    this.#state = state
    this.#drawn = state
  }

  get state(): Readonly<PageState> {
    return this.#state
  }

  /** Views are drawn once a frame, however much changed since the last. */
  update(changes: Partial<PageState>): void {
    this.#state = { ...this.#state, ...changes }
    if (this.#due) return
    this.#due = true
    requestAnimationFrame(() => {
      this.#due = false
      const before = this.#drawn
      this.#drawn = this.#state
      for (const view of this.#views) view(this.#state, before)
    })
  }

  /** Draws it now, and whenever something changed. */
  show(view: View): void {
    this.#views.push(view)
    view(this.#state, this.#state)
  }
}

/** What is to be shown: a moment of the past while there is one, else now. */
export function shownCounts(state: Readonly<PageState>): WindowCounts | null {
  return state.travel === null ? state.live : state.travel.counts
}

export function windowMillis(window: string): number {
  return Number.parseInt(window, 10) * 60_000
}
