/**
 * Point → district: our index and what people use today, on the same points.
 *
 *     npx tsc -p tsconfig.json && node dist/bench/classify.js [options]
 *
 *     --rounds N   interleaved rounds that count   [9]
 *     --points N   points of each kind             [5000000]
 *     --json       one JSON object a line
 *
 * One operation is one point classified. Ours classifies all points of a round, the peers the first
 * 100,000 of them. Building an index is measured apart, from GeoJSON that is already parsed.
 */
import { parseArgs } from 'node:util'
import { readCities } from './classify/cities.ts'
import type { City } from './classify/cities.ts'
import { peersFor } from './classify/peers.ts'
import type { Peer } from './classify/peers.ts'
import { adversarialPoints, realPoints, uniformPoints } from './classify/points.ts'
import type { Points } from './classify/points.ts'
import { measured, printer, rowsOf } from './report.ts'
import type { Row } from './report.ts'
import { compete, spreadOf } from './rounds.ts'
import type { Contestant } from './rounds.ts'
import { DistrictIndex, createDistrictIndex } from '../src/geo/district-index.ts'
import { seededRandom } from '../src/time/random.ts'

const PEER_POINTS = 100_000

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    points: { type: 'string', default: '5000000' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const count = Number(values.points)
const print = printer(values.json)
if (!(rounds >= 1 && count >= 1)) throw new RangeError('--rounds and --points: expected 1 or more')

for (const city of readCities()) {
  for (const row of buildRows(city)) print(row)
  for (const row of await speedRows(city)) print(row)
}

function buildRows({ name, collection, id }: City): Row[] {
  const builds: number[] = []
  const loads: number[] = []
  let bytes: Uint8Array = new Uint8Array()
  for (let round = 0; round < rounds; round++) {
    const startedAt = performance.now()
    const index = createDistrictIndex(collection, { id })
    builds.push(performance.now() - startedAt)
    bytes = index.serialize()
    const loadedAt = performance.now()
    DistrictIndex.deserialize(bytes)
    loads.push(performance.now() - loadedAt)
  }
  const megabytes = bytes.length / 1e6
  return [
    measured(`build, ${name}`, spreadOf(builds), 'ms'),
    measured(`deserialize, ${name}`, spreadOf(loads), 'ms'),
    measured(`index size, ${name}`, spreadOf([megabytes]), 'MB'),
  ]
}

async function speedRows({ name, collection, id, bbox, rings, places }: City): Promise<Row[]> {
  const index = createDistrictIndex(collection, { id })
  const peers = peersFor(collection, id)
  const random = seededRandom(42)
  const sets: [string, Points, Peer[]][] = [
    ['real', realPoints(places, count, random), peers],
    ['uniform', uniformPoints(bbox, count, random), peers.slice(0, 2)],
    ['adversarial', adversarialPoints(rings, count, random), peers.slice(0, 2)],
  ]
  const rows: Row[] = []
  for (const [kind, points, against] of sets) {
    const contestants = [
      ourselves(index, points),
      ...against.map((peer) => contestant(peer, points)),
    ]
    const standings = await compete(contestants, { rounds })
    const subject = `classify ${kind} points, ${name}`
    rows.push(...rowsOf(subject, standings, { factor: 1e-6, unit: 'M points/s' }))
  }
  return rows
}

function ourselves(index: DistrictIndex, { lons, lats }: Points): Contestant {
  const out = new Int32Array(lons.length)
  return {
    name: 'hailstream',
    run() {
      index.locateMany(lons, lats, out)
      return lons.length
    },
  }
}

function contestant(peer: Peer, { lons, lats }: Points): Contestant {
  const points = Math.min(PEER_POINTS, lons.length)
  return {
    name: peer.name,
    run() {
      let found = 0
      for (let i = 0; i < points; i++) if (peer.locate(lons[i], lats[i]) !== undefined) found++
      // Keeps the work from being optimised away.
      return found < 0 ? 0 : points
    },
  }
}
