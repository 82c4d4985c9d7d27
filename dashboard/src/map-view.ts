/** The map: MapLibre with the districts alone, no tiles, no glyphs, nothing from elsewhere. */
import type * as maplibre from 'maplibre-gl'
import type {
  ExpressionSpecification,
  GeoJSONSource,
  Map as MapLibre,
  MapLayerMouseEvent,
  StyleSpecification,
} from 'maplibre-gl'
// As it was published, and minified: to bundle it again would only make the build slow.
import libraryUrl from 'maplibre-gl/dist/maplibre-gl.mjs?url'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import type { DistrictsAnswer, PositionAnswer } from '../../src/page/answers.ts'
import type { Palette } from './palette.ts'
import { calmScheme } from './palette.ts'

/** West, south, east, north. */
export type Bounds = [number, number, number, number]

export interface MapListener {
  /** `x`, `y`: of the pointer, in pixels from the map's corner; null when it is over no district. */
  onHover(id: string | null, x: number, y: number): void
  onSelect(id: string | null): void
  /** What stands over the map must be placed again. */
  onMove(): void
}

/** Zoomed out at most so much further than the whole city. */
const SPARE_ZOOM = 1
const MAX_ZOOM = 15
const SOURCE = 'districts'

export class MapView {
  readonly #map: MapLibre
  readonly #listener: MapListener
  #bounds: Bounds | undefined
  #shown: Bounds | undefined
  #touched = false
  #hovered: string | null = null
  #selected: string | null = null
  readonly #colours = new Map<string, string>()

  /** Resolves once the library is loaded and the map, still empty, is drawn. */
  static async open(
    container: HTMLElement,
    palette: Palette,
    listener: MapListener,
  ): Promise<MapView> {
    const library = (await import(/* @vite-ignore */ libraryUrl)) as typeof maplibre
    library.setWorkerUrl(workerUrl)
    const view = new MapView(library.Map, container, palette, listener)
    await view.#map.once('load')
    return view
  }

  private constructor(
    library: typeof MapLibre,
    container: HTMLElement,
    palette: Palette,
    listener: MapListener,
  ) {
    this.#listener = listener
    this.#map = new library({
      container,
      style: styleOf(palette),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      touchPitch: false,
      rollEnabled: false,
      renderWorldCopies: false,
      fadeDuration: 0,
      maxZoom: MAX_ZOOM,
      center: [0, 0],
      zoom: 1,
      locale: { 'Map.Title': 'Map of the districts; arrow keys move it, + and − zoom' },
    })
    this.#map.touchZoomRotate.disableRotation()
    this.#map.keyboard.disableRotation()
    this.#map.on('move', () => listener.onMove())
    this.#map.on('resize', () => this.#fit())
    this.#map.on('movestart', (event) => {
      if ('originalEvent' in event && event.originalEvent !== undefined) this.#touched = true
    })
    this.#map.on('mousemove', 'fill', (event) => this.#hover(event))
    this.#map.on('mouseleave', 'fill', () => this.#hover(undefined))
    this.#map.on('click', (event) => {
      const [feature] = this.#map.queryRenderedFeatures(event.point, { layers: ['fill'] })
      listener.onSelect(feature === undefined ? null : String(feature.properties.id))
    })
  }

  setDistricts(districts: DistrictsAnswer): void {
    const source = this.#map.getSource<GeoJSONSource>(SOURCE)
    this.#colours.clear()
    this.#hovered = null
    this.#selected = null
    this.#map.removeFeatureState({ source: SOURCE })
    void source?.setData({
      type: 'FeatureCollection',
      features: districts.features
        .filter((feature) => feature.geometry !== null)
        .map((feature) => ({
          type: 'Feature',
          properties: { id: feature.id },
          geometry: feature.geometry ?? { type: 'Polygon', coordinates: [] },
        })),
    })
    this.#bounds = districts.bbox ?? undefined
    this.show(undefined)
  }

  /** Colour of each district; one that is left out has none. */
  paint(colours: ReadonlyMap<string, string>): void {
    for (const [id, colour] of colours) {
      if (this.#colours.get(id) === colour) continue
      this.#colours.set(id, colour)
      this.#setState(id, { colour })
    }
    for (const id of this.#colours.keys()) {
      if (colours.has(id)) continue
      this.#colours.delete(id)
      this.#setState(id, { colour: null })
    }
  }

  select(id: string | null): void {
    if (id === this.#selected) return
    if (this.#selected !== null) this.#setState(this.#selected, { selected: false })
    this.#selected = id
    if (id !== null) this.#setState(id, { selected: true })
  }

  /** Pixels from the map's corner. */
  project(position: PositionAnswer): { x: number; y: number } {
    return this.#map.project(position)
  }

  usePalette(palette: Palette): void {
    this.#map.setPaintProperty('fill', 'fill-color', fillColour(palette))
    this.#map.setPaintProperty('border', 'line-color', palette.border)
    this.#map.setPaintProperty('chosen', 'line-color', palette.chosen)
  }

  /** The whole city, or the part of it within `bounds`. */
  show(bounds: Bounds | undefined): void {
    this.#shown = bounds
    this.#touched = false
    this.#fit()
  }

  zoom(levels: number): void {
    this.#touched = true
    this.#map.zoomTo(this.#map.getZoom() + levels, { animate: !calmScheme().matches })
  }

  /** What is to be seen is seen, unless somebody has moved the map. */
  #fit(): void {
    if (this.#bounds === undefined || this.#touched) return
    this.#map.setMinZoom(0)
    const whole = this.#map.cameraForBounds(this.#bounds, { padding: this.#padding() })
    const zoom = whole?.zoom ?? 0
    this.#map.fitBounds(this.#shown ?? this.#bounds, { padding: this.#padding(), animate: false })
    this.#map.setMinZoom(Math.max(0, zoom - SPARE_ZOOM))
    this.#listener.onMove()
  }

  /** Room for what stands over the map. */
  #padding(): { top: number; bottom: number; left: number; right: number } {
    const { clientWidth, clientHeight } = this.#map.getContainer()
    const small = clientWidth < 640
    return {
      top: Math.min(small ? 92 : 58, clientHeight / 4),
      bottom: Math.min(small ? 84 : 22, clientHeight / 4),
      left: small ? 12 : 56,
      right: small ? 12 : 56,
    }
  }

  #hover(event: MapLayerMouseEvent | undefined): void {
    const id = event?.features?.[0]?.properties.id as unknown
    const hovered = typeof id === 'string' ? id : null
    if (hovered !== this.#hovered) {
      if (this.#hovered !== null) this.#setState(this.#hovered, { hovered: false })
      this.#hovered = hovered
      if (hovered !== null) this.#setState(hovered, { hovered: true })
      this.#map.getCanvas().style.cursor = hovered === null ? '' : 'pointer'
    }
    this.#listener.onHover(hovered, event?.point.x ?? 0, event?.point.y ?? 0)
  }

  #setState(id: string, state: Record<string, unknown>): void {
    this.#map.setFeatureState({ source: SOURCE, id }, state)
  }
}

function fillColour(palette: Palette): ExpressionSpecification {
  return ['to-color', ['feature-state', 'colour'], palette.none]
}

function styleOf(palette: Palette): StyleSpecification {
  const is = (name: string): ExpressionSpecification => ['boolean', ['feature-state', name], false]
  return {
    version: 8,
    sources: {
      [SOURCE]: {
        type: 'geojson',
        data: { type: 'FeatureCollection', features: [] },
        promoteId: 'id',
        // Outlines come simplified; simplified again, borders would open.
        tolerance: 0.05,
      },
    },
    layers: [
      {
        id: 'fill',
        type: 'fill',
        source: SOURCE,
        paint: { 'fill-color': fillColour(palette), 'fill-antialias': false },
      },
      {
        id: 'border',
        type: 'line',
        source: SOURCE,
        layout: { 'line-join': 'round' },
        paint: {
          'line-color': palette.border,
          'line-width': ['interpolate', ['linear'], ['zoom'], 8, 0.4, 12, 1.1],
        },
      },
      {
        id: 'chosen',
        type: 'line',
        source: SOURCE,
        layout: { 'line-join': 'round' },
        paint: {
          'line-color': palette.chosen,
          'line-width': ['case', is('selected'), 3, is('hovered'), 1.6, 0],
          'line-opacity': ['case', is('selected'), 1, is('hovered'), 0.9, 0],
        },
      },
    ],
  }
}
