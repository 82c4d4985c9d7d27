/**
 * Wrong answers of the district index, against an exact reference: `npm run bench:exact`.
 *
 *     --points N   random points for each district file   [5000000]
 *     --json       one JSON object a line
 *     --rounds N   is nothing to it: an answer is right or wrong
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
import type { Row } from './report.ts'
import { printer } from './report.ts'

const CHUNK = 500_000

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '5000000' },
    json: { type: 'boolean', default: false },
    rounds: { type: 'string' },
  },
})
const count = Number(values.points)
if (!(count >= 1)) throw new RangeError('--points: expected 1 or more')

const files = HAS_SHARED_DATA
  ? DISTRICT_FILES.map(({ file, id }) => ({ path: sharedPath(file), id }))
  : [{ path: sampleCityPath(), id: 'id' }]

const print = printer(values.json)
const wrongOf: number[] = []
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
    for (const { lons, lats } of points) {
      const found = index.locateMany(lons, lats)
      for (let i = 0; i < lons.length; i++) {
        const expected = exact.locate(lons[i], lats[i])
        if (found[i] !== expected || index.locate(lons[i], lats[i]) !== expected) wrong++
      }
      compared += lons.length
    }
    wrongOf.push(wrong)
    const asked = grouped(exact.asked - askedBefore)
    console.error(
      `${basename(path)}: the reference decided ${asked} sides with the exact predicate`,
    )
    print(answers(`wrong answers, ${grouped(compared)} ${kind} points, ${basename(path)}`, [wrong]))
  }
}
print(answers('wrong answers', wrongOf))
if (wrongOf.some((wrong) => wrong > 0)) process.exitCode = 1

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

/** All of them, not their median: none is right. */
function answers(subject: string, wrong: readonly number[]): Row {
  const all = wrong.reduce((sum, each) => sum + each, 0)
  const spread: [number, number] = [Math.min(...wrong), Math.max(...wrong)]
  return { subject, peer: 'exact reference', ratio: null, median: all, spread, unit: 'points' }
}
