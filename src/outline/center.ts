/** A place inside an outline, for a label or the end of an arc. */
import type { OutlineGeometry, Position } from './outline.ts'
import { polygonsOf } from './outline.ts'

/** Inside the largest part: on its widest stretch at the height of its centroid. */
export function centerOf(geometry: OutlineGeometry): [number, number] {
  let rings: readonly (readonly Position[])[] = []
  let largest = -1
  let lat = 0
  for (const polygon of polygonsOf(geometry)) {
    const { area, centroidLat } = moments(polygon[0])
    if (area <= largest) continue
    largest = area
    rings = polygon
    lat = centroidLat
  }
  return [round(widestMiddle(rings, lat)), round(lat)]
}

function moments(ring: readonly Position[]): { area: number; centroidLat: number } {
  const [x0, y0] = ring[0]
  let doubleArea = 0
  let sum = 0
  for (let i = 1; i < ring.length; i++) {
    const ax = ring[i - 1][0] - x0
    const ay = ring[i - 1][1] - y0
    const bx = ring[i][0] - x0
    const by = ring[i][1] - y0
    const cross = ax * by - bx * ay
    doubleArea += cross
    sum += (ay + by) * cross
  }
  return {
    area: Math.abs(doubleArea) / 2,
    centroidLat: doubleArea === 0 ? y0 : y0 + sum / (3 * doubleArea),
  }
}

/** Longitude of the middle of the widest stretch inside the rings at `lat`, by the even-odd rule. */
function widestMiddle(rings: readonly (readonly Position[])[], lat: number): number {
  const crossings: number[] = []
  for (const ring of rings) {
    for (let i = 1; i < ring.length; i++) {
      const [ax, ay] = ring[i - 1]
      const [bx, by] = ring[i]
      if (ay <= lat !== by <= lat) crossings.push(ax + ((lat - ay) / (by - ay)) * (bx - ax))
    }
  }
  crossings.sort((a, b) => a - b)
  let middle = rings[0]?.[0]?.[0] ?? 0
  let widest = -1
  for (let i = 1; i < crossings.length; i += 2) {
    const width = crossings[i] - crossings[i - 1]
    if (width <= widest) continue
    widest = width
    middle = (crossings[i] + crossings[i - 1]) / 2
  }
  return middle
}

/** To a decimetre. */
function round(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}
