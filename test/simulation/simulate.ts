/**
 * `npm run simulate -- [--seeds N] [--from SEED] [--jobs N]`, or `--seed SEED [--trace]` for one of
 * them, told as a story. Exit 1 when any seed is wrong.
 */
import { parseArgs } from 'node:util'
import { runSeeds } from './seed-pool.ts'
import type { Verdict } from './simulation.ts'
import { simulate } from './simulation.ts'

process.exitCode = 1

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
  },
})
const say = (line: string): void => {
  process.stdout.write(`${line}\n`)
}

process.stdout.on('error', () => process.exit())

const right = values.seed === undefined ? await manySeeds() : await oneSeed(Number(values.seed))
if (right) process.exitCode = 0

async function oneSeed(seed: number): Promise<boolean> {
  const verdict = await simulate({ seed, ...(values.trace && { trace: say }) })
  const { failure, virtualMillis, counts } = verdict
  say(`seed ${seed}: ${failure ?? `right after ${Math.round(virtualMillis / 1_000)} virtual s`}`)
  say(survived(counts))
  return failure === undefined
}

async function manySeeds(): Promise<boolean> {
  const totals: Record<string, number> = {}
  let rightSeeds = 0
  const wrong: Verdict[] = []
  const startedAt = performance.now()
  const count = Number(values.seeds)
  await runSeeds({
    first: Number(values.from),
    count,
    ...(values.jobs !== undefined && { jobs: Number(values.jobs) }),
    onVerdict: (verdict) => {
      for (const [name, value] of Object.entries(verdict.counts)) {
        totals[name] = (totals[name] ?? 0) + value
      }
      if (verdict.failure === undefined) rightSeeds++
      else {
        wrong.push(verdict)
        say(`seed ${verdict.seed}: ${verdict.failure}`)
        say(`  npm run simulate -- --seed ${verdict.seed} --trace`)
      }
      const done = rightSeeds + wrong.length
      if (done % 100 === 0) say(`${done} of ${count} seeds`)
    },
  })
  const seconds = Math.round((performance.now() - startedAt) / 1_000)
  say(`survived: ${survived(totals)}`)
  say(`${rightSeeds} seeds right, ${wrong.length} wrong, in ${seconds} s`)
  return wrong.length === 0 && rightSeeds === count
}

function survived(counts: Record<string, number>): string {
  const of = (name: string): number => counts[name] ?? 0
  return (
    `${of('calls')} calls, ${of('failed')} failed, ${of('lostReplies')} replies lost, ` +
    `${of('late')} late; ${of('kills')} kills, ${of('freezes')} freezes, ` +
    `${of('reshards')} splits and merges; ${of('throttledWrites')} writes throttled, ` +
    `${of('refused')} writes refused, ${of('duplicates')} duplicates skipped, ` +
    `${of('lateTrips')} revisions of final panes`
  )
}
