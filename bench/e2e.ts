/**
 * End to end on the embedded pair: `npm run bench:e2e [-- --trips N] [--rounds N] [--json]`.
 *
 * One operation is one trip on its whole way: read from a generated CSV, put into Kinesis in order,
 * read by one of two workers, classified at both ends, counted, merged, final. The clock runs from
 * the first put (the replay has read its input by then) to the status item that says complete.
 *
 * The peer puts records of 51 kB into the same emulator and gets them, nothing else: as many as
 * would hold the trips, once before and once after each round. The share is of the mean of the two.
 * Each round has a pair of its own, because an emulated stream slows down with what it holds.
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
import { DEFAULT_NAMES } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { runTotals } from '../src/views/totals.ts'
import { resolveView, statusOf } from '../src/views/view.ts'
import { bareLoop } from './e2e/bare-loop.ts'
import { benchProgram } from './program.ts'
import { measured, printer, rounded } from './report.ts'
import { spreadOf } from './rounds.ts'

const TRIPS_PER_RECORD = 592

const { values } = parseArgs({
  options: {
    trips: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})
const trips = Number(values.trips)
const print = printer(values.json)
const folder = await mkdtemp(join(tmpdir(), 'hailstream-bench-'))
try {
  const file = join(folder, 'trips.csv')
  await writeSampleTrips(file, { trips })
  const rates: number[] = []
  const bareRates: number[] = []
  for (let round = 0; round < Number(values.rounds); round++) {
    const pair = await startLocalPair()
    try {
      const records = Math.ceil(trips / TRIPS_PER_RECORD)
      const before = await bareLoop(pair.environment, 'bare-before', records)
      rates.push(await endToEnd(file, pair.environment))
      const after = await bareLoop(pair.environment, 'bare-after', records)
      bareRates.push((before + after) / 2)
    } finally {
      await pair.stop()
    }
  }
  const share = spreadOf(rates.map((rate, i) => (100 * rate) / bareRates[i]))
  const bare = rounded(spreadOf(bareRates).median)
  const row = measured('e2e', share, '%')
  print({ ...row, peer: `bare put + get loop (${bare} trips/s)`, ratio: row.median })
  print(measured('e2e', spreadOf(rates), 'trips/s'))
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** Trips a second from the first put to the last count. */
async function endToEnd(file: string, environment: Record<string, string>): Promise<number> {
  const program = benchProgram({ environment })
  await init({ ...DEFAULT_NAMES, shards: 4, reset: false, yes: false }, program)
  const children: Child[] = []
  const clients = createClients(program.environment)
  try {
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
    const table = new DynamodbTable(clients.dynamodb, DEFAULT_NAMES.table)
    const failure = Promise.race(children.map((child) => child.failed())).then(({ message }) => {
      throw new Error(message)
    })
    await Promise.race([replaying.exited, failure])
    const view = await Promise.race([settledView(table), failure])
    const seconds = (performance.now() - firstPut) / 1000
    const { sums, unclassified } = await runTotals(table, view)
    let counted = 0
    for (const row of sums.values()) counted += row[0]
    for (let reason = 0; reason < unclassified.length / 2; reason++) counted += unclassified[reason]
    if (counted !== trips) throw new Error(`counted ${counted} of ${trips} trips`)
    return trips / seconds
  } finally {
    await Promise.all(children.map((child) => child.stop()))
    clients.destroy()
  }
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
