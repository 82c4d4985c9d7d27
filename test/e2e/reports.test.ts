/** The reports of a run, against the same questions asked of the file itself. */
import * as assert from 'uvu/assert'
import { startLocalPair } from '../../localstack/local-pair.ts'
import { FARE_TIERS, TIP_TIERS } from '../../src/counts/measures.ts'
import {
  HAS_SHARED_DATA,
  NO_SHARED_DATA,
  readSharedCsv,
  readSharedLines,
  sharedPath,
} from '../geo/shared-data.ts'
import { eventually } from '../support/eventually.ts'
import { hailstream, start } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

export const fileTimeoutMillis = 300_000

const test = suite('the reports of a file', { timeoutMillis: 200_000 })

const TRIPS = 'trips_2016-01_20k_sorted'
const DISTRICTS = [
  ...['--districts', sharedPath('districts/community_districts.geojson')],
  ...['--district-id', 'BoroCD'],
]

interface Asked {
  hour: number
  district: string
  fare: number
  tip: number
  total: number
}

/** The trips that begin in a district, straight from the rows; amounts in cents. */
function tripsOfFile(): Asked[] {
  const places = readSharedCsv(`truth/${TRIPS}-rows.csv.gz`)
  return readSharedCsv(`trips/${TRIPS}.csv.gz`).flatMap((row, i) => {
    const district = places[i].pickup_cd
    if (district === '' || district === 'NONE') return []
    const cents = (name: string): number => Math.round(Number(row[name]) * 100)
    const [fare, tip, total] = [cents('fare_amount'), cents('tip_amount'), cents('total_amount')]
    return [{ hour: Number(row.pickup_datetime.slice(11, 13)), district, fare, tip, total }]
  })
}

/** Everything of the file counted; `work` is given the rows of a report, as `--csv` has them. */
async function withReports(work: (ask: Ask) => Promise<void>): Promise<void> {
  await withTempDir(async (cwd) => {
    const pair = await startLocalPair()
    const options = { cwd, environment: pair.environment }
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await hailstream(args, options)
      assert.is(code, 0, stderr)
      return stdout
    }
    try {
      await run('init', '--shards', '2')
      const worker = start(['count', ...DISTRICTS], options)
      try {
        await run('replay', sharedPath(`trips/${TRIPS}.csv.gz`), '--speed', 'max')
        const complete = async (): Promise<boolean> =>
          (await hailstream(['status', '--json'], options)).stdout.includes('"complete":true')
        await eventually('all to be merged', complete, 60_000)
        await work(async (...args) => {
          const [header, ...rows] = (await run('report', ...args, '--csv')).trimEnd().split('\n')
          return { header, rows: rows.map((row) => row.split(',')) }
        })
      } finally {
        worker.process.kill('SIGTERM')
        await worker.ended
      }
    } finally {
      await pair.stop()
    }
  })
}

type Ask = (...args: string[]) => Promise<{ header: string; rows: string[][] }>

async function checkFares(ask: Ask, trips: readonly Asked[]): Promise<void> {
  const { header, rows } = await ask('fares-by-hour')
  assert.is(header, 'hour,trips,fare,averageFare')
  const expected = Array.from({ length: 24 }, (_, hour) => {
    const own = trips.filter((trip) => trip.hour === hour)
    const fare = own.reduce((sum, trip) => sum + trip.fare, 0)
    return [String(hour).padStart(2, '0'), own.length, fare, Math.round(fare / own.length) / 100]
  })
  assert.equal(
    rows,
    expected.map((row) => row.map(String)),
  )
}

/** By the words of the question, not by the table's columns. */
function tierOf({ fare, tip, total }: Asked): string {
  if (total <= 0) return 'none none'
  const nth = (share: number, bounds: readonly number[]): number =>
    bounds.filter((bound) => share >= bound).length
  const [tipTier, fareTier] = [nth(tip / total, [0.1, 0.15, 0.2]), nth(fare / total, [0.7, 0.8, 0.9])] // prettier-ignore
  return `${TIP_TIERS[tipTier]} ${FARE_TIERS[fareTier]}`
}

async function checkTips(ask: Ask, trips: readonly Asked[]): Promise<void> {
  const { header, rows } = await ask('tips')
  assert.is(header, 'tipTier,fareTier,trips')
  const counted = new Map<string, number>()
  for (const trip of trips) counted.set(tierOf(trip), (counted.get(tierOf(trip)) ?? 0) + 1)
  assert.is(rows.length, 17)
  for (const [tip, fare, number] of rows) {
    assert.is(Number(number), counted.get(`${tip} ${fare}`) ?? 0, `${tip} ${fare}`)
  }
}

async function checkTop(ask: Ask): Promise<void> {
  const { rows } = await ask('top', '--n', '10')
  const expected = readSharedLines(`truth/${TRIPS}-cd.csv`)
    .map((line) => line.split(','))
    .filter(([id]) => id !== 'NONE')
    .sort((a, b) => Number(b[1]) - Number(a[1]) || Number(a[0]) - Number(b[0]))
    .slice(0, 10)
  const told = rows.map((row) => [row[1], ...row.slice(-2)])
  assert.equal(told, expected)
}

test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)(
  'are what the rows of the file say, all three',
  async () => {
    const trips = tripsOfFile()
    assert.ok(trips.length > 19_000)
    await withReports(async (ask) => {
      await checkFares(ask, trips)
      await checkTips(ask, trips)
      await checkTop(ask)
    })
  },
)

test.run()
