/**
 * A second opinion from GEOS, by way of Python's shapely, where that is installed. `HAILSTREAM_PYTHON`
 * names another interpreter, `HAILSTREAM_WITNESS_POINTS` how many points per file (default 200,000).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as assert from 'uvu/assert'
import { readDistricts } from '../../src/geo/district-file.ts'
import { parseDistricts } from '../../src/geo/districts.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import { alongBorders, scatter } from './hard-points.ts'
import type { Points } from './hard-points.ts'
import { DISTRICT_FILES, HAS_SHARED_DATA, readSharedJson, sharedPath } from './shared-data.ts'

export const fileTimeoutMillis = 600_000

const python = process.env.HAILSTREAM_PYTHON ?? 'python3'
const count = Number(process.env.HAILSTREAM_WITNESS_POINTS ?? '200000')
const hasShapely = spawnSync(python, ['-c', 'import shapely, numpy']).status === 0

const test = suite('the index and GEOS', { timeoutMillis: 300_000 })
const withGeos = test.skipUnless(
  HAS_SHARED_DATA && hasShapely,
  'needs ../shared/data and a Python with shapely',
)

for (const { layer, file, id } of DISTRICT_FILES) {
  withGeos(`agree everywhere in ${layer}`, async () => {
    const { bbox, polygons } = parseDistricts(readSharedJson(file), file, id)
    const random = seededRandom(11)
    const rings = polygons.flatMap((polygon) => polygon.rings)
    const { index } = await readDistricts(sharedPath(file), id)
    const answers = await askGeos(
      file,
      id,
      [scatter(bbox, count / 2, random), alongBorders(rings, Math.ceil(count / 44), random)],
      (points) => index.locateMany(points.lons, points.lats),
    )
    assert.equal(answers.examples, [])
    assert.is(answers.wrong, 0)
    assert.ok(answers.compared > count / 2, `${answers.compared} points compared`)
  })
}

interface Verdict {
  compared: number
  wrong: number
  examples: number[][]
}

async function askGeos(
  file: string,
  id: string,
  sets: readonly Points[],
  locateMany: (points: Points) => Int32Array,
): Promise<Verdict> {
  const rows = sets.map((points) => {
    const found = locateMany(points)
    const table = new Float64Array(found.length * 3)
    for (let i = 0; i < found.length; i++) {
      table.set([points.lons[i], points.lats[i], found[i]], 3 * i)
    }
    return new Uint8Array(table.buffer)
  })
  return withTempDir(async (folder) => {
    const bin = join(folder, 'points.bin')
    writeFileSync(bin, Buffer.concat(rows))
    const script = resolve('test/geo/geos-witness.py')
    const output = execFileSync(python, [script, sharedPath(file), id, bin], { encoding: 'utf8' })
    return JSON.parse(output) as Verdict
  })
}

test.run()
