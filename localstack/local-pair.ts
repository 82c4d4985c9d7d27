import { createRequire } from 'node:module'
import { access, readFile } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HailstreamError } from '../src/errors.ts'
import { lockDataDir } from './data-lock.ts'
import { startEmulator, type EmulatorProcess } from './emulator-process.ts'
import { orDiskFull } from './full-disk.ts'

export interface LocalPairOptions {
  /** Where both keep their data; made if need be. Without it everything is in memory. */
  dataDir?: string
  /** Cancels a start. A pair that has started is ended by `stop` alone. */
  signal?: AbortSignal
  log?: (line: string) => void
}

/** An emulated Kinesis and an emulated DynamoDB, each a process of its own on 127.0.0.1. */
export interface LocalPair {
  kinesisEndpoint: string
  dynamodbEndpoint: string
  /** What makes the AWS SDK and every hailstream command use this pair. */
  environment: Record<string, string>
  /** The two processes: Kinesis, DynamoDB. */
  pids: readonly [number, number]
  /** Resolves when one of the two has ended by itself; the caller then stops the other. */
  exited: Promise<HailstreamError>
  /** Ends both and frees the data folder. May be called again. */
  stop(): Promise<void>
}

/** What kinesis-local asks for unless told otherwise; it gets a free one. */
const KINESIS_PLAIN_PORT = 4568
const KINESIS_DATA = 'kinesis-data.json'
const MEBIBYTE = 1_048_576

/**
 * Starts both emulators and waits until both answer. They end with this process, whatever ends it.
 * Throws `LOCAL` when one does not start or `dataDir` cannot be used, and the reason of `signal`.
 */
export async function startLocalPair(options: LocalPairOptions = {}): Promise<LocalPair> {
  const { signal, log = () => undefined } = options
  const dataDir = options.dataDir === undefined ? undefined : resolve(options.dataDir)
  const lock = dataDir === undefined ? undefined : await lockDataDir(dataDir)
  const started: EmulatorProcess[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((emulator) => emulator.stop()))
    await lock?.release()
  }
  const abort = new AbortController()
  const either = signal === undefined ? abort.signal : AbortSignal.any([signal, abort.signal])
  const start = async (starting: Promise<EmulatorProcess>): Promise<EmulatorProcess> => {
    try {
      const emulator = await starting
      started.push(emulator)
      return emulator
    } catch (error) {
      abort.abort(error)
      throw error
    }
  }
  const starts = [start(startKinesis(dataDir, either)), start(startDynamodb(dataDir, either))]
  try {
    const [kinesis, dynamodb] = await Promise.all(starts)
    if (kinesis === undefined || dynamodb === undefined) throw new TypeError('two were started')
    await lock?.share([kinesis.pid, dynamodb.pid])
    log(`Kinesis on ${kinesis.endpoint}, DynamoDB on ${dynamodb.endpoint}`)
    let stopped: Promise<void> | undefined
    return {
      kinesisEndpoint: kinesis.endpoint,
      dynamodbEndpoint: dynamodb.endpoint,
      environment: environmentOf(kinesis.endpoint, dynamodb.endpoint),
      pids: [kinesis.pid, dynamodb.pid],
      exited: Promise.race([kinesis.died, dynamodb.died]),
      stop: () => (stopped ??= stop()),
    }
  } catch (error) {
    // Both have come to an answer before the one that did start is ended.
    await Promise.allSettled(starts)
    await stop()
    throw dataDir === undefined ? error : await orDiskFull(error, dataDir)
  }
}

/** Region and keys are made up: neither emulator checks them, and the SDK insists on them. */
function environmentOf(kinesis: string, dynamodb: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_KINESIS: kinesis,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
}

/** Nothing of the caller's environment reaches an emulator but what finds it its programs. */
function baseEnvironment(): Record<string, string> {
  return { PATH: process.env.PATH ?? '', AWS_REGION: 'us-east-1' }
}

async function startKinesis(
  dataDir: string | undefined,
  signal: AbortSignal,
): Promise<EmulatorProcess> {
  const script = createRequire(import.meta.url).resolve('kinesis-local/main.js')
  const folder = dataDir === undefined ? undefined : join(dataDir, 'kinesis')
  if (folder !== undefined) await refuseCutOffData(join(folder, KINESIS_DATA))
  return startEmulator({
    name: 'kinesis-local',
    script,
    args: [],
    // It holds every record of every stream, several times their size, and never lets one go.
    nodeFlags: [`--max-old-space-size=${heapMebibytes()}`],
    environment: {
      ...baseEnvironment(),
      LOG_LEVEL: 'ERROR',
      // It would look for its certificate in the current folder.
      KINESIS_MOCK_CERT_PATH: join(dirname(script), 'server.json'),
      SHARD_LIMIT: '10000',
      ON_DEMAND_STREAM_COUNT_LIMIT: '1000',
      ...Object.fromEntries(STATE_CHANGES.map((name) => [`${name}_DURATION`, '0ms'])),
      ...(folder !== undefined && {
        SHOULD_PERSIST_DATA: 'true',
        PERSIST_PATH: folder,
        PERSIST_FILE_NAME: KINESIS_DATA,
        PERSIST_INTERVAL: '5s',
      }),
    },
    asksForPort: KINESIS_PLAIN_PORT,
    probe: 'Kinesis_20131202.ListStreams',
    signal,
  })
}

function startDynamodb(dataDir: string | undefined, signal: AbortSignal): Promise<EmulatorProcess> {
  return startEmulator({
    name: 'dynalite',
    script: fileURLToPath(new URL('./dynalite-server.js', import.meta.url)),
    args: dataDir === undefined ? [] : [join(dataDir, 'dynamodb')],
    // What a request leaves behind is garbage by the next: it need not be moved out of the way.
    nodeFlags: [`--max-old-space-size=${heapMebibytes()}`, '--max-semi-space-size=32'],
    environment: baseEnvironment(),
    asksForPort: 0,
    probe: 'DynamoDB_20120810.ListTables',
    signal,
  })
}

/** Each takes half a second unless told otherwise. */
const STATE_CHANGES = [
  'CREATE_STREAM',
  'DELETE_STREAM',
  'REGISTER_STREAM_CONSUMER',
  'START_STREAM_ENCRYPTION',
  'STOP_STREAM_ENCRYPTION',
  'DEREGISTER_STREAM_CONSUMER',
  'MERGE_SHARDS',
  'SPLIT_SHARD',
  'UPDATE_SHARD_COUNT',
  'UPDATE_STREAM_MODE',
]

/** A ceiling, not a reservation: half of the machine, 1 GiB at least and 4 GiB at most. */
function heapMebibytes(): number {
  return Math.min(4_096, Math.max(1_024, Math.floor(totalmem() / 2 / MEBIBYTE)))
}

/**
 * kinesis-local rewrites its file in place; killed in the middle it leaves a piece of it, and dies
 * of that at the next start with a stack trace.
 */
async function refuseCutOffData(file: string): Promise<void> {
  const exists = await access(file).then(
    () => true,
    () => false,
  )
  if (!exists) return
  try {
    JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw new HailstreamError(
      'LOCAL',
      {
        subject: basename(file),
        got: 'a file that was cut off while it was written',
        expected: 'the streams as kinesis-local left them',
        fix: 'The streams are lost: remove the data folder, and start and replay again.',
      },
      { cause: error },
    )
  }
}
