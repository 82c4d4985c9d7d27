/** What the colours mean. */
import { formatShown, MEASURE_TITLES } from '../../src/views/shown-measure.ts'
import type { ShownMeasure } from '../../src/views/shown-measure.ts'
import { element, setHidden } from './dom.ts'
import { classColours, darkScheme, paletteFor } from './palette.ts'
import type { PageState } from './store.ts'

const EXPLAINED: Readonly<Record<ShownMeasure, string>> = {
  pickups: 'trips that began here',
  dropoffs: 'trips that ended here',
  net: 'dropoffs less pickups',
  fare: 'of the trips that began here',
  tip: 'of the total paid',
}

export class Legend {
  readonly #root: HTMLElement
  readonly #dark = darkScheme()
  #shown = ''

  constructor(root: HTMLElement, redraw: () => void) {
    this.#root = root
    this.#dark.addEventListener('change', redraw)
  }

  draw(state: Readonly<PageState>): void {
    const { scale, measure } = state
    setHidden(this.#root, scale === null)
    if (scale === null) return
    const palette = paletteFor(this.#dark.matches)
    const seen = JSON.stringify([measure, scale.breaks, this.#dark.matches])
    if (seen === this.#shown) return
    this.#shown = seen
    const colours = classColours(palette, measure)
    const swatches = colours.map((colour, i) => {
      const swatch = element('span', { class: 'swatch' })
      swatch.style.backgroundColor = colour
      const label = i === 0 ? '' : formatShown(measure, scale.breaks[i - 1])
      return element('li', {}, swatch, element('span', { class: 'break', text: label }))
    })
    this.#root.replaceChildren(
      element(
        'figcaption',
        {},
        element('strong', { text: MEASURE_TITLES[measure] }),
        document.createTextNode(` ${EXPLAINED[measure]}`),
      ),
      element('ol', { class: 'swatches' }, ...swatches),
    )
  }
}
