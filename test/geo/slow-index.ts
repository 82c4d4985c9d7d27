/**
 * The same answers as the index, the slow and plain way: every edge of every polygon, one exact test
 * each, no grid. What the index is compared with.
 */
import { orient2d } from 'robust-predicates'
import { parseDistricts } from '../../src/geo/districts.ts'
import type { DistrictPolygon } from '../../src/geo/districts.ts'

export class SlowIndex {
  readonly ids: readonly string[]
  private readonly polygons: (DistrictPolygon & { bbox: number[] })[]

  constructor(geojson: unknown, id?: string) {
    const { ids, polygons } = parseDistricts(geojson, 'districts', id)
    this.ids = ids
    this.polygons = polygons.map((each) => ({ ...each, bbox: bboxOf(each.rings) }))
  }

  /** The district of the first polygon in the file that holds the point. */
  locate(lon: number, lat: number): number {
    for (const { district, rings, bbox } of this.polygons) {
      if (lon < bbox[0] || lat < bbox[1] || lon > bbox[2] || lat > bbox[3]) continue
      if (holds(rings, lon, lat)) return district
    }
    return -1
  }
}

/** Even-odd: an odd number of edges to the east. */
function holds(rings: readonly Float64Array[], x: number, y: number): boolean {
  let isInside = false
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      const before = i === 0 ? ring.length - 2 : i - 2
      if (isWest(ring[before], ring[before + 1], ring[i], ring[i + 1], x, y)) isInside = !isInside
    }
  }
  return isInside
}

/**
 * Whether (x, y) is west of an edge at its height. Each edge has its southern end and not its
 * northern one; a point on the edge is east of it.
 */
function isWest(ax: number, ay: number, bx: number, by: number, x: number, y: number): boolean {
  if (ay > y === by > y) return false
  // Negative: to the left, seen with north up.
  return ay < by ? orient2d(ax, ay, bx, by, x, y) < 0 : orient2d(bx, by, ax, ay, x, y) < 0
}

function bboxOf(rings: readonly Float64Array[]): number[] {
  const bbox = [Infinity, Infinity, -Infinity, -Infinity]
  for (const ring of rings) {
    for (let i = 0; i < ring.length; i += 2) {
      bbox[0] = Math.min(bbox[0], ring[i])
      bbox[1] = Math.min(bbox[1], ring[i + 1])
      bbox[2] = Math.max(bbox[2], ring[i])
      bbox[3] = Math.max(bbox[3], ring[i + 1])
    }
  }
  return bbox
}
