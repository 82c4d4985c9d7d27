/** What can be odd about a ring. Such rings are reported and used all the same (even-odd rule). */

/** Positions a closed ring has at least: a triangle and its first position again. */
const MIN_POSITIONS = 4
/** Area below this share of the bounding box is rounding, not area. */
const FLAT = 1e-12

/** Why `ring` (lon, lat, lon, lat …) is degenerate, as a predicate; undefined when it is sound. */
export function describeRing(ring: Float64Array): string | undefined {
  const positions = ring.length / 2
  if (positions < MIN_POSITIONS) {
    return `has ${positions} position${positions === 1 ? '' : 's'}, expected ${MIN_POSITIONS} or more`
  }
  if (ring[0] !== ring[ring.length - 2] || ring[1] !== ring[ring.length - 1]) {
    return 'does not end where it starts'
  }
  return isFlat(ring) ? 'has no area' : undefined
}

function isFlat(ring: Float64Array): boolean {
  const [x0, y0] = ring
  let doubleArea = 0
  let width = 0
  let height = 0
  for (let i = 2; i < ring.length; i += 2) {
    const x = ring[i] - x0
    const y = ring[i + 1] - y0
    doubleArea += (ring[i - 2] - x0) * y - x * (ring[i - 1] - y0)
    width = Math.max(width, Math.abs(x))
    height = Math.max(height, Math.abs(y))
  }
  return Math.abs(doubleArea) <= FLAT * width * height
}
