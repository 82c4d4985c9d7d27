/**
 * Wrong answers of the district index, against an exact reference: `npm run bench:exact`.
 *
 *     --points N   random points for each district file   [5000000]
 *     --json       one JSON object a line
 *
 * Of the random points two in five lie anywhere in the box of the districts, two in five within 20 m
 * of a border, and one in five on a border, as near as numbers go. The degenerate points are every
 * vertex and the middle of every edge, with their eight neighbours in floating point. The reference
 * (test/geo/strip-index.ts) decides every doubtful side with robust-predicates. Both `locateMany` and
 * `locate` are compared with it. Exit code 1 when any answer is wrong.
 */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { sampleCityPath } from '../samples/city-file.ts'
import { createDistrictIndex } from '../src/geo/district-index.ts'
import { parseDistricts } from '../src/geo/districts.ts'
import { count as grouped } from '../src/program/program.ts'
import { seededRandom } from '../src/time/random.ts'
import type { Random } from '../src/time/random.ts'
import { degeneratePoints } from '../test/geo/hard-points.ts'
import { DISTRICT_FILES, HAS_SHARED_DATA, sharedPath } from '../test/geo/shared-data.ts'
import { StripIndex } from '../test/geo/strip-index.ts'
import { adversarialPoints, uniformPoints } from './classify/points.ts'
import type { Points } from './classify/points.ts'

const CHUNK = 500_000

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '5000000' },
    json: { type: 'boolean', default: false },
  },
})
const count = Number(values.points)
if (!(count >= 1)) throw new RangeError('--points: expected 1 or more')

const files = HAS_SHARED_DATA
  ? DISTRICT_FILES.map(({ file, id }) => ({ path: sharedPath(file), id }))
  : [{ path: sampleCityPath(), id: 'id' }]

for (const { path, id } of files) {
  const geojson: unknown = JSON.parse(readFileSync(path, 'utf8'))
  const { bbox, polygons } = parseDistricts(geojson, basename(path), id)
  const rings = polygons.flatMap((polygon) => polygon.rings)
  const index = createDistrictIndex(geojson, { id })
  const exact = new StripIndex(geojson, id)
  for (const [kind, points] of [
    ['random', randomPoints(bbox, rings, seededRandom(42))],
    ['degenerate', rings.map(degeneratePoints)],
  ] as const) {
    let [compared, wrong] = [0, 0]
    const askedBefore = exact.asked
    const startedAt = performance.now()
    for (const { lons, lats } of points) {
      const found = index.locateMany(lons, lats)
      for (let i = 0; i < lons.length; i++) {
        const expected = exact.locate(lons[i], lats[i])
        if (found[i] !== expected || index.locate(lons[i], lats[i]) !== expected) wrong++
      }
      compared += lons.length
    }
    const seconds = (performance.now() - startedAt) / 1000
    tell({ file: basename(path), kind, compared, wrong, asked: exact.asked - askedBefore, seconds })
  }
}

function* randomPoints(
  bbox: readonly number[],
  rings: readonly Float64Array[],
  random: Random,
): Iterable<Points> {
  for (let done = 0; done < count; done += CHUNK) {
    const size = Math.min(CHUNK, count - done)
    const fifth = Math.floor(size / 5)
    yield uniformPoints(bbox, size - 3 * fifth, random)
    yield adversarialPoints(rings, 2 * fifth, random)
    yield adversarialPoints(rings, fifth, random, 0)
  }
}

interface Row {
  file: string
  kind: string
  compared: number
  wrong: number
  /** Sides of edges that the reference asked the exact predicate for. */
  asked: number
  seconds: number
}

function tell({ file, kind, compared, wrong, asked, seconds }: Row): void {
  if (wrong > 0) process.exitCode = 1
  if (values.json) {
    const figures = { peer: 'exact reference', ratio: null, median: wrong, spread: [wrong, wrong] }
    const subject = `wrong answers, ${kind} points, ${file}`
    console.log(JSON.stringify({ subject, ...figures, unit: 'points', compared, asked }))
    return
  }
  console.log(
    `${file.padEnd(30)} ${grouped(compared).padStart(10)} ${kind.padEnd(10)} points: ` +
      `${grouped(wrong)} wrong (${grouped(asked)} sides decided exactly, ${seconds.toFixed(1)} s)`,
  )
}
