/**
 * Puts the measurements of a run into docs/performance.md: the table of goals, the rest
 * below it, and the plot of growth beside it.
 *
 *     npm run --silent bench -- --json > bench.ndjson
 *     npm run bench:table -- bench.ndjson
 *
 * What stands between the markers in that page is replaced. Lines that are no rows are passed over.
 */
import { execFileSync } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { GOALS } from './goals.ts'
import type { Goal } from './goals.ts'
import { growthPlot } from './growth/plot.ts'
import type { Series } from './growth/plot.ts'
import type { Row } from './report.ts'

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const PLOT = fileURLToPath(new URL('../../docs/growth.svg', import.meta.url))
const BEGIN = '<!-- measurements: begin -->'
const END = '<!-- measurements: end -->'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('expected the file that `bench -- --json` printed')
const rows = rowsIn(await readFile(file, 'utf8'))
const page = await readFile(PAGE, 'utf8')
const from = page.indexOf(BEGIN) + BEGIN.length
const to = page.indexOf(END)
if (from < BEGIN.length || to < from) throw new Error(`performance.md: no ${BEGIN} … ${END}`)
const written = `${page.slice(0, from)}\n\n${measurements(rows)}\n\n${page.slice(to)}`
const style = await resolveConfig(PAGE)
await writeFile(PAGE, await format(written, { ...style, filepath: PAGE }))

const growth = growthOf(rows)
if (growth.length > 0) await writeFile(PLOT, growthPlot(growth))

function rowsIn(text: string): Row[] {
  return text.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return []
    const row = JSON.parse(line) as Partial<Row>
    if (row.subject === undefined || row.spread === undefined) return []
    return [row as Row]
  })
}

function measurements(all: readonly Row[]): string {
  const shown = new Set<Row>()
  const lines = GOALS.map((goal) => {
    const row = all.find(({ subject, peer }) => subject === goal.subject && isOf(peer, goal))
    if (row !== undefined) shown.add(row)
    return goalLine(goal, row)
  })
  const rest = all.filter((row) => !shown.has(row) && !row.subject.startsWith('growth, '))
  return [
    ...(all.length > 0 ? [machine(), ''] : []),
    '| what | against | must | target | median | spread | |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    ...(rest.length > 0 ? restLines(rest) : []),
    ...growthLines(all),
  ].join('\n')
}

function restLines(rest: readonly Row[]): string[] {
  return [
    '',
    'Everything else that the run measured:',
    '',
    '| what | against | median | spread |',
    '| --- | --- | --- | --- |',
    ...rest.map(
      ({ subject, peer, median, spread, unit }) =>
        `| ${subject} | ${peer} | ${median} ${unit} | ${spreadText(spread)} |`,
    ),
  ]
}

function growthLines(all: readonly Row[]): string[] {
  const series = growthOf(all)
  if (series.length === 0) return []
  const memory = new Map(all.map(({ subject, median, unit }) => [subject, `${median} ${unit}`]))
  return [
    '',
    'What a trip costs as things grow (the red line is half as much again as at the first size):',
    '',
    '![What a trip costs, by size](growth.svg)',
    '',
    '| size | CPU of a trip | to the first | memory |',
    '| ---: | ---: | ---: | ---: |',
    ...series.flatMap(({ name, points }) =>
      points.map(([size, micros]) => {
        const times = (micros / points[0][1]).toFixed(2)
        const bytes = memory.get(`growth, ${size} ${name}, memory`) ?? ''
        return `| ${size.toLocaleString('en-US')} ${name} | ${micros} µs | ${times} × | ${bytes} |`
      }),
    ),
  ]
}

/** `growth, 4 shards` and its like, kind by kind. */
function growthOf(all: readonly Row[]): Series[] {
  const series = new Map<string, [number, number][]>()
  for (const { subject, median } of all) {
    const [, size, kind] = /^growth, (\d+) (\w+)$/.exec(subject) ?? []
    if (kind === undefined) continue
    const points = series.get(kind) ?? []
    points.push([Number(size), median])
    series.set(kind, points)
  }
  return [...series].map(([name, points]) => ({ name, points }))
}

/** Rows name the peer's own rate behind its name. */
function isOf(peer: string, goal: Goal): boolean {
  return goal.peer === '' ? peer === '' : peer.startsWith(goal.peer)
}

function goalLine(goal: Goal, row: Row | undefined): string {
  const { what, peer, unit, less = false } = goal
  const bound = (value: number): string => `${less ? '≤ ' : ''}${value} ${unit}`
  const goals = `${bound(goal.must)} | ${bound(goal.target)}`
  if (row === undefined) {
    return `| ${what} | ${peer} | ${goals} | not measured | | |`
  }
  const { median, spread } = row
  const reached = (value: number): boolean => (less ? median <= value : median >= value)
  const verdict = reached(goal.target) ? 'target' : reached(goal.must) ? 'must' : 'missed'
  return (
    `| ${what} | ${row.peer} | ${goals} | ` +
    `${median} ${unit} | ${spreadText(spread)} | ${verdict} |`
  )
}

function spreadText([least, most]: readonly [number, number]): string {
  return `${least} – ${most}`
}

function machine(): string {
  const [{ model }] = cpus()
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const gibibytes = Math.round(totalmem() / 2 ** 30)
  const month = new Date().toISOString().slice(0, 7)
  return (
    `Measured in ${month} at commit ${commit} on ${cpus().length} cores of ${model.trim()}, ` +
    `${gibibytes} GiB, Node ${process.version}, by \`npm run bench -- --json\`.`
  )
}
