/**
 * Puts the measurements of a run into docs/performance.md: the table of goals, the rest below it.
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
import { GOALS } from './goals.ts'
import type { Goal } from './goals.ts'
import type { Row } from './report.ts'

const PAGE = fileURLToPath(new URL('../../docs/performance.md', import.meta.url))
const BEGIN = '<!-- measurements: begin -->'
const END = '<!-- measurements: end -->'

const [file] = process.argv.slice(2)
if (file === undefined) throw new Error('expected the file that `bench -- --json` printed')
const rows = rowsIn(await readFile(file, 'utf8'))
const page = await readFile(PAGE, 'utf8')
const from = page.indexOf(BEGIN) + BEGIN.length
const to = page.indexOf(END)
if (from < BEGIN.length || to < from) throw new Error(`performance.md: no ${BEGIN} … ${END}`)
await writeFile(PAGE, `${page.slice(0, from)}\n\n${measurements(rows)}\n\n${page.slice(to)}`)

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
  const rest = all.filter((row) => !shown.has(row))
  return [
    machine(),
    '',
    '| what | against | must | target | median | spread | |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    'Everything else that the run measured:',
    '',
    '| what | against | median | spread |',
    '| --- | --- | --- | --- |',
    ...rest.map(
      ({ subject, peer, median, spread, unit }) =>
        `| ${subject} | ${peer} | ${median} ${unit} | ${spreadText(spread)} |`,
    ),
  ].join('\n')
}

/** Rows name the peer's own rate behind its name. */
function isOf(peer: string, goal: Goal): boolean {
  return goal.peer === '' ? peer === '' : peer.startsWith(goal.peer)
}

function goalLine({ what, peer, must, target, less = false }: Goal, row: Row | undefined): string {
  const bound = less ? '≤ ' : ''
  if (row === undefined) {
    return `| ${what} | ${peer} | ${bound}${must} | ${bound}${target} | not measured | | |`
  }
  const { median, spread, unit } = row
  const reached = (goal: number): boolean => (less ? median <= goal : median >= goal)
  const verdict = reached(target) ? 'target' : reached(must) ? 'must' : 'missed'
  return (
    `| ${what} | ${row.peer} | ${bound}${must} | ${bound}${target} | ` +
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
