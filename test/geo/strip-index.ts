/**
 * The same answers as `SlowIndex`, by the same exact predicate, fast enough for millions of points:
 * edges lie in horizontal strips, and only those of the point's strip are looked at. It shares
 * nothing with the index but the reading of the file.
 */
import { orient2d } from 'robust-predicates'
import { parseDistricts } from '../../src/geo/districts.ts'

const STRIPS = 8192
const EDGE_SIZE = 5

export class StripIndex {
  /** Points so near to an edge's box that the exact predicate was asked. */
  asked = 0
  readonly #south: number
  readonly #perLat: number
  /** The edges of each strip: lon, lat of the southern end, of the northern end, polygon. */
  readonly #strips: Float64Array[]
  readonly #districts: readonly number[]
  /** Polygons that an odd number of edges lies east of the point of. */
  readonly #odd: Uint8Array

  constructor(geojson: unknown, id?: string) {
    const { polygons, bbox } = parseDistricts(geojson, 'districts', id)
    this.#south = bbox[1]
    this.#perLat = STRIPS / (bbox[3] - bbox[1] || 1)
    this.#districts = polygons.map(({ district }) => district)
    this.#odd = new Uint8Array(polygons.length)
    const strips = Array.from({ length: STRIPS }, (): number[] => [])
    for (const [polygon, { rings }] of polygons.entries()) {
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          const j = i === 0 ? ring.length - 2 : i - 2
          if (ring[j + 1] === ring[i + 1]) continue
          const [a, b] = ring[j + 1] < ring[i + 1] ? [j, i] : [i, j]
          const edge = [ring[a], ring[a + 1], ring[b], ring[b + 1], polygon]
          const top = this.#stripAt(ring[b + 1])
          for (let s = this.#stripAt(ring[a + 1]); s <= top; s++) strips[s].push(...edge)
        }
      }
    }
    this.#strips = strips.map((edges) => Float64Array.from(edges))
  }

  /** Never less for a higher latitude, so an edge is in the strip of each of its points. */
  #stripAt(lat: number): number {
    return Math.min(Math.max(Math.floor((lat - this.#south) * this.#perLat), 0), STRIPS - 1)
  }

  /** The district of the first polygon in the file that holds the point; -1 for none. */
  locate(x: number, y: number): number {
    if (!(Math.abs(x) <= 180 && Math.abs(y) <= 90)) return -1
    const edges = this.#strips[this.#stripAt(y)]
    const odd = this.#odd
    odd.fill(0)
    for (let i = 0; i < edges.length; i += EDGE_SIZE) {
      // Each edge has its southern end and not its northern one.
      if (edges[i + 1] > y || edges[i + 3] <= y) continue
      if (this.#isWest(edges, i, x, y)) odd[edges[i + 4]] ^= 1
    }
    const first = odd.indexOf(1)
    return first < 0 ? -1 : this.#districts[first]
  }

  /** Whether the point is west of an edge at its height; a point on the edge is east of it. */
  #isWest(edges: Float64Array, i: number, x: number, y: number): boolean {
    const ax = edges[i]
    const bx = edges[i + 2]
    if (x < ax && x < bx) return true
    if (x > ax && x > bx) return false
    this.asked++
    // Negative: to the left of what runs north, seen with north up.
    return orient2d(ax, edges[i + 1], bx, edges[i + 3], x, y) < 0
  }
}
