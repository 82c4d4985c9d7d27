import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { repoRoot } from '../support/repo-root.ts'
import { suite } from '../support/suite.ts'

const test = suite('the Grafana dashboard')

const text = (path: string): string => readFileSync(join(repoRoot, path), 'utf8')

test('asks for what the API answers, with parameters that it has', () => {
  const dashboard = text('examples/grafana-dashboard.json')
  const api: unknown = JSON.parse(text('docs/openapi.json'))
  const { paths } = api as { paths: Record<string, { get: { parameters?: { name: string }[] } }> }
  const urls = [...dashboard.matchAll(/"\$\{hailstream\}(\/[^"]*)"/g)].map(([, url]) => url)
  const named = urls.map((url) =>
    url.replace(/\/rolling\/\w+$/, '/rolling/{window}').replace(/\$\{district\}/, '{id}'),
  )
  assert.ok(named.length >= 8)
  for (const path of named) assert.ok(path in paths, path)
  const parameters = paths['/api/series'].get.parameters?.map(({ name }) => name)
  for (const name of ['from', 'to', 'step']) assert.ok(parameters?.includes(name), name)
})

test('asks Prometheus for metrics that there are', () => {
  const dashboard = text('examples/grafana-dashboard.json')
  const metrics = text('src/dashboard/metrics.ts')
  const asked = [...dashboard.matchAll(/"expr": "hailstream_(\w+)"/g)].map(([, name]) => name)
  assert.equal(asked.length, 1)
  for (const name of asked) assert.ok(metrics.includes(name), name)
})

test.run()
