/** Where most of the trips are: what the map shows when it is asked for the busiest part. */
import type { DistrictAnswer } from './answers.ts'
import type { WindowCounts } from './window-counts.ts'

/** Ends of trips that are to be in view. */
const SHARE = 0.8

/** [west, south, east, north] around the busiest districts; undefined where nothing happened. */
export function busiestBounds(
  counts: WindowCounts,
  features: readonly DistrictAnswer[],
): [number, number, number, number] | undefined {
  const busy = features
    .map((feature) => {
      const sums = counts.districts.get(feature.id)
      return { feature, ends: sums === undefined ? 0 : sums.pickups + sums.dropoffs }
    })
    .filter(({ feature, ends }) => ends > 0 && feature.geometry !== null)
    .sort((a, b) => b.ends - a.ends || (a.feature.id < b.feature.id ? -1 : 1))
  if (busy.length === 0) return undefined
  const wanted = busy.reduce((sum, { ends }) => sum + ends, 0) * SHARE
  // Those in the thick of it: an airport far away has many trips and would make all else small.
  const middle = centreOf(busy)
  const near = busy
    .map((one) => ({ ...one, far: distance(one.feature, middle) }))
    .sort((a, b) => a.far - b.far)
  const bounds: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  let seen = 0
  for (const { feature, ends } of near) {
    if (seen >= wanted) break
    seen += ends
    extend(bounds, feature)
  }
  return bounds
}

interface Busy {
  feature: DistrictAnswer
  ends: number
}

/** The weighted median of each axis: a few far away do not move it. */
function centreOf(busy: readonly Busy[]): [number, number] {
  const median = (axis: 0 | 1): number => {
    const sorted = busy
      .map(({ feature, ends }) => ({ at: feature.properties.center?.[axis] ?? NaN, ends }))
      .filter(({ at }) => !Number.isNaN(at))
      .sort((a, b) => a.at - b.at)
    const half = sorted.reduce((sum, { ends }) => sum + ends, 0) / 2
    let sum = 0
    return sorted.find(({ ends }) => (sum += ends) >= half)?.at ?? 0
  }
  return [median(0), median(1)]
}

function distance(
  { properties: { center } }: DistrictAnswer,
  [lon, lat]: [number, number],
): number {
  if (center === null) return Infinity
  // A degree of longitude is narrower the further from the equator.
  return Math.hypot((center[0] - lon) * Math.cos((lat * Math.PI) / 180), center[1] - lat)
}

function extend(bounds: [number, number, number, number], { geometry }: DistrictAnswer): void {
  if (geometry === null) return
  const polygons = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  for (const [ring] of polygons) {
    for (const [lon, lat] of ring) {
      bounds[0] = Math.min(bounds[0], lon)
      bounds[1] = Math.min(bounds[1], lat)
      bounds[2] = Math.max(bounds[2], lon)
      bounds[3] = Math.max(bounds[3], lat)
    }
  }
}
