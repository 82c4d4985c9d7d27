import * as assert from 'uvu/assert'
import { gunzipSync } from 'node:zlib'
import { generation } from '../merge/merging.ts'
import { statusKey } from '../../src/counts/keys.ts'
import type { TablePort } from '../../src/counts/table-port.ts'
import { HailstreamError } from '../../src/errors.ts'
import { MAX_WINDOWS } from '../../src/dashboard/query-range.ts'
import type { TripSpec } from '../counts/batches.ts'
import { MINUTE } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { apiPaths, faultOf } from './openapi.ts'
import type { Reply } from './stage.ts'
import { DashboardStage } from './stage.ts'

const test = suite('the API of the dashboard')

let stage = new DashboardStage()

test.before.each(async () => {
  stage = new DashboardStage()
  await stage.start()
})

test.after.each(() => stage.stop())

/** A trip of `minutes` that pays five dollars and takes ten minutes. */
function trip(minutes: number, from = 0, to = 1): TripSpec {
  const at = minutes * MINUTE
  return { at, off: at + 10 * MINUTE, from, to, passengers: 2, fare: 500, tip: 100, total: 700 }
}

const trips = [0, 1, 2, 6, 7, 12, 22, 61, 62, 130].map((at, i) => trip(at, i % 3, (i + 1) % 3))

/** The document's name of a path → one that is asked for. */
const EXAMPLES: Readonly<Record<string, string>> = {
  '/api/rolling/{window}': '/api/rolling/15m',
  '/api/districts/{id}/series': '/api/districts/101/series',
}

async function ask(path: string): Promise<Reply> {
  const reply = await stage.get(EXAMPLES[path] ?? path)
  assert.is(faultOf(path, reply), '')
  return reply
}

function at(value: unknown, ...path: (string | number)[]): unknown {
  let inner = value
  for (const name of path) inner = (inner as Record<string | number, unknown>)[name]
  return inner
}

const sum = (values: unknown): number =>
  (values as number[]).reduce((total, each) => total + each, 0)

const plain = apiPaths.filter((path) => path !== '/api/events')

test('answers as its document says while there is nothing, while a run goes on, and after', async () => {
  const states: string[] = []
  const look = async (): Promise<void> => {
    for (const path of plain) await ask(path)
    states.push(String(at((await ask('/api/status')).json, 'state')))
  }
  await look()
  await stage.poller.poll()
  await look()
  await stage.begin()
  await stage.putOutline('by hand')
  await stage.feed(trips.slice(0, 7), 40)
  await look()
  const routes = at((await ask('/api/routes')).json, 'routes') as unknown[]
  assert.ok(routes.length > 0)
  await stage.feed(trips.slice(7), 200, true)
  await stage.feed([], 200, true)
  await look()
  assert.equal(states, ['waiting', 'waiting', 'live', 'complete'])
  assert.is((await ask('/api/routes')).status, 200)
  assert.is((await ask('/api/rolling/{window}')).status, 200)
  assert.is(at((await ask('/api/districts')).json, 'note'), 'by hand')
})

test('has districts without outlines as long as the table has none', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  const before = await ask('/api/districts')
  assert.is(at(before.json, 'features', 0, 'geometry'), null)
  assert.is(at(before.json, 'bbox'), null)
  await stage.putOutline()
  for (let i = 0; i < 6; i++) {
    stage.counting.clock.jump(1_000)
    await stage.poller.poll()
  }
  const after = await ask('/api/districts')
  assert.is(at(after.json, 'features', 0, 'geometry', 'type'), 'Polygon')
  assert.equal(at(after.json, 'bbox'), [-74, 40, -71, 41])
  assert.not.equal(after.headers.etag, before.headers.etag)
})

test('shows names of districts as data, whatever they hold', async () => {
  const name = `<script>alert("x")</script> O'Hare & "co"`
  await stage.begin()
  const { table } = stage.counting
  const item = table.item('generation', generation.id)
  assert.ok(item)
  await table.put({ ...item, names: [name, '20', '3'] })
  await stage.feed(trips, 40)
  const { json, headers } = await ask('/api/districts')
  assert.is(at(json, 'features', 0, 'properties', 'name'), name)
  assert.is(headers['x-content-type-options'], 'nosniff')
})

test('has every pane once, whose sums are those of the days and of the districts', async () => {
  await stage.begin()
  await stage.feed(trips, 300, true)
  await stage.feed([], 300, true)
  const wide = '?from=2016-01-01&to=2016-01-02&measures=pickups,dropoffs,fare,tiers'
  for (const step of ['5m', '10m', '1h', '6h', '1d']) {
    const { json } = await stage.get(`/api/panes${wide}&step=${step}`)
    const panes = at(json, 'panes') as Record<string, unknown>[]
    const total = (name: string): number => panes.reduce((all, pane) => all + sum(pane[name]), 0)
    assert.is(total('pickups'), 10, step)
    assert.is(total('dropoffs'), 10, step)
    assert.is(total('fare'), 5_000, step)
    assert.ok(panes.every((pane) => pane.final === true && pane.passengers === undefined))
    const tiers = panes.flatMap((pane) => Object.values(pane.tiers as object).flat() as number[])
    assert.is(sum(tiers), 10)
  }
  const city = await stage.get('/api/series?from=2016-01-01&to=2016-01-02')
  let districts = 0
  for (const id of ['101', '20', '3']) {
    const { json } = await stage.get(`/api/districts/${id}/series?from=2016-01-01&to=2016-01-02`)
    assert.is((at(json, 'starts') as string[]).length, 288)
    districts += sum(at(json, 'pickups'))
  }
  assert.is(sum(at(city.json, 'pickups')), 10)
  assert.is(districts, 10)
  assert.is(at((await ask('/api/status')).json, 'totals', 'pickups'), 10)
})

test('tells the totals of a day before the day is written', async () => {
  await stage.stop()
  stage = new DashboardStage({ table: withoutDays })
  await stage.start()
  await stage.begin()
  const lost = { at: 30 * MINUTE, off: 31 * MINUTE, from: -3, to: 1 }
  await stage.feed([...trips, lost], 300)
  stage.counting.clock.jump(5_000)
  await stage.poller.poll()
  const { json } = await ask('/api/status')
  assert.is(at(json, 'totals', 'pickups'), 10)
  assert.equal(at(json, 'unclassified', 'pickup'), { 'zero-position': 1 })
})

/** The table in the middle of a replay that is too fast for days to be written as they go. */
function withoutDays(table: TablePort): TablePort {
  return {
    get: (key) => table.get(key),
    getMany: (keys) => table.getMany(keys),
    query: async (pk, range) => (pk.startsWith('day#') ? [] : table.query(pk, range)),
    scan: (prefix, attributes) => table.scan(prefix, attributes),
    put: (item, condition) => table.put(item, condition),
    delete: (key) => table.delete(key),
  }
}

test('sees a late trip in a pane that was final', async () => {
  await stage.begin()
  await stage.feed(trips, 300)
  const path = '/api/panes?from=2016-01-01T00:00&to=2016-01-01T00:05'
  assert.equal(at((await stage.get(path)).json, 'panes', 0, 'revision'), 0)
  await stage.feed([trip(1)], 310)
  stage.counting.clock.jump(60_000)
  const { json } = await stage.get(path)
  assert.is(at(json, 'panes', 0, 'revision'), 1)
  assert.is(sum(at(json, 'panes', 0, 'pickups')), 4)
})

test('answers 404 for windows and districts that there are not, and says which there are', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  for (const [path, code, expected] of [
    ['/api/rolling/16m', 'UNKNOWN_WINDOW', /15m/],
    ['/api/rolling/', 'UNKNOWN_WINDOW', /15m/],
    ['/api/events?window=7m', 'UNKNOWN_WINDOW', /15m/],
    ['/api/districts/102/series', 'UNKNOWN_DISTRICT', /3 districts/],
    ['/api/districts/%3Cscript%3E/series', 'UNKNOWN_DISTRICT', /3 districts/],
    ['/api/districts/__proto__/series', 'UNKNOWN_DISTRICT', /3 districts/],
    ['/api/nothing', 'NOT_FOUND', /openapi/],
    ['/api/districts/101', 'NOT_FOUND', /openapi/],
  ] as const) {
    const { status, json } = await stage.get(path)
    assert.is(status, 404, path)
    assert.is(at(json, 'error', 'code'), code, path)
    assert.match(String(at(json, 'error', 'expected')), expected)
  }
})

test('refuses ranges that are malformed or huge', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  const wrong: readonly (readonly [string, string])[] = [
    ['from=yesterday', 'BAD_PARAMETER'],
    ['from=2016-02-30', 'BAD_PARAMETER'],
    ['to=', 'BAD_PARAMETER'],
    ['from=2016-01-02&to=2016-01-01', 'BAD_PARAMETER'],
    ['from=2016-01-01&to=2016-01-01', 'BAD_PARAMETER'],
    ['step=7m', 'BAD_PARAMETER'],
    ['step=0m', 'BAD_PARAMETER'],
    ['step=-5m', 'BAD_PARAMETER'],
    ['step=1e9m', 'BAD_PARAMETER'],
    ['step=5', 'BAD_PARAMETER'],
    ['step=2d', 'BAD_PARAMETER'],
    [`step=${'9'.repeat(400)}m`, 'BAD_PARAMETER'],
    ['measures=', 'BAD_PARAMETER'],
    ['measures=pickups,love', 'BAD_PARAMETER'],
    ['from=0001-01-01&to=9999-12-31', 'RANGE_TOO_LARGE'],
    ['from=2016-01-01&to=2016-01-07', 'RANGE_TOO_LARGE'],
    ['from=2016-01-01&to=2016-02-20&step=1h', 'RANGE_TOO_LARGE'],
    ['from=2010-01-01&to=2016-02-01&step=1d', 'RANGE_TOO_LARGE'],
  ]
  const reads = stage.metered.reads
  for (const [query, code] of wrong) {
    const reply = await stage.get(`/api/panes?${query}`)
    assert.is(reply.status, 400, query)
    assert.is(at(reply.json, 'error', 'code'), code, query)
    assert.is(faultOf('/api/panes', reply), '')
  }
  assert.is(stage.metered.reads, reads)
  const widest = await stage.get('/api/series?from=2016-01-01&to=2016-01-06')
  assert.is((at(widest.json, 'starts') as string[]).length, MAX_WINDOWS)
})

test('reads nothing for a range in which nothing was', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  const reads = stage.metered.reads
  const { json } = await stage.get('/api/panes?from=1999-01-01&to=1999-01-02')
  assert.equal(at(json, 'panes'), [])
  assert.is(stage.metered.reads, reads)
})

test('compresses what is worth it, and confirms what has not changed', async () => {
  await stage.begin()
  await stage.putOutline('long '.repeat(300))
  await stage.feed(trips, 40)
  const whole = await stage.get('/api/districts')
  const small = await stage.get('/api/districts', { headers: { 'accept-encoding': 'br, gzip' } })
  assert.is(small.headers['content-encoding'], 'gzip')
  assert.equal(gunzipSync(small.bytes), whole.bytes)
  assert.not.equal(small.headers.etag, whole.headers.etag)
  assert.match(String(small.headers.vary), /accept-encoding/i)
  for (const refused of ['identity', 'gzip;q=0', '*;q=0, br']) {
    const reply = await stage.get('/api/districts', { headers: { 'accept-encoding': refused } })
    assert.is(reply.headers['content-encoding'], undefined, refused)
  }
  for (const etag of [whole.headers.etag, small.headers.etag, `W/${whole.headers.etag}`, '*']) {
    const same = await stage.get('/api/districts', {
      headers: { 'if-none-match': `"other", ${String(etag)}` },
    })
    assert.is(faultOf('/api/districts', same), '')
    assert.is(same.status, 304)
  }
  const before = await stage.get('/api/rolling/15m')
  await stage.feed([trip(40)], 55)
  const tag = { 'if-none-match': String(before.headers.etag) }
  assert.is((await stage.get('/api/rolling/15m', { headers: tag })).status, 200)
})

test('answers HEAD like GET, without the body', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  for (const path of ['/api/status', '/api/rolling/15m', '/api/events', '/healthz', '/metrics']) {
    const reply = await stage.get(path, { method: 'HEAD' })
    assert.is(reply.status, 200, path)
    assert.is(reply.bytes.length, 0)
  }
})

test('keeps what it saw last when the table fails, and says so', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  const before = await ask('/api/status')
  const { table } = stage.counting
  table.onCall = () => {
    throw new Error('connect ECONNREFUSED /var/lib/secret:1')
  }
  assert.is(await stage.poller.poll(), false)
  const broken = await ask('/api/panes')
  assert.is(broken.status, 500)
  assert.not.match(broken.text, /secret|api\.test/)
  assert.is(stage.errors.length, 1)
  const during = await ask('/api/status')
  assert.is(at(during.json, 'trips'), at(before.json, 'trips'))
  assert.is(at(during.json, 'tableError'), 'the table cannot be read')
  assert.is((await ask('/healthz')).status, 503)
  assert.is((await ask('/api/rolling/{window}')).status, 200)
  table.onCall = () => {
    const parts = { subject: 'Table', got: 'no answer', expected: 'one' }
    throw new HailstreamError('TABLE', parts, { retryable: true })
  }
  const away = await ask('/api/panes')
  assert.equal([away.status, away.headers['retry-after']], [503, '2'])
  table.onCall = () => undefined
  assert.is(await stage.poller.poll(), true)
  assert.is(at((await ask('/api/status')).json, 'tableError'), null)
  assert.is((await ask('/api/panes')).status, 200)
})

test('follows the newer run once the table does', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  const { table } = stage.counting
  const run = table.item('run', 'r')
  const current = table.item('current', 'current')
  const { pk, sk } = statusKey(generation.id, 'r')
  const status = table.item(pk, sk)
  assert.ok(run && current && status)
  await table.put({ ...run, sk: 'newer' })
  await table.put({ ...status, ...statusKey(generation.id, 'newer'), trips: 77 })
  await table.put({ ...current, run: 'newer', version: 2 })
  await stage.poller.poll()
  const { json } = await ask('/api/status')
  assert.equal([at(json, 'run'), at(json, 'trips'), at(json, 'span')], ['newer', 77, null])
  assert.is((await stage.get('/api/panes')).status, 404)
})

test('tells Prometheus the same figures', async () => {
  await stage.begin()
  await stage.feed(trips, 40)
  await ask('/api/status')
  const { text } = await ask('/metrics')
  assert.match(text, /^hailstream_trips\{run="r"\} 10$/m)
  assert.match(text, /^hailstream_table_up 1$/m)
  assert.match(text, /^hailstream_dashboard_requests_total\{code="200"\} /m)
})

test('never answers a range from before more of it was final', async () => {
  await stage.begin()
  await stage.feed(trips.slice(0, 6), 20)
  const range = '/api/panes?from=2016-01-01T00:00:00&to=2016-01-01T02:00:00'
  assert.is(at((await stage.get(range)).json, 'asOf'), '2016-01-01T00:20:00')
  const status = await stage.counting.table.get(statusKey(generation.id, 'r'))
  assert.ok(status)
  await stage.put({ ...status, asOf: '2016-01-01T00:30:00' })
  await stage.poller.poll()
  assert.is(at((await stage.get(range)).json, 'asOf'), '2016-01-01T00:30:00')
  assert.is(at((await stage.get('/api/districts/101/series')).json, 'asOf'), '2016-01-01T00:30:00')
})

test.run()
