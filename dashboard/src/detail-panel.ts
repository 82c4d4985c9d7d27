/** The district that is looked at, or the whole city: its numbers, and its last day. */
import type { DistrictsAnswer } from '../../src/page/answers.ts'
import { spanText } from '../../src/page/event-time.ts'
import {
  formatShown,
  MEASURE_TITLES,
  NO_SUMS,
  SHOWN_MEASURES,
  shownValue,
} from '../../src/views/shown-measure.ts'
import { element, setHidden, setText } from './dom.ts'
import { SeriesChart } from './series-chart.ts'
import type { PageState } from './store.ts'
import { shownCounts } from './store.ts'

export class DetailPanel {
  readonly #title = element('h2')
  readonly #under = element('p', { class: 'under' })
  readonly #close = element('button', {
    class: 'quiet',
    text: 'Whole city',
    attributes: { type: 'button' },
  })
  readonly #values = new Map<string, HTMLElement>()
  readonly #chart: SeriesChart
  readonly #find = element('input', {
    attributes: {
      id: 'find',
      type: 'search',
      list: 'find-names',
      placeholder: 'Find a district',
      'aria-label': 'Find a district',
      autocomplete: 'off',
    },
  })
  readonly #names = element('datalist', { attributes: { id: 'find-names' } })
  #learned: DistrictsAnswer | null = null
  #nameOf = new Map<string, string>()
  #idOf = new Map<string, string>()

  constructor(root: HTMLElement, onSelect: (id: string | null) => void) {
    const chart = element('div', { class: 'chart', attributes: { 'aria-hidden': 'true' } })
    const numbers = SHOWN_MEASURES.map((measure) => {
      const value = element('dd', { text: '–' })
      this.#values.set(measure, value)
      return element('div', {}, element('dt', { text: MEASURE_TITLES[measure] }), value)
    })
    root.append(
      element('div', { class: 'detail-head' }, this.#find, this.#names, this.#close),
      this.#title,
      this.#under,
      element('dl', { class: 'numbers' }, ...numbers),
      chart,
    )
    this.#chart = new SeriesChart(chart)
    this.#close.addEventListener('click', () => {
      onSelect(null)
      this.#find.focus()
    })
    const choose = (): void => {
      const id = this.#idOf.get(this.#find.value.trim().toLowerCase())
      if (id === undefined) return
      this.#find.value = ''
      onSelect(id)
    }
    this.#find.addEventListener('change', choose)
    this.#find.addEventListener('input', choose)
  }

  draw(state: Readonly<PageState>): void {
    if (state.districts !== null && state.districts !== this.#learned) this.#learn(state.districts)
    const { selected, travel } = state
    const counts = shownCounts(state)
    const sums = selected === null ? counts?.all : (counts?.districts.get(selected) ?? NO_SUMS)
    setText(this.#title, selected === null ? 'The city' : (this.#nameOf.get(selected) ?? selected))
    const span = counts === null ? '' : spanText(counts.from, counts.to)
    const id = selected === null || selected === this.#nameOf.get(selected) ? '' : `${selected} · `
    setText(this.#under, `${id}${travel === null ? `last ${state.window}` : 'back then'} · ${span}`)
    setHidden(this.#close, selected === null)
    for (const measure of SHOWN_MEASURES) {
      const value = this.#values.get(measure)
      if (value === undefined) continue
      const known = counts !== null && sums !== undefined
      setText(value, known ? formatShown(measure, shownValue(measure, sums)) : '–')
      value.parentElement?.classList.toggle('chosen', measure === state.measure)
    }
    const series = selected === null ? state.citySeries : state.districtSeries
    if (series !== null && series.id === selected) this.#chart.draw(series)
  }

  #learn(districts: DistrictsAnswer): void {
    this.#learned = districts
    this.#nameOf = new Map(districts.features.map(({ id, properties }) => [id, properties.name]))
    const entries = districts.features.map(({ id, properties: { name } }) => ({
      id,
      text: name === id || name === '' ? id : `${name} · ${id}`,
    }))
    this.#idOf = new Map([
      // By its id and its name alone as well, for those who know them; the whole entry wins.
      ...entries.map(({ id }): [string, string] => [id.toLowerCase(), id]),
      ...entries.map(({ id, text }): [string, string] => [text.toLowerCase(), id]),
    ])
    this.#names.replaceChildren(
      ...entries.map(({ text }) => element('option', { attributes: { value: text } })),
    )
  }
}
