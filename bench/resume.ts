/**
 * How fast a replay goes on after `kill -9`, and how fast it ends after Ctrl-C, on the embedded pair:
 * `npm run bench:resume [-- --trials N] [--seed N] [--json]`.
 *
 * One trial of resuming: a replay that sends is killed at a moment nobody chose, the same command is
 * started at once, and the clock runs from that start to the first acknowledged put of trips the
 * stream did not have. One trial of draining: SIGINT to a replay that sends, until its process is gone.
 * At the end the rest is sent and all is verified: nothing lost, nothing double.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { percentile } from '../bin/chaos/survived.ts'
import { Child } from '../bin/child.ts'
import { init } from '../bin/init.ts'
import { verify } from '../consumers/verify.ts'
import { startLocalPair } from '../localstack/local-pair.ts'
import { sampleCityPath } from '../samples/city-file.ts'
import { writeSampleTrips } from '../samples/sample-trips.ts'
import { DEFAULT_NAMES } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { seededRandom } from '../src/time/random.ts'
import { benchProgram } from './program.ts'

const TRIPS = 20_000
/** Longest time a replay may send before it is hit. */
const UNDISTURBED_MILLIS = 1_500

const { values } = parseArgs({
  options: {
    trials: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
})
const trials = Number(values.trials)
if (!(trials >= 1)) throw new RangeError('--trials: expected 1 or more')
const random = seededRandom(Number(values.seed))

const folder = await mkdtemp(join(tmpdir(), 'hailstream-bench-'))
const pair = await startLocalPair()
const children: Child[] = []
try {
  const file = join(folder, 'trips.csv')
  await writeSampleTrips(file, { trips: TRIPS })
  const program = benchProgram(pair)
  await init({ ...DEFAULT_NAMES, shards: 4, reset: false, yes: false }, program)

  const replay = (...pace: string[]): { child: Child; acknowledged: Promise<number> } => {
    const startedAt = performance.now()
    let resumedAfter = 0
    let heard: (millis: number) => void = () => undefined
    const acknowledged = new Promise<number>((resolve) => (heard = resolve))
    const args = ['replay', ...pace, '--quarantine', join(folder, 'rejected.ndjson'), file]
    const child = new Child('the replay', args, program.environment, {
      onData: (line) => {
        if (line.type === 'run') resumedAfter = Number(line.resumedAfter)
        if (line.type === 'progress' && Number(line.trips) > resumedAfter) {
          heard(performance.now() - startedAt)
        }
      },
    })
    children.push(child)
    return { child, acknowledged }
  }
  // Slow enough that no trial comes to the end of the trips.
  const slow = ['--duration', `${trials * 20}s`]
  const moment = (): Promise<void> => systemClock.sleep(random() * UNDISTURBED_MILLIS)

  const resumed: number[] = []
  let running = replay(...slow)
  await running.acknowledged
  for (let trial = 0; trial < trials; trial++) {
    await moment()
    await running.child.kill()
    running = replay(...slow)
    resumed.push(await running.acknowledged)
  }

  const drained: number[] = []
  for (let trial = 0; trial < trials; trial++) {
    await moment()
    const { child } = running
    const askedAt = performance.now()
    if (child.pid !== undefined) process.kill(child.pid, 'SIGINT')
    const code = await child.exited
    drained.push(performance.now() - askedAt)
    if (code !== 130) throw new Error(`got exit code ${code} after SIGINT, expected 130`)
    if (trial === trials - 1) break
    running = replay(...slow)
    await running.acknowledged
  }

  const districts = ['--districts', sampleCityPath(), '--district-id', 'id']
  const letters = ['--dead-letters', join(folder, 'dead-letters.ndjson')]
  children.push(new Child('worker', ['count', ...districts, ...letters], program.environment))
  const last = replay('--speed', 'max')
  if ((await last.child.exited) !== 0) throw new Error(last.child.talk.join('\n'))
  const equal = await verify(
    {
      ...DEFAULT_NAMES,
      files: [file],
      districts: sampleCityPath(),
      districtId: 'id',
      timeoutMillis: 120_000,
    },
    program,
  )
  if (equal !== 0) throw new Error('got counts that are not the truth')
  print('kill -9 → first acknowledged put', resumed)
  print('SIGINT → gone', drained)
} finally {
  await Promise.all(children.map((child) => child.stop()))
  await pair.stop()
  await rm(folder, { recursive: true, force: true })
}

function print(subject: string, millis: readonly number[]): void {
  const [median, p99, max] = [
    percentile(millis, 0.5),
    percentile(millis, 0.99),
    Math.max(...millis),
  ]
  if (values.json) {
    const figures = { median, p99, max, unit: 'ms', trials: millis.length }
    process.stdout.write(`${JSON.stringify({ subject, ...figures })}\n`)
    return
  }
  const text = (value: number): string => `${(value / 1000).toFixed(2)} s`
  process.stdout.write(
    `${subject}: median ${text(median)}, p99 ${text(p99)}, max ${text(max)} (${millis.length} trials)\n`,
  )
}
