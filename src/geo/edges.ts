/** Rings → edges without a direction, each once: a border that two polygons share is one edge. */
import type { DistrictPolygon } from './districts.ts'
import { EMPTY_SET } from './polygon-sets.ts'
import type { PolygonSets } from './polygon-sets.ts'

export interface Edges {
  /** The vertices, each position once. */
  lons: Float64Array
  lats: Float64Array
  /** Two vertices an edge. */
  ends: Int32Array
  /** For each edge the polygons on exactly one side of it; never the empty set. */
  borders: Int32Array
}

/** More vertices than memory holds, so that a pair of them makes one exact number. */
const MAX_VERTICES = 2 ** 26

/**
 * Collects the edges of all rings; an unclosed ring is closed. What has no effect is left out: edges
 * without length, and those that a polygon passes twice.
 */
export function collectEdges(polygons: readonly DistrictPolygon[], sets: PolygonSets): Edges {
  const vertices = new Vertices()
  const borders = new Map<number, number>()
  for (const [i, { rings }] of polygons.entries()) {
    const polygon = sets.of(i)
    for (const ring of rings) {
      let from = vertices.numberOf(ring[ring.length - 2], ring[ring.length - 1])
      for (let p = 0; p < ring.length; p += 2) {
        const to = vertices.numberOf(ring[p], ring[p + 1])
        const pair = Math.min(from, to) * MAX_VERTICES + Math.max(from, to)
        if (from !== to) borders.set(pair, sets.difference(borders.get(pair) ?? EMPTY_SET, polygon))
        from = to
      }
    }
  }
  const edges = [...borders].filter(([, border]) => border !== EMPTY_SET)
  return {
    lons: Float64Array.from(vertices.lons),
    lats: Float64Array.from(vertices.lats),
    ends: Int32Array.from(
      edges.flatMap(([pair]) => [Math.floor(pair / MAX_VERTICES), pair % MAX_VERTICES]),
    ),
    borders: Int32Array.from(edges, ([, border]) => border),
  }
}

/** Gives equal positions equal numbers: 0, 1, 2 … */
class Vertices {
  readonly lons: number[] = []
  readonly lats: number[] = []
  private readonly numbers = new Map<number, Map<number, number>>()

  numberOf(lon: number, lat: number): number {
    let column = this.numbers.get(lon)
    if (column === undefined) {
      column = new Map()
      this.numbers.set(lon, column)
    }
    let vertex = column.get(lat)
    if (vertex === undefined) {
      vertex = this.lons.push(lon) - 1
      this.lats.push(lat)
      column.set(lat, vertex)
    }
    return vertex
  }
}
