/**
 * End to end on the embedded pair: `npm run bench:e2e [-- --trips N] [--json]`.
 *
 * One operation is one trip on its whole way: read from a generated CSV, put into Kinesis in order,
 * read by one of two workers, classified at both ends, counted, merged, final. The clock runs from
 * the first put (the replay has read its input by then) to the status item that says complete.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Child } from '../bin/child.ts'
import { init } from '../bin/init.ts'
import { startLocalPair } from '../localstack/local-pair.ts'
import { sampleCityPath } from '../samples/city-file.ts'
import { writeSampleTrips } from '../samples/sample-trips.ts'
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import type { Program } from '../src/program/program.ts'
import { count, DEFAULT_NAMES } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import { runTotals } from '../src/views/totals.ts'
import { resolveView, statusOf } from '../src/views/view.ts'

const { values } = parseArgs({
  options: { trips: { type: 'string', default: '200000' }, json: { type: 'boolean' } },
})
const trips = Number(values.trips)
const folder = await mkdtemp(join(tmpdir(), 'hailstream-bench-'))
const pair = await startLocalPair()
const children: Child[] = []
try {
  const file = join(folder, 'trips.csv')
  await writeSampleTrips(file, { trips })
  const program: Program = {
    environment: { ...process.env, ...pair.environment },
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock: systemClock,
    random: systemRandom,
    drain: new AbortController().signal,
    colour: false,
  }
  await init({ ...DEFAULT_NAMES, shards: 4, reset: false, yes: false }, program)
  const districts = ['--districts', sampleCityPath(), '--district-id', 'id']
  const letters = ['--dead-letters', join(folder, 'dead-letters.ndjson')]
  for (const name of ['a', 'b']) {
    const args = ['count', ...districts, ...letters, '--worker', name]
    children.push(new Child(`worker ${name}`, args, program.environment))
  }
  let firstPut = NaN
  const quarantine = ['--quarantine', join(folder, 'rejected.ndjson')]
  const replaying = new Child(
    'the replay',
    ['replay', '--speed', 'max', ...quarantine, file],
    program.environment,
    {
      onData: (line) => {
        if (line.type === 'run') firstPut = performance.now()
      },
    },
  )
  children.push(replaying)
  const clients = createClients(program.environment)
  const table = new DynamodbTable(clients.dynamodb, DEFAULT_NAMES.table)
  const failure = Promise.race(children.map((child) => child.failed())).then(({ message }) => {
    throw new Error(message)
  })
  await Promise.race([replaying.exited, failure])
  const sent = performance.now()
  const view = await Promise.race([settledView(table), failure])
  const seconds = (performance.now() - firstPut) / 1000
  const { sums, unclassified } = await runTotals(table, view)
  let counted = 0
  for (const row of sums.values()) counted += row[0]
  for (let reason = 0; reason < unclassified.length / 2; reason++) counted += unclassified[reason]
  clients.destroy()
  if (counted !== trips) throw new Error(`counted ${counted} of ${trips} trips`)
  const rate = Math.round(trips / seconds)
  if (values.json === true) {
    const figures = { peer: null, ratio: null, median: rate, spread: null, unit: 'trips/s' }
    process.stdout.write(`${JSON.stringify({ subject: 'e2e', ...figures, trips, seconds })}\n`)
  } else {
    process.stdout.write(
      `${count(trips)} trips in ${seconds.toFixed(1)} s from the first put to the last count ` +
        `(${((sent - firstPut) / 1000).toFixed(1)} s of it sending): ${count(rate)} trips/s\n`,
    )
  }
} finally {
  await Promise.all(children.map((child) => child.stop()))
  await pair.stop()
  await rm(folder, { recursive: true, force: true })
}

async function settledView(table: DynamodbTable): ReturnType<typeof resolveView> {
  for (;;) {
    try {
      const view = await resolveView(table, {})
      if ((await statusOf(table, view))?.complete === true) return view
    } catch {
      // Nothing is merged yet.
    }
    await systemClock.sleep(50)
  }
}
