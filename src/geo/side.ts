/**
 * The border rule: every point is taken to lie a little to the east and, by far less, to the north
 * of where it is. So no point lies on an edge, and a point of a border belongs to exactly one side:
 * the eastern one, or the northern one where the border runs east–west.
 */
import { orient2d } from 'robust-predicates'

/**
 * Rounding error of the determinant below, relative to the products in it: 3ε + 16ε² with
 * ε = 2^-53 (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic", §4.3).
 */
const DETERMINANT_ERROR = (3 + 16 * 2 ** -53) * 2 ** -53

/** The `tolerance` for points and edges that all lie in a box of this size, in degrees. */
export function toleranceFor(width: number, height: number): number {
  return 2 * DETERMINANT_ERROR * width * height
}

/**
 * Whether (x, y) is on the left of the line from a to b, seen with north up. Exact: where the
 * determinant is within `tolerance` (the most it can be wrong by), the exact predicate decides.
 */
export function isLeft(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  x: number,
  y: number,
  tolerance: number,
): boolean {
  const determinant = (ax - x) * (by - y) - (ay - y) * (bx - x)
  return Math.abs(determinant) > tolerance ? determinant > 0 : isLeftExactly(ax, ay, bx, by, x, y)
}

function isLeftExactly(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  x: number,
  y: number,
): boolean {
  // orient2d has north down: negative is left.
  const sign = -orient2d(ax, ay, bx, by, x, y)
  if (sign !== 0) return sign > 0
  // On the line: a little to the east is left of what runs south, a little to the north of what
  // runs east.
  return by === ay ? bx > ax : by < ay
}

/**
 * Which way the path a → v → b turns at v, exactly; straight on counts as left. Undefined when it
 * turns back on itself.
 */
export function turn(
  ax: number,
  ay: number,
  vx: number,
  vy: number,
  bx: number,
  by: number,
): 'left' | 'right' | undefined {
  const sign = -orient2d(ax, ay, vx, vy, bx, by)
  if (sign !== 0) return sign > 0 ? 'left' : 'right'
  const isBetween = ax !== bx ? ax < vx === vx < bx : ay < vy === vy < by
  return isBetween ? 'left' : undefined
}
