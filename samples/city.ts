import { LANDS } from './land.ts'
import { NEIGHBOURHOODS, type Neighbourhood } from './neighbourhoods.ts'
import { clipRing, nearerTo, ringHas, type Position, type Ring } from './ring.ts'

/** What the file, the README and every view that shows the sample city have to say. */
export const SAMPLE_CITY_NOTE =
  'Approximate. Drawn by a generator of hailstream around approximate neighbourhood centres; ' +
  'these are not official boundaries. Official ones: NYC Open Data (data.cityofnewyork.us) and ' +
  'the Department of City Planning (nyc.gov/planning): community districts, neighborhood ' +
  'tabulation areas; taxi zones: the Taxi and Limousine Commission (nyc.gov/tlc).'

/** A GeoJSON FeatureCollection (RFC 7946). */
export interface SampleCity {
  type: 'FeatureCollection'
  name: string
  note: string
  features: SampleDistrict[]
}

export interface SampleDistrict {
  type: 'Feature'
  properties: { id: string; name: string; borough: string }
  geometry:
    | { type: 'Polygon'; coordinates: Position[][] }
    | { type: 'MultiPolygon'; coordinates: Position[][][] }
}

/**
 * The sample city: a Voronoi tessellation of the land around the neighbourhood centres. A border
 * is the identical list of positions on both of its sides.
 */
export function makeCity(): SampleCity {
  const sites = LANDS.map((land) => ({ land, centres: [] as Position[] }))
  for (const { name, centres } of NEIGHBOURHOODS) {
    for (const centre of centres) {
      const site = sites.find(({ land }) => ringHas(land, centre[0], centre[1]))
      if (site === undefined)
        throw new Error(`${name}: got a centre in the water, expected on land`)
      site.centres.push(centre)
    }
  }
  const snap = snapper()
  const cells = new Map<Position, Ring[]>()
  for (const { land, centres } of sites) {
    for (const centre of centres) {
      cells.set(
        centre,
        cellOf(land, centre, centres).map((ring) => ring.map(snap)),
      )
    }
  }
  return {
    type: 'FeatureCollection',
    name: 'hailstream sample city (approximate)',
    note: SAMPLE_CITY_NOTE,
    features: NEIGHBOURHOODS.map((neighbourhood) =>
      toDistrict(
        neighbourhood,
        dissolve(neighbourhood.centres.flatMap((centre) => cells.get(centre) ?? [])),
      ),
    ),
  }
}

/** As it stands in neighbourhoods.geojson: one district per line, so that changes can be read. */
export function cityText(city: SampleCity): string {
  const { features, ...head } = city
  const lines = features.map((feature) => JSON.stringify(feature)).join(',\n')
  return `${JSON.stringify(head).slice(0, -1)},"features":[\n${lines}\n]}\n`
}

/** Of the land, what is nearer to `centre` than to any other; in pieces where a bay lies between. */
function cellOf(land: Ring, centre: Position, centres: readonly Position[]): Ring[] {
  let pieces: Ring[] = [land]
  for (const other of centres) {
    if (other === centre) continue
    const halfPlane = nearerTo(centre, other)
    pieces = pieces.flatMap((piece) => clipRing(piece, halfPlane))
  }
  return pieces
}

/**
 * Rounds to 6 decimals (0.1 m). The same corner computed from two cells may differ in its last
 * bits and fall on either side of a rounding step, so the first one seen within a step is taken.
 */
function snapper(): (position: Position) => Position {
  const seen = new Map<string, Position>()
  return ([lon, lat]) => {
    const x = Math.round(lon * 1e6)
    const y = Math.round(lat * 1e6)
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        const known = seen.get(`${x + dx},${y + dy}`)
        if (known !== undefined) return known
      }
    }
    const position: Position = [x / 1e6, y / 1e6]
    seen.set(`${x},${y}`, position)
    return position
  }
}

/** Joins rings: an edge that is walked both ways lies between two of them and goes. */
function dissolve(rings: readonly Ring[]): Ring[] {
  const edges = new Map<Position, Position[]>()
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [from, to] = [ring[j], ring[i]]
      if (from === to) continue
      const back = edges.get(to)?.indexOf(from) ?? -1
      if (back === -1) edges.set(from, [...(edges.get(from) ?? []), to])
      else edges.get(to)?.splice(back, 1)
    }
  }
  const joined: Ring[] = []
  for (const start of edges.keys()) {
    const ring: Position[] = []
    let next = edges.get(start)?.shift()
    while (next !== undefined) {
      ring.push(next)
      next = next === start ? undefined : edges.get(next)?.shift()
    }
    if (ring.length > 2) joined.push(ring)
  }
  return joined
}

function toDistrict({ id, name, borough }: Neighbourhood, rings: readonly Ring[]): SampleDistrict {
  const closed = rings.map((ring) => [...ring, ring[0]])
  return {
    type: 'Feature',
    properties: { id, name, borough },
    geometry:
      closed.length === 1
        ? { type: 'Polygon', coordinates: closed }
        : { type: 'MultiPolygon', coordinates: closed.map((ring) => [ring]) },
  }
}
