/** Rings → edges without a direction, each once: a border that two polygons share is one edge. */
import type { DistrictPolygon } from './districts.ts'
import { PairNumbers } from './pair-numbers.ts'
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

/**
 * Collects the edges of all rings; an unclosed ring is closed. What has no effect is left out: edges
 * without length, and those that a polygon passes twice.
 */
export function collectEdges(polygons: readonly DistrictPolygon[], sets: PolygonSets): Edges {
  const positions = polygons.flatMap(({ rings }) => rings.map((ring) => ring.length / 2))
  const capacity = positions.reduce((sum, each) => sum + each, 0)
  const vertices = new PairNumbers(capacity)
  const edges = new PairNumbers(capacity)
  const borders = new Int32Array(capacity).fill(EMPTY_SET)
  for (const [i, { rings }] of polygons.entries()) {
    const polygon = sets.of(i)
    for (const ring of rings) {
      let from = vertices.numberOf(ring[ring.length - 2], ring[ring.length - 1])
      for (let p = 0; p < ring.length; p += 2) {
        const to = vertices.numberOf(ring[p], ring[p + 1])
        if (from !== to) {
          const edge = edges.numberOf(Math.min(from, to), Math.max(from, to))
          borders[edge] = sets.difference(borders[edge], polygon)
        }
        from = to
      }
    }
  }
  return {
    lons: vertices.firsts.slice(0, vertices.size),
    lats: vertices.seconds.slice(0, vertices.size),
    ...withoutEmpty(edges, borders),
  }
}

function withoutEmpty(edges: PairNumbers, borders: Int32Array): Pick<Edges, 'ends' | 'borders'> {
  const ends = new Int32Array(2 * edges.size)
  let count = 0
  for (let edge = 0; edge < edges.size; edge++) {
    if (borders[edge] === EMPTY_SET) continue
    ends[2 * count] = edges.firsts[edge]
    ends[2 * count + 1] = edges.seconds[edge]
    borders[count++] = borders[edge]
  }
  return { ends: ends.slice(0, 2 * count), borders: borders.slice(0, count) }
}
