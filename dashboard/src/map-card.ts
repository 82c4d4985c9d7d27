/** The map and what stands over it: names, arcs, and the words for what the pointer is over. */
import type { DistrictsAnswer, PositionAnswer } from '../../src/page/answers.ts'
import { busiestBounds } from '../../src/page/busiest-bounds.ts'
import { classOf } from '../../src/page/colour-scale.ts'
import {
  formatShown,
  grouped,
  MEASURE_TITLES,
  NO_SUMS,
  shownValue,
} from '../../src/views/shown-measure.ts'
import { Arcs } from './arcs.ts'
import { byId, element, setHidden } from './dom.ts'
import { Labels } from './labels.ts'
import type { Bounds } from './map-view.ts'
import { MapView } from './map-view.ts'
import type { Palette } from './palette.ts'
import { classColours, darkScheme, paletteFor } from './palette.ts'
import type { PageState, Store } from './store.ts'
import { shownCounts } from './store.ts'

interface Place {
  name: string
  center: PositionAnswer | null
}

export class MapCard {
  readonly #store: Store
  readonly #map: MapView
  readonly #arcs: Arcs
  readonly #labels: Labels
  readonly #tip = byId('tip', 'div')
  readonly #dark = darkScheme()
  #palette: Palette
  #places = new Map<string, Place>()
  #hover: { id: string; x: number; y: number } | null = null

  static async open(store: Store, onSelect: (id: string | null) => void): Promise<MapCard> {
    const palette = paletteFor(darkScheme().matches)
    const opened: { card?: MapCard } = {}
    const map = await MapView.open(byId('map', 'div'), palette, {
      onHover: (id, x, y) => opened.card?.hover(id === null ? null : { id, x, y }),
      onSelect,
      onMove: () => opened.card?.place(),
    })
    opened.card = new MapCard(store, map, palette)
    return opened.card
  }

  private constructor(store: Store, map: MapView, palette: Palette) {
    this.#store = store
    this.#map = map
    this.#palette = palette
    const project = (position: PositionAnswer): { x: number; y: number } =>
      this.#map.project(position)
    this.#arcs = new Arcs(byId('arcs', 'canvas'), project)
    this.#labels = new Labels(byId('labels', 'div'), project)
    this.#dark.addEventListener('change', () => {
      this.#palette = paletteFor(this.#dark.matches)
      this.#map.usePalette(this.#palette)
      this.#paint(store.state)
      this.#drawArcs(store.state)
    })
    const { districts } = store.state
    if (districts !== null) this.#setDistricts(districts)
    byId('zoom-in', 'button').addEventListener('click', () => map.zoom(1))
    byId('zoom-out', 'button').addEventListener('click', () => map.zoom(-1))
    byId('whole', 'button').addEventListener('click', () => map.show(undefined))
    byId('busiest', 'button').addEventListener('click', () => map.show(this.#busiest()))
    store.show((state, before) => this.#draw(state, before))
  }

  /** Where most trips begin and end. */
  #busiest(): Bounds | undefined {
    const counts = shownCounts(this.#store.state)
    const features = this.#store.state.districts?.features ?? []
    return counts === null ? undefined : busiestBounds(counts, features)
  }

  hover(over: { id: string; x: number; y: number } | null): void {
    this.#hover = over
    this.#drawTip(this.#store.state)
  }

  place(): void {
    this.#arcs.place()
    this.#labels.place()
  }

  #draw(state: Readonly<PageState>, before: Readonly<PageState>): void {
    const first = state === before
    const { districts } = state
    if (districts !== null && districts !== before.districts) this.#setDistricts(districts)
    const counts = shownCounts(state)
    const changed =
      first ||
      counts !== shownCounts(before) ||
      state.measure !== before.measure ||
      state.scale !== before.scale
    if (changed) this.#paint(state)
    this.#map.select(state.selected)
    if (first || state.routes !== before.routes || state.travel !== before.travel) {
      this.#drawArcs(state)
    }
    if (changed) this.#drawTip(state)
  }

  #setDistricts(districts: DistrictsAnswer): void {
    this.#places = new Map(districts.features.map(({ id, properties }) => [id, properties]))
    this.#map.setDistricts(districts)
    this.#paint(this.#store.state)
    this.#map.select(this.#store.state.selected)
    this.#drawArcs(this.#store.state)
    byId('map', 'div').dataset.drawn = 'true'
  }

  #paint(state: Readonly<PageState>): void {
    const { scale, measure } = state
    const counts = shownCounts(state)
    const colours = new Map<string, string>()
    const ranked: { id: string; weight: number }[] = []
    if (counts !== null && scale !== null) {
      const classes = classColours(this.#palette, measure)
      for (const id of this.#places.keys()) {
        const value = shownValue(measure, counts.districts.get(id) ?? NO_SUMS)
        if (value === null) continue
        colours.set(id, classes[classOf(scale.breaks, value)])
        // Averages of few trips are chance: names go to where there are most trips.
        const sums = counts.districts.get(id) ?? NO_SUMS
        const weight = measure === 'fare' || measure === 'tip' ? sums.pickups : Math.abs(value)
        if (weight > 0) ranked.push({ id, weight })
      }
    }
    this.#map.paint(colours)
    ranked.sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))
    this.#labels.set(
      ranked.flatMap(({ id }) => {
        const place = this.#places.get(id)
        return place?.center ? [{ id, text: place.name, at: place.center }] : []
      }),
    )
  }

  /** Routes are of the last minutes: there are none of the past. */
  #drawArcs(state: Readonly<PageState>): void {
    const routes = state.travel === null ? (state.routes?.routes ?? []) : []
    this.#arcs.set(
      routes.flatMap((route) => {
        const from = this.#places.get(route.origin)?.center
        const to = this.#places.get(route.destination)?.center
        return from && to ? [{ route, from, to }] : []
      }),
      this.#palette.arc,
    )
  }

  #drawTip(state: Readonly<PageState>): void {
    const tip = this.#tip
    setHidden(tip, this.#hover === null)
    if (this.#hover === null) return
    const { id, x, y } = this.#hover
    const sums = shownCounts(state)?.districts.get(id) ?? NO_SUMS
    const { measure } = state
    tip.replaceChildren(
      element('strong', { text: this.#places.get(id)?.name ?? id }),
      element('span', {
        class: 'tip-value',
        text: `${formatShown(measure, shownValue(measure, sums))} ${MEASURE_TITLES[measure]}`,
      }),
      element('span', {
        class: 'tip-more',
        text: `${grouped(sums.pickups)} pickups · ${grouped(sums.dropoffs)} dropoffs`,
      }),
    )
    const { clientWidth } = byId('map', 'div')
    const left = x > clientWidth - 220 ? x - 16 - tip.offsetWidth : x + 16
    tip.style.transform = `translate(${Math.round(left)}px, ${Math.round(Math.max(8, y - 24))}px)`
  }
}
