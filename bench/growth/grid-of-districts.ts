/** Made-up districts that tile a box: as many as are asked for, with crooked borders they share. */
import { seededRandom } from '../../src/time/random.ts'
import type { Collection } from '../classify/peers.ts'

/** West, south, east, north. */
export const BOX = [-74.1, 40.6, -73.8, 40.9] as const
/** Edges on each side of a district. */
const STEPS = 16

export function gridOfDistricts(count: number): Collection {
  const columns = Math.ceil(Math.sqrt(count))
  const rows = Math.ceil(count / columns)
  const [west, south, east, north] = BOX
  const random = seededRandom(9)
  const shifts = new Map<string, readonly [number, number]>()
  const width = (east - west) / (columns * STEPS)
  const height = (north - south) / (rows * STEPS)
  /** A corner of the fine grid, moved by less than half a step, the same for all who share it. */
  const corner = (x: number, y: number): [number, number] => {
    const key = `${x} ${y}`
    let shift = shifts.get(key)
    if (shift === undefined) {
      shifts.set(key, (shift = [(random() - 0.5) * 0.8, (random() - 0.5) * 0.8]))
    }
    return [west + (x + shift[0]) * width, south + (y + shift[1]) * height]
  }
  const features = Array.from({ length: count }, (_, i): Collection['features'][number] => {
    const x = (i % columns) * STEPS
    const y = Math.floor(i / columns) * STEPS
    const ring: [number, number][] = []
    for (let s = 0; s < STEPS; s++) ring.push(corner(x + s, y))
    for (let s = 0; s < STEPS; s++) ring.push(corner(x + STEPS, y + s))
    for (let s = STEPS; s > 0; s--) ring.push(corner(x + s, y + STEPS))
    for (let s = STEPS; s > 0; s--) ring.push(corner(x, y + s))
    ring.push(ring[0])
    return {
      type: 'Feature',
      properties: { id: `d${i}` },
      geometry: { type: 'Polygon', coordinates: [ring] },
    }
  })
  return { type: 'FeatureCollection', features }
}
