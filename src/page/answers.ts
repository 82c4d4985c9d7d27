/** The parts of the server's answers that the page uses; docs/openapi.json has them whole. */
import type { ShownSums } from '../views/shown-measure.ts'

/** `2016-01-15T16:40:00`: the wall clock of the trip files, without a zone. */
export type EventTimeText = string

export interface PercentilesAnswer {
  p50: number
  p99: number
  p999: number
  samples: number
}

export interface UnclassifiedAnswer {
  pickup: Readonly<Record<string, number>>
  dropoff: Readonly<Record<string, number>>
}

export interface StatusAnswer {
  state: 'waiting' | 'live' | 'complete'
  generation: string | null
  run: string | null
  districts: { name: string; count: number; zones: boolean; note: string | null }
  pane: string
  paneMillis: number
  windows: readonly string[]
  asOf: EventTimeText | null
  span: { from: EventTimeText; to: EventTimeText } | null
  speed: number | null
  abandoned: boolean
  complete: boolean
  trips: number
  tripsSent: number | null
  tripsPerSecond: number
  gap: number
  deadLetters: number
  shards: number
  workers: readonly string[]
  verified: { equal: boolean; at: number } | null
  unclassified: UnclassifiedAnswer
  totals: ShownSums
  revisions: number
  lag: { table: PercentilesAnswer | null; page: PercentilesAnswer | null }
  writtenAt: number | null
  polledAt: number
  tableError: string | null
}

export type PositionAnswer = [lon: number, lat: number]

export interface DistrictAnswer {
  type: 'Feature'
  id: string
  properties: { id: string; name: string; center: PositionAnswer | null }
  geometry:
    | { type: 'Polygon'; coordinates: PositionAnswer[][] }
    | { type: 'MultiPolygon'; coordinates: PositionAnswer[][][] }
    | null
}

export interface DistrictsAnswer {
  type: 'FeatureCollection'
  generation: string
  name: string
  note: string | null
  zones: boolean
  bbox: [number, number, number, number] | null
  features: readonly DistrictAnswer[]
}

export interface RollingAnswer {
  generation: string
  run: string
  window: string
  asOf: EventTimeText | null
  from: EventTimeText
  to: EventTimeText
  final: boolean
  version: number
  districts: Readonly<Record<string, ShownSums>>
  all: ShownSums
  unclassified: UnclassifiedAnswer
}

export interface RouteAnswer {
  origin: string
  originName: string
  destination: string
  destinationName: string
  trips: number
}

export interface RoutesAnswer {
  run: string
  window: string
  from: EventTimeText
  to: EventTimeText
  version: number
  routes: readonly RouteAnswer[]
}

type Column = Exclude<keyof ShownSums, never>

export interface PaneAnswer extends Readonly<Record<Column, readonly number[]>> {
  from: EventTimeText
  to: EventTimeText
  final: boolean
  ids: readonly string[]
  unclassified: UnclassifiedAnswer
}

export interface PanesAnswer {
  asOf: EventTimeText | null
  from: EventTimeText
  to: EventTimeText
  final: boolean
  panes: readonly PaneAnswer[]
}

export interface SeriesAnswer extends Readonly<Record<Column, readonly number[]>> {
  id: string | null
  name: string
  from: EventTimeText
  to: EventTimeText
  stepMillis: number
  starts: readonly EventTimeText[]
  final: readonly boolean[]
}
