/** The routes with the most trips; what the arcs on the map say, in words. */
import { grouped } from '../../src/views/shown-measure.ts'
import { element } from './dom.ts'
import type { PageState } from './store.ts'

export class RoutesList {
  readonly #list = element('ol', { class: 'routes' })
  readonly #nothing = element('p', { class: 'nothing' })
  readonly #title: HTMLElement

  constructor(root: HTMLElement, title: HTMLElement) {
    this.#title = title
    root.append(this.#list, this.#nothing)
  }

  draw(state: Readonly<PageState>, before: Readonly<PageState>): void {
    if (state !== before && state.routes === before.routes && state.travel === before.travel) return
    const routes = state.travel === null ? (state.routes?.routes ?? []) : []
    if (state.routes !== null) this.#title.textContent = `Top routes, last ${state.routes.window}`
    this.#list.replaceChildren(
      ...routes.map(({ originName, destinationName, trips }) =>
        element(
          'li',
          {},
          element('span', { class: 'name', text: originName }),
          element('span', { class: 'arrow', text: '→', attributes: { 'aria-label': 'to' } }),
          element('span', { class: 'name', text: destinationName }),
          element('span', { class: 'value', text: grouped(trips) }),
        ),
      ),
    )
    this.#nothing.textContent = nothingSaid(state, routes.length)
    this.#nothing.hidden = routes.length > 0
  }
}

function nothingSaid(state: Readonly<PageState>, routes: number): string {
  if (routes > 0) return ''
  if (state.travel !== null) return 'Routes are kept for now only, not for the past.'
  return 'No routes in the last minutes.'
}
