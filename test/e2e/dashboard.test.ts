import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import { faultOf } from '../dashboard/openapi.ts'
import { fetchFrom } from '../dashboard/stage.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, sharedPath } from '../geo/shared-data.ts'
import { eventually } from '../support/eventually.ts'
import type { Ended, Running } from '../support/hailstream.ts'
import { start } from '../support/hailstream.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

export const fileTimeoutMillis = 400_000

const test = suite('the dashboard of a demo', { timeoutMillis: 150_000 })

const DAY = 86_400_000

interface Pane {
  ids: string[]
  pickups: number[]
  dropoffs: number[]
  unclassified: { pickup: Record<string, number>; dropoff: Record<string, number> }
}

type Totals = Map<string, [pickups: number, dropoffs: number]>

/** A demo without an end of its own, once everything is counted; `work` is given the API. */
async function withDemo(
  args: readonly string[],
  work: (get: (path: string) => Promise<unknown>) => Promise<void>,
): Promise<Ended> {
  return withTempDir(async (cwd) => {
    await writeSampleTrips(join(cwd, 'sample.csv'), { trips: 2_000 })
    const demo = start(['demo', ...args, '--port', '0', '--speed', 'max'], { cwd })
    try {
      const port = await portOf(demo)
      const get = async (path: string): Promise<unknown> => {
        const reply = await fetchFrom(port, path)
        assert.is(reply.status, 200, `${path}: ${reply.text.slice(0, 300)}`)
        return reply.json
      }
      const complete = async (): Promise<boolean> => {
        const reply = await fetchFrom(port, '/api/status')
        assert.is(faultOf('/api/status', reply), '')
        return (reply.json as { state: string }).state === 'complete'
      }
      await eventually('everything to be counted', complete, 120_000)
      await work(get)
    } finally {
      demo.process.kill('SIGINT')
    }
    return demo.ended
  })
}

async function portOf(demo: Running): Promise<number> {
  let talk = ''
  demo.process.stderr?.on('data', (text: string) => (talk += text))
  const address = /^Dashboard http:\/\/127\.0\.0\.1:(\d+)$/m
  await eventually('its address', () => address.test(talk), 60_000)
  return Number(address.exec(talk)?.[1])
}

/** All windows of a run, as many a request as the API allows, added up by district. */
async function totalsOf(
  get: (path: string) => Promise<unknown>,
  step: '5m' | '1h' | '1d',
): Promise<Totals> {
  const { span } = (await get('/api/status')) as { span: { from: string; to: string } }
  const stretch = { '5m': 5 * DAY, '1h': 31 * DAY, '1d': 1_000 * DAY }[step]
  const totals: Totals = new Map()
  const add = (id: string, end: 0 | 1, trips: number): void => {
    const sums = totals.get(id) ?? [0, 0]
    sums[end] += trips
    totals.set(id, sums)
  }
  const last = Date.parse(`${span.to}Z`)
  for (let from = Date.parse(`${span.from}Z`); from < last; from += stretch) {
    const name = (time: number): string => new Date(time).toISOString().slice(0, 19)
    // A day that begins before the span is asked for once, whole.
    const to = Math.min(last, from + stretch)
    const path = `/api/panes?from=${name(from)}&to=${name(to)}&step=${step}`
    const { panes } = (await get(path)) as { panes: Pane[] }
    for (const { ids, pickups, dropoffs, unclassified } of panes) {
      ids.forEach((id, i) => {
        add(id, 0, pickups[i])
        add(id, 1, dropoffs[i])
      })
      for (const count of Object.values(unclassified.pickup)) add('NONE', 0, count)
      for (const count of Object.values(unclassified.dropoff)) add('NONE', 1, count)
    }
  }
  return totals
}

const sorted = (totals: Totals): [string, [number, number]][] =>
  [...totals].sort(([a], [b]) => (a < b ? -1 : 1))

function csvLines(path: string): string[][] {
  const bytes = readFileSync(sharedPath(path))
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => line.split(','))
}

test('adds up to every trip, in panes, hours and days alike, and goes when the demo goes', async () => {
  const { code, stderr } = await withDemo(
    ['sample.csv', '--districts', sampleCityPath(), '--district-id', 'id'],
    async (get) => {
      const panes = await totalsOf(get, '5m')
      for (const end of [0, 1] as const) {
        let trips = 0
        for (const sums of panes.values()) trips += sums[end]
        assert.is(trips, 2_000)
      }
      assert.equal(sorted(await totalsOf(get, '1h')), sorted(panes))
      assert.equal(sorted(await totalsOf(get, '1d')), sorted(panes))
      const { features, note } = (await get('/api/districts')) as {
        features: { geometry: unknown }[]
        note: string
      }
      assert.is(features.length, 221)
      assert.ok(features.every(({ geometry }) => geometry !== null))
      assert.match(note, /^Approximate/)
    },
  )
  assert.is(code, 130, stderr)
})

test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)(
  'is the independent truth for real trips, routes too',
  async () => {
    const trips = 'trips/trips_2016-01_20k_sorted.csv.gz'
    const args = [
      ...[sharedPath(trips), '--districts', sharedPath('districts/community_districts.geojson')],
      ...['--district-id', 'BoroCD'],
    ]
    await withDemo(args, async (get) => {
      const panes = await totalsOf(get, '5m')
      const truth = csvLines('truth/trips_2016-01_20k_sorted-cd.csv').slice(1)
      for (const [id, pickups, dropoffs] of truth) {
        const counted = panes.get(id) ?? [0, 0]
        assert.equal(counted, [Number(pickups), Number(dropoffs)], id)
      }
      for (const step of ['1h', '1d'] as const) {
        assert.equal(sorted(await totalsOf(get, step)), sorted(panes), step)
      }
      // Trips of January that end in February are in panes of February.
      const { span } = (await get('/api/status')) as { span: { to: string } }
      assert.ok(span.to > '2016-02-01T00:00:00', span.to)
      await checkRoutes(get, trips)
    })
  },
)

/** Against the rows: whose dropoff lies in the last half hour, and who has both ends somewhere. */
async function checkRoutes(get: (path: string) => Promise<unknown>, file: string): Promise<void> {
  const { from, to, routes } = (await get('/api/routes')) as {
    from: string
    to: string
    routes: { origin: string; destination: string; trips: number }[]
  }
  const [header, ...rows] = csvLines(file)
  const dropoff = header.indexOf('dropoff_datetime')
  const count = new Map<string, number>()
  for (const [line, origin, destination] of csvLines(
    'truth/trips_2016-01_20k_sorted-rows.csv.gz',
  )) {
    const time = rows[Number(line) - 2]?.[dropoff].replace(' ', 'T')
    if (time === undefined || time < from || time >= to) continue
    if (origin === '' || destination === '' || origin === 'NONE' || destination === 'NONE') continue
    const pair = `${origin} ${destination}`
    count.set(pair, (count.get(pair) ?? 0) + 1)
  }
  const expected = [...count]
    .map(([pair, trips]) => ({ ids: pair.split(' ').map(Number), trips }))
    .sort((a, b) => b.trips - a.trips || a.ids[0] - b.ids[0] || a.ids[1] - b.ids[1])
    .slice(0, 10)
    .map(({ ids: [origin, destination], trips }) => `${origin} ${destination} ${trips}`)
  assert.ok(expected.length > 0)
  assert.equal(
    routes.map(({ origin, destination, trips }) => `${origin} ${destination} ${trips}`),
    expected,
  )
}

test.run()
