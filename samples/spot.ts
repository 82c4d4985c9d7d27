import type { Random } from '../src/time/random.ts'
import type { SampleCity, SampleDistrict } from './city.ts'
import { NEIGHBOURHOODS } from './neighbourhoods.ts'
import { LON_SCALE, ringHas, type Position, type Ring } from './ring.ts'

/** What a satellite receiver between tall buildings gets wrong: up to about 30 m each way. */
const GPS_ERROR_DEGREES = 0.0003
/** Terminals and main streets: within about half a kilometre of a centre. */
const CORE_DEGREES = 0.0045
const CORE_SHARE = 0.35

interface Area {
  rings: readonly Ring[]
  bbox: readonly [west: number, south: number, east: number, north: number]
  core: Position
  coreShare: number
}

/** Random places at the kerb, district by district. */
export class Spots {
  readonly #areas: readonly Area[]

  constructor(city: SampleCity) {
    this.#areas = city.features.map(areaOf)
  }

  /** Somewhere in a district, or a few metres beside it; 6 decimals. */
  spotIn(district: number, random: Random): Position {
    const [lon, lat] = pointIn(this.#areas[district], random)
    return [blur(lon, random), blur(lat, random)]
  }
}

export function roundDegrees(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}

function areaOf({ properties, geometry }: SampleDistrict): Area {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const rings = parts.flat()
  const lons = rings.flatMap((ring) => ring.map(([lon]) => lon))
  const lats = rings.flatMap((ring) => ring.map(([, lat]) => lat))
  const known = NEIGHBOURHOODS.find(({ id }) => id === properties.id)
  return {
    rings,
    bbox: [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)],
    core: known?.centres[0] ?? rings[0][0],
    coreShare: known === undefined ? 0 : known.pull.airport > 0 ? 1 : CORE_SHARE,
  }
}

function pointIn({ rings, bbox, core, coreShare }: Area, random: Random): Position {
  if (random() < coreShare) {
    const lon = core[0] + ((random() + random() - 1) * CORE_DEGREES) / LON_SCALE
    const lat = core[1] + (random() + random() - 1) * CORE_DEGREES
    if (has(rings, lon, lat)) return [lon, lat]
  }
  const [west, south, east, north] = bbox
  // A district fills a fair part of its box; the bound is for rings without an area.
  for (let tries = 0; tries < 1000; tries++) {
    const lon = west + random() * (east - west)
    const lat = south + random() * (north - south)
    if (has(rings, lon, lat)) return [lon, lat]
  }
  return core
}

function has(rings: readonly Ring[], lon: number, lat: number): boolean {
  let inside = false
  for (const ring of rings) if (ringHas(ring, lon, lat)) inside = !inside
  return inside
}

function blur(degrees: number, random: Random): number {
  return roundDegrees(degrees + (random() + random() - 1) * GPS_ERROR_DEGREES)
}
