/**
 * The producer, from a raw CSV file to acknowledged puts: `npm run bench:replay [-- --json]`.
 *
 * One operation is one trip: read from a CSV of 19 columns that is not in order, checked, sorted,
 * dealt to 8 lanes, aggregated (MD5), and put by the real SDK: JSON, base64 and signature. Only the
 * network is missing: the SDK's request handler takes every request and acknowledges it at once. A
 * round is 500,000 trips.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import { AWS_PACE } from '../src/program/pace.ts'
import { lanePartitionKey } from '../src/replay/lane-keys.ts'
import { tripsPerAggregate } from '../src/replay/lane-queue.ts'
import { Replayer } from '../src/replay/replayer.ts'
import type { Run } from '../src/runs/run.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import { openTrips } from '../src/trips/trip-source.ts'
import { benchOptions, measured, scaled } from './report.ts'
import { compete, spreadOf } from './rounds.ts'

const TRIPS = 500_000
const LANES = 8
const RUN_ID = 'bench'
const NAME = '"PartitionKey"'

const { rounds, print } = benchOptions()
const folder = await mkdtemp(join(tmpdir(), 'hailstream-bench-'))
const cpuSeconds: number[] = []
try {
  const file = join(folder, 'trips.csv')
  await writeCsv(file)
  const [standing] = await compete([{ name: 'hailstream', run: () => replay(file) }], { rounds })
  print(measured('replay', scaled(standing.rate, 1e-6), 'M trips/s'))
  const perCpu = cpuSeconds.slice(-rounds).map((seconds) => TRIPS / seconds)
  print(measured('replay, by CPU time', scaled(spreadOf(perCpu), 1e-6), 'M trips/CPU s'))
} finally {
  await rm(folder, { recursive: true, force: true })
}

/** In a process of its own: what making it leaves behind would be collected during the rounds. */
async function writeCsv(file: string): Promise<void> {
  const script = fileURLToPath(new URL('./csv/write-yellow.js', import.meta.url))
  const [exitCode] = (await once(fork(script, [file, String(TRIPS)]), 'exit')) as [number | null]
  if (exitCode !== 0) throw new Error(`the trips were not written: exit code ${exitCode}`)
}

async function replay(file: string): Promise<number> {
  const cpu = process.cpuUsage()
  const source = await openTrips({ files: [file], order: 'pickup' })
  const { summary } = source
  const client = acknowledgingClient()
  const outcome = await new Replayer(
    {
      trips: summary.trips,
      firstTime: summary.firstTime,
      lastTime: summary.lastTime,
      slabs: () => source.slabs(),
    },
    {
      run: runOf(),
      speed: Infinity,
      aggregateBytes: AWS_PACE.aggregateBytes,
      lingerMillis: AWS_PACE.lingerMillis,
      heartbeatMillis: AWS_PACE.heartbeatMillis,
      bufferBytes: 32 * 1024 * 1024,
      maxRequests: AWS_PACE.maxRequests,
    },
    {
      kinesis: new KinesisStream(client, 'bench'),
      clock: systemClock,
      random: systemRandom,
      saveFrontier: () => Promise.resolve(),
    },
    new AbortController().signal,
  ).run()
  await source.close()
  client.destroy()
  if (!outcome.complete || outcome.trips !== TRIPS) {
    throw new Error(`${outcome.trips} of ${TRIPS} trips were sent`)
  }
  const { user, system } = process.cpuUsage(cpu)
  cpuSeconds.push((user + system) / 1e6)
  return outcome.trips
}

/** Says of every record that it is in the stream. Bodies are counted, not parsed. */
function acknowledgingClient(): KinesisClient {
  let sequence = 0
  return new KinesisClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: {
      handle: ({ body }: { body: Uint8Array }) => {
        const Records = Array.from({ length: recordsIn(body) }, () => ({
          SequenceNumber: String(sequence++),
          ShardId: 'shardId-000000000000',
        }))
        const reply = JSON.stringify({ FailedRecordCount: 0, Records })
        const response = { statusCode: 200, headers: {}, body: Readable.from([Buffer.from(reply)]) }
        return Promise.resolve({ response })
      },
    },
  })
}

/** Each has one of these names; nothing else in the body does: data are base64. */
function recordsIn(body: Uint8Array): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  let count = 0
  for (let at = bytes.indexOf(NAME); at >= 0; at = bytes.indexOf(NAME, at + 1)) count++
  return count
}

function runOf(): Run {
  const handSize = tripsPerAggregate({
    runId: RUN_ID,
    partitionKey: lanePartitionKey(0, LANES),
    codec: 'binary',
    aggregateBytes: AWS_PACE.aggregateBytes,
  })
  return {
    id: RUN_ID,
    plan: {
      files: ['trips.csv'],
      inputFingerprint: '',
      order: 'pickup',
      from: null,
      to: null,
      codec: 'binary',
      passes: 1,
    },
    deal: { lanes: LANES, handSize },
    streamName: 'bench',
    streamCreationTime: 1,
    state: 'running',
    startedAt: 1,
    rowsRead: TRIPS,
    rejected: 0,
    outsideWindow: 0,
    tripsSent: null,
    finishedAt: null,
  }
}
