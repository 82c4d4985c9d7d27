/** The districts with the most, each a button that looks at it. */
import { formatShown, NO_SUMS, shownValue } from '../../src/views/shown-measure.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import { classOf } from '../../src/page/colour-scale.ts'
import { element, setHidden, setText } from './dom.ts'
import { classColours, darkScheme, paletteFor } from './palette.ts'
import type { PageState } from './store.ts'
import { shownCounts } from './store.ts'

const MOST_ROWS = 10

interface Row {
  root: HTMLElement
  button: HTMLButtonElement
  name: HTMLElement
  value: HTMLElement
  bar: HTMLElement
  id: string
}

interface Ranked {
  id: string
  name: string
  value: number
}

export class TopList {
  readonly #rows: readonly Row[]
  readonly #nothing = element('p', { class: 'nothing', text: 'Nothing in this window.' })
  readonly #dark = darkScheme()

  constructor(root: HTMLElement, onSelect: (id: string) => void) {
    this.#rows = Array.from({ length: MOST_ROWS }, () => rowOf(onSelect))
    root.append(
      element('ol', { class: 'ranks' }, ...this.#rows.map((row) => row.root)),
      this.#nothing,
    )
  }

  draw(state: Readonly<PageState>): void {
    const { measure, scale, selected } = state
    const ranked = rank(state, measure)
    const most = Math.max(1e-9, ...ranked.map(({ value }) => Math.abs(value)))
    const colours = classColours(paletteFor(this.#dark.matches), measure)
    this.#rows.forEach((row, i) => {
      const one = ranked.at(i)
      setHidden(row.root, one === undefined)
      if (one === undefined) return
      row.id = one.id
      setText(row.name, one.name)
      setText(row.value, formatShown(measure, one.value))
      row.bar.style.width = `${((Math.abs(one.value) / most) * 100).toFixed(1)}%`
      row.bar.style.backgroundColor =
        scale === null ? '' : colours[classOf(scale.breaks, one.value)]
      row.button.setAttribute('aria-pressed', String(one.id === selected))
    })
    const isKnown = shownCounts(state) !== null && state.districts !== null
    setHidden(this.#nothing, ranked.length > 0 || !isKnown)
  }
}

/** Net flow has two ends: those furthest from balance come first. */
function rank(state: Readonly<PageState>, measure: ShownMeasure): Ranked[] {
  const counts = shownCounts(state)
  // Counts may come before names do: ids would stand there for a moment.
  if (counts === null || state.districts === null) return []
  const names = new Map(state.districts.features.map(({ id, properties }) => [id, properties.name]))
  // An average of one or two trips says little; without the rare ones, unless all are rare.
  const averaged = measure === 'fare' || measure === 'tip'
  const ids = [...counts.districts.keys()]
  const enough = ids.filter((id) => (counts.districts.get(id)?.pickups ?? 0) >= 3)
  return (averaged && enough.length > 0 ? enough : ids)
    .map((id) => ({
      id,
      name: names.get(id) ?? id,
      value: shownValue(measure, counts.districts.get(id) ?? NO_SUMS) ?? 0,
    }))
    .filter(({ value }) => value !== 0)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.id < b.id ? -1 : 1))
    .slice(0, MOST_ROWS)
}

function rowOf(onSelect: (id: string) => void): Row {
  const name = element('span', { class: 'name' })
  const value = element('span', { class: 'value' })
  const bar = element('span', { class: 'bar' })
  const button = element(
    'button',
    { class: 'rank', attributes: { type: 'button', 'aria-pressed': 'false' } },
    name,
    value,
    element('span', { class: 'track' }, bar),
  )
  const row: Row = { root: element('li', {}, button), button, name, value, bar, id: '' }
  button.addEventListener('click', () => onSelect(row.id))
  return row
}
