/**
 * How long the shards of a worker stand still: `npm run bench:takeover [-- --trials N] [--json]`.
 *
 * Real processes with all defaults (fail-over 10 s) on an embedded pair, 10 shards, while a replay
 * feeds every shard twice a second. A time ends when it can be seen in the table: progress of the
 * shard that the new owner has written, looked for every 40 ms. So it holds the wait for the next
 * record and the flush too. At the end the counts are verified against the file.
 */
import { parseArgs } from 'node:util'
import { seededRandom } from '../src/time/random.ts'
import { SHARDS, Stage } from './takeover/stage.ts'
import type { StageWorker } from './takeover/stage.ts'
import { coldStart, join, settle, takeOver } from './takeover/trials.ts'

const TRIPS_A_SECOND = 200
/** More than any trial takes; what is left of the feed at the end is sent at once. */
const SECONDS_A_TRIAL = 90

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const trials = Number(values.trials)
const random = seededRandom(Number(values.seed))

interface Figure {
  subject: string
  what: string
  /** What must hold of the 99th percentile, ms. */
  bound: number | undefined
  /** Milliseconds. */
  samples: number[]
}

const figures = {
  cold: figure('cold-start', 'cold start: process start → first count in the table', 5_000),
  coldMerged: figure('cold-start-merged', 'cold start: process start → merged items to poll'),
  join: figure('join', `a second worker joins: process start → ${SHARDS / 2} of ${SHARDS}`, 5_000),
  joinCounts: figure('join-counted', 'a second worker joins: → each of its shards counted'),
  kill: figure('kill', 'kill -9 of one of two: → each of its shards counted again', 15_000),
  merger: figure('kill-merger', 'kill -9 of the merger: → merged items move on', 15_000),
  stop: figure('stop', 'SIGINT to one of two: → each of its shards counted again', 2_000),
}
const readAgain = { SIGKILL: 0, SIGINT: 0 }
const skipped = { SIGKILL: 0, SIGINT: 0 }

const stage = await Stage.open()
try {
  await stage.startFeed(TRIPS_A_SECOND, SECONDS_A_TRIAL * (1 + trials))
  for (let trial = 1; trial <= trials; trial++) {
    const { firstCount, firstMerged } = await coldStart(stage, trial)
    figures.cold.samples.push(firstCount)
    figures.coldMerged.samples.push(firstMerged)
  }
  const first = await stage.startWorker()
  await settle(stage, [first], random)
  let workers: [StageWorker, StageWorker] = [first, await joined()]
  for (let trial = 1; trial <= trials; trial++) {
    for (const signal of ['SIGKILL', 'SIGINT'] as const) {
      await settle(stage, workers, random)
      // Killed is the one that merges, which is the harder case; stopped now the elder, now the other.
      const merging = (await stage.merger()).owner === workers[0].name ? 0 : 1
      const victim = signal === 'SIGKILL' ? merging : trial % 2
      const heir = workers[1 - victim]
      const taken = await takeOver(stage, [workers[victim], heir], signal)
      figures[signal === 'SIGKILL' ? 'kill' : 'stop'].samples.push(...taken.shards)
      if (signal === 'SIGKILL') figures.merger.samples.push(...taken.merged)
      readAgain[signal] += taken.readAgain
      skipped[signal] += taken.skipped
      const longest = Math.round(Math.max(...taken.shards))
      process.stderr.write(`trial ${trial} of ${trials}, ${signal}: ${longest} ms\n`)
      workers = [heir, await joined()]
    }
  }
  report(await stage.finishFeed())
} finally {
  await stage.close()
}

async function joined(): Promise<StageWorker> {
  const { worker, share, counting } = await join(stage)
  figures.join.samples.push(share)
  figures.joinCounts.samples.push(...counting)
  return worker
}

function figure(subject: string, what: string, bound?: number): Figure {
  return { subject, what, bound, samples: [] }
}

function report(verdict: string): void {
  const good = verdict.startsWith('equal') && readAgain.SIGINT === 0
  if (!good) process.exitCode = 1
  for (const { subject, what, bound, samples } of Object.values(figures)) {
    const [p50, p99, max] = [0.5, 0.99, 1].map((share) => Math.round(percentile(samples, share)))
    const met = bound === undefined || p99 <= bound
    if (!met) process.exitCode = 1
    const seconds = [p50, p99, max].map((millis) => `${(millis / 1000).toFixed(2)} s`)
    const must = bound === undefined ? '' : `${met ? '≤' : 'NOT ≤'} ${bound / 1000} s`
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ subject, unit: 'ms', samples: samples.length, p50, p99, max, bound: bound ?? null, met })}\n`
        : `| ${what.padEnd(62)} | ${String(samples.length).padStart(3)} | ${seconds.join(' | ')} | ${must} |\n`,
    )
  }
  const again = { readAgain, skipped, verdict }
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ subject: 'takeover', trials, ...again })}\n`
      : `records read twice: ${readAgain.SIGINT} at ${trials} stops, ${readAgain.SIGKILL} at ${trials} kills; ` +
          `trips skipped as duplicates: ${skipped.SIGINT} and ${skipped.SIGKILL}\n${verdict}\n`,
  )
}

/** The smallest sample that at least `share` of all do not exceed. */
function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
}
