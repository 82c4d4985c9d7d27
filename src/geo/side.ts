/**
 * The border rule. Every point is taken to lie a little to the east and, by far less, to the north
 * of where it is. So no point lies on an edge, and one on a border belongs to exactly one side:
 * the eastern one, or the northern one where the border runs east–west.
 */
import { orient2d } from 'robust-predicates'

/**
 * Whether the ray from (x, y) to the east crosses the edge a–b. Exact for finite coordinates, and
 * the same for both directions of the edge.
 */
export function rayCrosses(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  x: number,
  y: number,
): boolean {
  if (ay > y === by > y) return false
  // orient2d is negative where the point is to the left of the line, seen with north up.
  return ay < by ? orient2d(ax, ay, bx, by, x, y) < 0 : orient2d(bx, by, ax, ay, x, y) < 0
}
