/**
 * DynamoDB writes per lease and day: `npm run bench:writes [-- --json]`.
 *
 * Counted, not measured: the real worker with all defaults, over tables in memory and a clock of its
 * own, runs through ten minutes; the day is 144 times that. One worker, four shards.
 */
import { parseArgs } from 'node:util'
import { count } from '../src/program/program.ts'
import { countedDay } from '../test/support/counted-worker.ts'

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } })

const CASES = [
  { what: 'at rest', kind: 'rest', flushMillis: 1_000 },
  { what: 'a run that has nothing to send, 1 s flushes', kind: 'heartbeats', flushMillis: 1_000 },
  { what: 'trips every second, 1 s flushes', kind: 'trips', flushMillis: 1_000 },
  { what: 'trips every second, 5 s flushes', kind: 'trips', flushMillis: 5_000 },
] as const

for (const { what, kind, flushMillis } of CASES) {
  const day = await countedDay({ kind, flushMillis, shards: 4, millis: 600_000 })
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ subject: 'writes', what, ...day })}\n`)
    continue
  }
  const { lease, progress, partials, shardUnits, merging } = day
  const figures = [lease, progress, partials, shardUnits, merging].map(count)
  process.stdout.write(`| ${what.padEnd(44)} | ${figures.join(' | ')} |\n`)
}
