/** Seeded points to classify: like real trips, anywhere, and as hard as can be. */
import type { Random } from '../../src/time/random.ts'

export interface Points {
  lons: Float64Array
  lats: Float64Array
}

const METRES_PER_DEGREE = 111_320

/**
 * Places of real trips, drawn again and again and moved as a GPS receiver would: by about 12 m, one
 * in seven by about 250 m. 1.5 % are the zero coordinates of the files, 0.5 % anywhere on Earth.
 */
export function realPoints(places: Points, count: number, random: Random): Points {
  const points = empty(count)
  for (let i = 0; i < count; i++) {
    const kind = random()
    if (kind < 0.015) continue
    if (kind < 0.02) {
      points.lons[i] = random() * 360 - 180
      points.lats[i] = random() * 180 - 90
      continue
    }
    const place = Math.floor(random() * places.lons.length)
    const sigma = (random() < 0.85 ? 12 : 250) / METRES_PER_DEGREE
    points.lons[i] = places.lons[place] + (gauss(random) * sigma) / cosine(places.lats[place])
    points.lats[i] = places.lats[place] + gauss(random) * sigma
  }
  return points
}

/** Anywhere in the bounding box, with the same chance. */
export function uniformPoints(
  [west, south, east, north]: readonly number[],
  count: number,
  random: Random,
): Points {
  const points = empty(count)
  for (let i = 0; i < count; i++) {
    points.lons[i] = west + random() * (east - west)
    points.lats[i] = south + random() * (north - south)
  }
  return points
}

/** Within 20 m (or `metres`) of a border, anywhere along all borders with the same chance. */
export function adversarialPoints(
  rings: readonly Float64Array[],
  count: number,
  random: Random,
  metres = 20,
): Points {
  const { ends, lengths } = bordersOf(rings)
  const points = empty(count)
  for (let i = 0; i < count; i++) {
    const edge = 4 * firstAtLeast(lengths, random() * lengths[lengths.length - 1])
    const along = random()
    const off = metres / METRES_PER_DEGREE
    const lat = ends[edge + 1] + along * (ends[edge + 3] - ends[edge + 1])
    points.lons[i] =
      ends[edge] + along * (ends[edge + 2] - ends[edge]) + ((2 * random() - 1) * off) / cosine(lat)
    points.lats[i] = lat + (2 * random() - 1) * off
  }
  return points
}

/** Places to draw from where there are no real trips: dense around a few spots of each polygon. */
export function madeUpPlaces(
  rings: readonly Float64Array[],
  count: number,
  random: Random,
): Points {
  const points = empty(count)
  for (let i = 0; i < count; i++) {
    const ring = rings[Math.floor(random() ** 2 * rings.length)]
    const a = 2 * Math.floor(random() * (ring.length / 2))
    const b = 2 * Math.floor(random() * (ring.length / 2))
    points.lons[i] = (ring[a] + ring[b]) / 2
    points.lats[i] = (ring[a + 1] + ring[b + 1]) / 2
  }
  return points
}

/** Every edge (lon, lat, lon, lat), and the metres of border up to and including it. */
function bordersOf(rings: readonly Float64Array[]): { ends: number[]; lengths: Float64Array } {
  const ends: number[] = []
  for (const ring of rings) {
    for (let i = 2; i < ring.length; i += 2) {
      ends.push(ring[i - 2], ring[i - 1], ring[i], ring[i + 1])
    }
  }
  const lengths = new Float64Array(ends.length / 4)
  let total = 0
  for (let i = 0; i < lengths.length; i++) {
    const [ax, ay, bx, by] = ends.slice(4 * i, 4 * i + 4)
    total += Math.hypot((bx - ax) * cosine(ay), by - ay) * METRES_PER_DEGREE
    lengths[i] = total
  }
  return { ends, lengths }
}

function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle] < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Box–Muller. */
function gauss(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

function cosine(degrees: number): number {
  return Math.cos((degrees * Math.PI) / 180)
}

function empty(count: number): Points {
  return { lons: new Float64Array(count), lats: new Float64Array(count) }
}
