import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { MINUTE } from '../counts/batches.ts'
import { faultOf } from '../dashboard/openapi.ts'
import { DashboardStage } from '../dashboard/stage.ts'
import { repoRoot } from '../support/repo-root.ts'
import { suite } from '../support/suite.ts'
import { rowsOf, valueAt } from './selectors.ts'
import type { Row } from './selectors.ts'

interface Source {
  type: string
  uid: string
}

interface Query {
  url: string
  type: string
  source: string
  parser: string
  url_options: { method: string; params: { key: string; value: string }[] }
  root_selector: string
  columns: { selector: string; text: string; type: string }[]
}

interface Target extends Partial<Query> {
  refId: string
  datasource: Source
  expr?: string
}

interface Panel {
  id: number
  title: string
  type: string
  datasource: Source
  gridPos: { x: number; y: number; w: number; h: number }
  targets: Target[]
}

interface Variable {
  name: string
  type: string
  query: string | { infinityQuery: Query }
  current?: { value: string }
}

interface Dashboard {
  title: string
  uid: string
  schemaVersion: number
  time: { from: string; to: string }
  templating: { list: Variable[] }
  panels: Panel[]
}

const test = suite('the Grafana dashboard')

const text = readFileSync(join(repoRoot, 'examples/grafana-dashboard.json'), 'utf8')
const dashboard = JSON.parse(text) as Dashboard
const { panels } = dashboard
const variables = dashboard.templating.list
const INFINITY = 'yesoreyeram-infinity-datasource'
/** Panels that come with Grafana, and those of the kinds of fields they can show. */
const PANEL_TYPES = ['stat', 'timeseries', 'table', 'bargauge', 'barchart', 'gauge', 'text', 'row']
const VARIABLE_TYPES = ['datasource', 'textbox', 'custom', 'query', 'constant', 'interval']

const isInfinity = (target: Target): target is Target & Query => target.datasource.type === INFINITY
const queries = panels.flatMap(({ targets }) => targets.filter(isInfinity))

test('has the shape that Grafana imports', () => {
  // docs: grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model
  assert.ok(dashboard.title !== '' && dashboard.uid.length <= 40)
  assert.ok(dashboard.schemaVersion >= 36, 'from then on a datasource is {type, uid}')
  for (const time of Object.values(dashboard.time)) assert.not(Number.isNaN(Date.parse(time)))
  for (const { type, name } of variables) assert.ok(VARIABLE_TYPES.includes(type), name)
  for (const { type, title } of panels) assert.ok(PANEL_TYPES.includes(type), title)
  const ids = panels.map(({ id }) => id)
  assert.is(new Set(ids).size, ids.length)
  for (const { title, targets } of panels) {
    const refs = targets.map(({ refId }) => refId)
    assert.ok(refs.length > 0 && new Set(refs).size === refs.length, title)
  }
})

test('lays its panels out in 24 columns, none over another', () => {
  const taken = new Map<string, string>()
  for (const { title, gridPos } of panels) {
    const { x, y, w, h } = gridPos
    assert.ok(x >= 0 && w > 0 && x + w <= 24 && h > 0, title)
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        const place = `${column} ${row}`
        assert.is(taken.get(place), undefined, `${title} over ${taken.get(place)}`)
        taken.set(place, title)
      }
    }
  }
})

test('names no variable and no data source that it does not have', () => {
  const names = new Set(variables.map(({ name }) => name))
  const used = [...text.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name)
  for (const name of used) assert.ok(names.has(name), name)
  for (const name of names) assert.ok(used.includes(name), `${name} is not used`)
  const sources = new Map(
    variables
      .filter(({ type }) => type === 'datasource')
      .map(({ name, query }) => [`\${${name}}`, query]),
  )
  const asked = panels.flatMap((panel) => [panel, ...panel.targets])
  for (const { datasource } of asked) assert.is(sources.get(datasource.uid), datasource.type)
})

/** What the API's document calls a path. */
const documented = (path: string): string =>
  path
    .replace(/^\/api\/rolling\/[^/]+$/, '/api/rolling/{window}')
    .replace(/^\/api\/districts\/[^/]+\/series$/, '/api/districts/{id}/series')

/** Trips of 2016-01-01, seen by a server; `work` is given what a query brings. */
async function withServer(
  work: (rows: (query: Query) => Promise<Row[]>, stage: DashboardStage) => Promise<void>,
): Promise<void> {
  const stage = new DashboardStage()
  await stage.start()
  try {
    await stage.begin()
    const trips = [0, 1, 7, 12, 22].map((at, i) => ({
      at: at * MINUTE,
      off: (at + 3) * MINUTE,
      from: i % 3,
      to: (i + 1) % 3,
    }))
    await stage.feed(trips, 25)
    const values = new Map(variables.map(({ name, current }) => [name, current?.value ?? '']))
    values.set('hailstream', '')
    values.set('district', '101')
    const filled = (part: string): string =>
      part.replace(/\$\{(\w+)\}/g, (_, name: string) => values.get(name) ?? '')
    await work(async ({ url, url_options, root_selector }) => {
      const search = new URLSearchParams(
        url_options.params.map(({ key, value }): [string, string] => [key, filled(value)]),
      )
      const path = filled(url)
      const reply = await stage.get(search.size === 0 ? path : `${path}?${search.toString()}`)
      assert.is(faultOf(documented(path), reply), '', path)
      assert.is(reply.status, 200, `${path}: ${reply.text}`)
      return rowsOf(root_selector, reply.json as Row)
    }, stage)
  } finally {
    await stage.stop()
  }
}

const FITS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value !== '',
  number: (value) => typeof value === 'number',
  timestamp: (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
}

test('finds in the answers of a server every column that it shows', async () => {
  await withServer(async (rows) => {
    assert.ok(queries.length >= 8)
    const ofVariables = variables.flatMap(({ query }) =>
      typeof query === 'object' ? [query.infinityQuery] : [],
    )
    assert.is(ofVariables.length, 1)
    for (const query of [...queries, ...ofVariables]) {
      const { url, type, source, parser, url_options, columns } = query
      assert.equal([type, source, parser], ['json', 'url', 'backend'], url)
      assert.is(url_options.method, 'GET')
      const found = await rows(query)
      assert.ok(found.length > 0 && columns.length > 0, url)
      for (const row of found) {
        for (const column of columns) {
          const value = valueAt(row, column.selector)
          assert.ok(FITS[column.type]?.(value), `${url} ${column.selector}: ${String(value)}`)
        }
      }
    }
  })
})

test('shows a time in whatever it draws over time', () => {
  for (const { type, title, targets } of panels) {
    if (type !== 'timeseries') continue
    for (const target of targets.filter(isInfinity)) {
      const types = target.columns.map((column) => column.type)
      assert.equal([types.includes('timestamp'), types.includes('number')], [true, true], title)
    }
  }
})

test('asks Prometheus for metrics that there are', async () => {
  await withServer(async (_rows, stage) => {
    const metrics = (await stage.get('/metrics')).text
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => expr ?? []))
    assert.equal(asked.length, 1)
    for (const name of asked) assert.match(metrics, new RegExp(`^${name}[ {]`, 'm'))
  })
})

test.run()
