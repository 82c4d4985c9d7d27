/**
 * The three kinds of leaf: what is left to decide where borders run through a part. A leaf is a run
 * of numbers in one array, so that a look-up reads memory in one place:
 *
 *     line   ax ay bx by   left right
 *     wedge  ax ay vx vy bx by   inner outer        inner: left of a→v and of v→b
 *     mesh   cx cy   start count   (ax ay bx by flips) × count   results …
 *
 * `left`, `right`, `inner`, `outer` and the results are codes (code.ts). In a mesh, `start` says
 * which polygons hold the corner c, one bit each in file order, and `flips` which of them an edge
 * borders. Every edge has the corner on its left. The lowest bit that is set at the point picks the
 * result; the last bit is always set.
 */
import { isLeft } from './side.ts'

const MESH_HEADER = 4
const MESH_EDGE_SIZE = 5
/** Bits in use: one result is the last resort, and the sign is left alone. */
export const MESH_POLYGONS = 30

export function lineCode(
  leaves: Float64Array,
  at: number,
  x: number,
  y: number,
  tolerance: number,
): number {
  const bx = leaves[at + 2]
  const by = leaves[at + 3]
  const left = isLeft(leaves[at], leaves[at + 1], bx, by, x, y, tolerance)
  // Arithmetic instead of a branch, which would be wrong half of the time.
  return leaves[at + 5 - Number(left)]
}

export function wedgeCode(
  leaves: Float64Array,
  at: number,
  x: number,
  y: number,
  tolerance: number,
): number {
  const vx = leaves[at + 2]
  const vy = leaves[at + 3]
  const first = isLeft(leaves[at], leaves[at + 1], vx, vy, x, y, tolerance)
  const second = isLeft(vx, vy, leaves[at + 4], leaves[at + 5], x, y, tolerance)
  return leaves[at + 7 - (Number(first) & Number(second))]
}

/**
 * Walks from the corner c north or south to the height of the point, then east or west to the point,
 * and notes every edge on the way.
 */
export function meshCode(
  leaves: Float64Array,
  at: number,
  x: number,
  y: number,
  tolerance: number,
): number {
  const cx = leaves[at]
  let polygons = leaves[at + 2]
  const results = at + MESH_HEADER + MESH_EDGE_SIZE * leaves[at + 3]
  for (let i = at + MESH_HEADER; i < results; i += MESH_EDGE_SIZE) {
    const ax = leaves[i]
    const ay = leaves[i + 1]
    const bx = leaves[i + 2]
    const by = leaves[i + 3]
    const besideCorner = ax > cx !== bx > cx
    const besidePoint = ay > y !== by > y
    if (!besideCorner && !besidePoint) continue
    const bendIsLeft = isLeft(ax, ay, bx, by, cx, y, tolerance)
    let crossed = besideCorner && !bendIsLeft
    if (besidePoint && isLeft(ax, ay, bx, by, x, y, tolerance) !== bendIsLeft) crossed = !crossed
    if (crossed) polygons ^= leaves[i + 4]
  }
  return leaves[results + 31 - Math.clz32(polygons & -polygons)]
}
