/** Which district a point is in: exact, by Flatbush over the polygons and a ray through each hit. */
import Flatbush from 'flatbush'
import { parseDistricts } from './districts.ts'
import type { Districts } from './districts.ts'
import { rayCrosses } from './side.ts'

/**
 * Builds the index of a GeoJSON FeatureCollection. `id` names the property that tells districts
 * apart; without it one is chosen. Throws `HailstreamError` for a file that cannot be used.
 */
export function createDistrictIndex(
  featureCollection: unknown,
  options: { id?: string } = {},
): DistrictIndex {
  return new DistrictIndex(parseDistricts(featureCollection, 'districts', options.id))
}

export class DistrictIndex {
  readonly ids: readonly string[]
  readonly fingerprint: string
  private readonly districts: Districts
  private readonly boxes: Flatbush

  constructor(districts: Districts) {
    this.ids = districts.ids
    this.fingerprint = districts.fingerprint
    this.districts = districts
    this.boxes = new Flatbush(districts.polygons.length)
    for (const { rings } of districts.polygons) {
      let [w, s, e, n] = [Infinity, Infinity, -Infinity, -Infinity]
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          w = Math.min(w, ring[i])
          s = Math.min(s, ring[i + 1])
          e = Math.max(e, ring[i])
          n = Math.max(n, ring[i + 1])
        }
      }
      this.boxes.add(w, s, e, n)
    }
    this.boxes.finish()
  }

  /** Position in `ids` of the district that holds the point, -1 for none. Takes any number. */
  locate(lon: number, lat: number): number {
    const hits = this.boxes.search(lon, lat, lon, lat).sort((a, b) => a - b)
    for (const hit of hits) {
      const { district, rings } = this.districts.polygons[hit]
      if (isInside(rings, lon, lat)) return district
    }
    return -1
  }

  /** `locate` for many points. Writes to `out` when it is given, which must be long enough. */
  locateMany(
    lons: Float64Array,
    lats: Float64Array,
    out: Int32Array = new Int32Array(lons.length),
  ): Int32Array {
    for (let i = 0; i < lons.length; i++) out[i] = this.locate(lons[i], lats[i])
    return out
  }

  serialize(): Uint8Array {
    const { polygons, ...rest } = this.districts
    const plain = polygons.map((each) => ({ ...each, rings: each.rings.map((r) => [...r]) }))
    return new TextEncoder().encode(JSON.stringify({ ...rest, polygons: plain }))
  }

  static deserialize(bytes: Uint8Array): DistrictIndex {
    const districts = JSON.parse(new TextDecoder().decode(bytes)) as Districts
    for (const each of districts.polygons) each.rings = each.rings.map((r) => Float64Array.from(r))
    return new DistrictIndex(districts)
  }
}

function isInside(rings: readonly Float64Array[], x: number, y: number): boolean {
  let inside = false
  for (const ring of rings) {
    let ax = ring[ring.length - 2]
    let ay = ring[ring.length - 1]
    for (let i = 0; i < ring.length; i += 2) {
      if (rayCrosses(ax, ay, ring[i], ring[i + 1], x, y)) inside = !inside
      ax = ring[i]
      ay = ring[i + 1]
    }
  }
  return inside
}
