/**
 * How long a worker's event loop is held up: `npm run bench:event-loop [-- --json]`.
 *
 * A worker with all its loops (leases, four shards, flushes, the merger) runs in this process, with
 * the real SDK on both sides: a Kinesis in another process that gives out what it is asked for at
 * once, and the embedded DynamoDB. It counts a feed from its beginning until everything is merged
 * and final, at the pace for AWS, and `perf_hooks` watches the loop all the while, from before the
 * district file is read.
 *
 *     dense    1,000,000 trips of six hours: large replies, few and large items
 *     sparse   10,000 trips of a year: thousands of partials, hours and days
 *
 * Figures are the longest turn of the loop and percentiles of all turns, in ms. A turn can be several
 * pieces of work, so no piece is longer. On a busy machine it has the time of others in it, and so
 * has that of an idle process, which is watched beside it; on Linux it is told too how long the
 * worker's main thread had the processor in a turn.
 */
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { startLocalPair } from '../localstack/local-pair.ts'
import { sampleCityPath } from '../samples/city-file.ts'
import { createClients } from '../src/aws/clients.ts'
import { DynamoDBLeaseStore } from '../src/aws/dynamodb-lease-store.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import { ensureCountsTable } from '../src/aws/provision.ts'
import { generationItem, makeGeneration, slotsOf } from '../src/counts/generation.ts'
import { statusKey } from '../src/counts/keys.ts'
import { readDistricts } from '../src/geo/district-file.ts'
import { Worker } from '../src/pipeline/worker.ts'
import { AWS_PACE } from '../src/program/pace.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import { watchTurns, watchWork } from './event-loop/turns.ts'
import type { TurnFigures } from './event-loop/turns.ts'
import { DISTRICT_FILES, HAS_SHARED_DATA, sharedPath } from '../test/geo/shared-data.ts'

interface Load {
  name: string
  trips: number
  /** Of the event times, ms. */
  span: number
}

const HOUR = 3_600_000
const LOADS: readonly Load[] = [
  { name: 'dense', trips: 1_000_000, span: 6 * HOUR },
  { name: 'sparse', trips: 10_000, span: 365 * 24 * HOUR },
]
const SHARDS = 4
const TABLE = 'hailstream-counts'
const [CITY] = HAS_SHARED_DATA
  ? DISTRICT_FILES.map(({ file, id }) => ({ path: sharedPath(file), id }))
  : [{ path: sampleCityPath(), id: 'id' }]
/** The run that the feed says it is. */
const RUN = 'bench'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    load: { type: 'string' },
    // For whoever gives it to all benchmarks: it is one round, whose longest turn counts.
    rounds: { type: 'string' },
  },
})

const pair = await startLocalPair()
try {
  for (const load of LOADS) {
    if (values.load !== undefined && values.load !== load.name) continue
    const server = fork(
      fileURLToPath(new URL('./event-loop/feed-server.js', import.meta.url)),
      [load.trips, load.span, SHARDS].map(String),
    )
    try {
      await watch(load, server)
    } finally {
      server.disconnect()
    }
  }
} finally {
  await pair.stop()
}

async function watch(load: Load, server: ChildProcess): Promise<void> {
  const [{ port }] = (await once(server, 'message')) as [{ port: number }]
  const idle = fork(fileURLToPath(new URL('./event-loop/idle-loop.js', import.meta.url)))
  await once(idle, 'spawn')
  const clients = createClients({
    ...process.env,
    ...pair.environment,
    AWS_ENDPOINT_URL_KINESIS: `http://127.0.0.1:${port}`,
  })
  try {
    const table = new DynamodbTable(clients.dynamodb, TABLE)
    await ensureCountsTable(clients.dynamodb, TABLE, systemClock)
    const turns = watchTurns()
    const work = watchWork()
    const startedAt = performance.now()
    const { index, ...districts } = await readDistricts(CITY.path, CITY.id)
    const generation = makeGeneration({
      districts: { ...districts, name: load.name },
      paneMillis: 300_000,
      stream: { name: 'bench', creationTime: 1 },
      table: 't',
      application: 'hailstream',
      startTimestamp: null,
      now: systemClock.now(),
    })
    await table.put(generationItem(generation))
    const drain = new AbortController()
    const worker = new Worker(
      {
        ...AWS_PACE,
        workerId: 'bench',
        generation,
        slots: slotsOf(generation),
        locator: index,
        outOfOrdernessMillis: 60_000,
        flushMillis: 1_000,
        cachedBytes: 200_000_000,
        failoverMillis: 10_000,
        checkpointMillis: 10_000,
        writeUnits: Infinity,
        mergeUnits: Infinity,
        mergeMillis: 1_000,
        rollingMillis: [5, 15, 30, 60].map((minutes) => minutes * 60_000),
      },
      {
        kinesis: new KinesisStream(clients.kinesis, 'bench'),
        table,
        leases: new DynamoDBLeaseStore({
          client: clients.dynamodb,
          tableName: generation.leaseTable,
          clock: systemClock,
        }),
        clock: systemClock,
        random: systemRandom,
        keepDeadLetters: () => Promise.reject(new Error('a generated trip was a dead letter')),
        onEvent: () => undefined,
      },
    )
    const working = worker.run(drain.signal)
    const key = statusKey(generation.id, RUN)
    while ((await Promise.race([table.get(key), working]))?.complete !== true) {
      await systemClock.sleep(200)
    }
    const ofWorker = turns()
    tell(`event loop of a worker, ${load.name}`, ofWorker)
    if (work) tell(`processor time in a turn of it, ${load.name}`, work())
    const seconds = (performance.now() - startedAt) / 1000
    idle.send('stop')
    const [ofIdle] = (await once(idle, 'message')) as [TurnFigures]
    tell(`event loop of an idle process beside it, ${load.name}`, ofIdle)
    console.error(`${load.name}: ${load.trips} trips in ${seconds.toFixed(1)} s`)
    drain.abort()
    await working
  } finally {
    clients.destroy()
    if (idle.connected) idle.disconnect()
  }
}

function tell(subject: string, millis: TurnFigures): void {
  const rounded = (value: number): number => Number(value.toFixed(1))
  const [longest, p999, p99] = millis.map(rounded)
  if (values.json) {
    const figures = { peer: '', ratio: null, median: longest, spread: [p99, longest] }
    console.log(JSON.stringify({ subject, ...figures, unit: 'ms, longest turn', p99, p999 }))
    return
  }
  console.log(`${subject.padEnd(48)} longest ${longest} ms, p99.9 ${p999} ms, p99 ${p99} ms`)
}
