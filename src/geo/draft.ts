/** What the build of a table works on, and what it adds to. */
import { NOWHERE } from './code.ts'
import type { Edges } from './edges.ts'
import type { Grid } from './grid.ts'
import type { PolygonSets } from './polygon-sets.ts'
import { isLeft } from './side.ts'

export interface Draft {
  grid: Grid
  edges: Edges
  /** The vertices of `edges` in cells: 0 … 512 on both axes. */
  columns: Float64Array
  rows: Float64Array
  sets: PolygonSets
  /** The district of each polygon. */
  districts: readonly number[]
  /** The arrays of the table that grow. */
  blocks: number[]
  leaves: number[]
}

/** The district of a set: that of its first polygon in the file, which is how overlaps are decided. */
export function districtOf(draft: Draft, set: number): number {
  const members = draft.sets.members(set)
  return members.length === 0 ? NOWHERE : draft.districts[members[0]]
}

/** Whether a place is on the left of the line from vertex `a` to vertex `b`. */
export function isLeftOf(draft: Draft, a: number, b: number, lon: number, lat: number): boolean {
  const { lons, lats } = draft.edges
  return isLeft(lons[a], lats[a], lons[b], lats[b], lon, lat, draft.grid.tolerance)
}

/**
 * The set of polygons that hold a place, when `set` is that of another place due west or south of
 * it. `near` must hold every edge that touches the way from one to the other.
 */
export function walk(
  draft: Draft,
  set: number,
  near: readonly number[],
  lon: number,
  lat: number,
  toLon: number,
  toLat: number,
): number {
  const { lons, lats, ends, borders } = draft.edges
  const axis = lon === toLon ? lons : lats
  const at = lon === toLon ? lon : lat
  let result = set
  for (const edge of near) {
    const a = ends[2 * edge]
    const b = ends[2 * edge + 1]
    if (axis[a] > at === axis[b] > at) continue
    if (isLeftOf(draft, a, b, lon, lat) !== isLeftOf(draft, a, b, toLon, toLat)) {
      result = draft.sets.difference(result, borders[edge])
    }
  }
  return result
}
