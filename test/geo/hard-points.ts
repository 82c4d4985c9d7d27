/** Points that find mistakes: on borders, on corners, and as near to them as numbers go. */
import { nextAfter } from './next-after.ts'
import type { Random } from '../../src/time/random.ts'

export interface Points {
  lons: Float64Array
  lats: Float64Array
}

export function pointsOf(pairs: readonly (readonly [number, number])[]): Points {
  return {
    lons: Float64Array.from(pairs, ([lon]) => lon),
    lats: Float64Array.from(pairs, ([, lat]) => lat),
  }
}

/** `count` points anywhere in a box, and a little beyond it. */
export function scatter(bbox: readonly number[], count: number, random: Random): Points {
  const [west, south, east, north] = bbox
  const between = (low: number, high: number): number =>
    low - (high - low) * 0.02 + random() * (high - low) * 1.04
  return pointsOf(Array.from({ length: count }, () => [between(west, east), between(south, north)]))
}

/**
 * For `count` edges of the rings: an end, the neighbours of that end in floating point, the middle
 * and its neighbours, points at the height of one end and the longitude of another, and points
 * within a few metres of the edge.
 */
export function alongBorders(
  rings: readonly Float64Array[],
  count: number,
  random: Random,
): Points {
  const pairs: [number, number][] = []
  for (let n = 0; n < count; n++) {
    const ring = rings[Math.floor(random() * rings.length)]
    const i = 2 * Math.floor(random() * (ring.length / 2))
    const j = (i + 2) % ring.length
    const [ax, ay, bx, by] = [ring[i], ring[i + 1], ring[j], ring[j + 1]]
    const [mx, my] = [(ax + bx) / 2, (ay + by) / 2]
    for (const [x, y] of [
      [ax, ay],
      [mx, my],
    ]) {
      for (const lon of [nextAfter(x, -1), x, nextAfter(x, 1)]) {
        for (const lat of [nextAfter(y, -1), y, nextAfter(y, 1)]) pairs.push([lon, lat])
      }
    }
    const other = 2 * Math.floor(random() * (ring.length / 2))
    const t = random()
    pairs.push([ax, ring[other + 1]], [ring[other], ay])
    pairs.push([ax + t * (bx - ax), ay + t * (by - ay)])
    pairs.push([mx + (random() - 0.5) * 2e-4, my + (random() - 0.5) * 2e-4])
  }
  return pointsOf(pairs)
}

/**
 * Both kinds of point that are hardest to place, for every edge of a ring: its end and its middle,
 * each with its eight neighbours in floating point.
 */
export function degeneratePoints(ring: Float64Array): Points {
  const points: Points = {
    lons: new Float64Array(9 * ring.length),
    lats: new Float64Array(9 * ring.length),
  }
  let n = 0
  for (let i = 0; i < ring.length; i += 2) {
    const j = (i + 2) % ring.length
    for (const [x, y] of [
      [ring[i], ring[i + 1]],
      [(ring[i] + ring[j]) / 2, (ring[i + 1] + ring[j + 1]) / 2],
    ]) {
      for (const lon of [nextAfter(x, -1), x, nextAfter(x, 1)]) {
        for (const lat of [nextAfter(y, -1), y, nextAfter(y, 1)]) {
          points.lons[n] = lon
          points.lats[n++] = lat
        }
      }
    }
  }
  return points
}

/** No place at all, or none on this planet. */
export const NOT_PLACES: readonly (readonly [number, number])[] = [
  NaN,
  Infinity,
  -Infinity,
  1e300,
  -1e300,
  2 ** 31,
  2 ** 32,
  -(2 ** 31),
  2 ** 53,
].flatMap((odd) => [[odd, 40.7] as const, [-73.9, odd] as const, [odd, odd] as const])
