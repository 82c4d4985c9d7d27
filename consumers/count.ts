/** `hailstream count`: a worker that counts the stream by district. */
import { createClients } from '../src/aws/clients.ts'
import type { Clients } from '../src/aws/clients.ts'
import { DynamoDBLeaseStore } from '../src/aws/dynamodb-lease-store.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { firstCall } from '../src/aws/first-call.ts'
import { KinesisFanOut, registerConsumer } from '../src/aws/kinesis-fan-out.ts'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import type { Generation } from '../src/counts/generation.ts'
import {
  generationItem,
  makeGeneration,
  parseGeneration,
  slotsOf,
} from '../src/counts/generation.ts'
import { generationKey } from '../src/counts/keys.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { HailstreamError, messageOf } from '../src/errors.ts'
import { FanOut } from '../src/kinesis/fan-out.ts'
import type { WorkerEvent } from '../src/pipeline/worker.ts'
import { Worker } from '../src/pipeline/worker.ts'
import { paceFor } from '../src/program/pace.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, say } from '../src/program/program.ts'
import { formatDuration } from '../src/time/units.ts'
import { rollingWindows } from '../src/windows/rolling-windows.ts'
import type { KeepDeadLetters } from './dead-letters.ts'
import {
  checkDeadLetterPlace,
  deadLetterFile,
  deadLetterFolder,
  deadLetterStream,
} from './dead-letters.ts'
import type { DistrictOptions } from './districts.ts'
import { chooseDistricts } from './districts.ts'
import { keepOutline } from './keep-outline.ts'

export interface CountCommand extends Names, DistrictOptions {
  paneMillis: number
  /** `latest` is the time at which the generation was first counted. */
  start: 'trim-horizon' | 'latest' | number
  outOfOrdernessMillis: number
  flushMillis: number
  /** Undefined: a default on AWS, no limit where DynamoDB is emulated. */
  writeUnits?: number
  mergeUnits?: number
  failoverMillis: number
  /** Windows of the rolling items; undefined: the usual ones. */
  rollingMillis?: readonly number[]
  /** A folder, or `stream:NAME`. */
  deadLetter?: string
  /** A file. */
  deadLetters?: string
  worker?: string
  /** Records are pushed to this worker, rather than polled. */
  fanOut: boolean
}

/** Write units a second on AWS where none are asked for: about a flush a second of a few blocks. */
const DEFAULT_WRITE_UNITS = 25
const DEFAULT_MERGE_UNITS = 200
const MERGE_MILLIS = 1_000
/** Of blocks that are clean: thousands of a sparse city, or a day or two of a busy one. */
const CACHED_BYTES = 200_000_000
/** docs.aws.amazon.com/kinesis/latest/APIReference/API_RegisterStreamConsumer.html, 2026-11. */
const MAX_CONSUMER_NAME = 128

export async function countStream(command: CountCommand, program: Program): Promise<ExitCode> {
  const startAt = startTimestamp(command, program)
  const rollingMillis = rollingWindows(command.rollingMillis, command.paneMillis)
  const clients = createClients(program.environment)
  try {
    const kinesis = new KinesisStream(clients.kinesis, command.stream)
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const described = firstCall(() => kinesis.describe(), program, program.drain)
    // Asked while a thread reads the districts; what is wrong with those is told first.
    described.catch(() => undefined)
    const { counted, locator } = await chooseDistricts(command, program)
    const stream = await described
    const generation = await beginGeneration(
      table,
      makeGeneration({
        districts: counted,
        paneMillis: command.paneMillis,
        stream,
        table: command.table,
        application: command.application,
        startTimestamp: startAt,
        now: program.clock.now(),
      }),
    )
    const pace = {
      ...paceFor(clients.emulated.kinesis),
      // A subscription sets the pace itself.
      ...(command.fanOut && { idleMillis: 0, readMillis: 0 }),
    }
    const unlimited = clients.emulated.dynamodb
    const workerId = command.worker ?? newWorkerId(program)
    const keepDeadLetters = await deadLetterPlace(command, workerId, clients.kinesis, program)
    const { paneMillis } = generation.geometry
    const worker = new Worker(
      {
        workerId,
        generation,
        slots: slotsOf(generation),
        locator,
        outOfOrdernessMillis: command.outOfOrdernessMillis,
        flushMillis: command.flushMillis,
        idleMillis: pace.idleMillis,
        readMillis: pace.readMillis,
        readLimit: pace.readLimit,
        cachedBytes: CACHED_BYTES,
        failoverMillis: command.failoverMillis,
        checkpointMillis: 10_000,
        writeUnits: command.writeUnits ?? (unlimited ? Infinity : DEFAULT_WRITE_UNITS),
        mergeUnits: command.mergeUnits ?? (unlimited ? Infinity : DEFAULT_MERGE_UNITS),
        mergeMillis: MERGE_MILLIS,
        rollingMillis,
      },
      {
        kinesis,
        ...(command.fanOut && { reads: await subscribe(kinesis, clients, generation, program) }),
        table,
        leases: new DynamoDBLeaseStore({
          client: clients.dynamodb,
          tableName: generation.leaseTable,
          clock: program.clock,
        }),
        clock: program.clock,
        random: program.random,
        keepDeadLetters,
        onEvent: teller(program),
      },
    )
    const { districts } = generation
    const what =
      districts.ids.length === 0 ? 'zone ids as given' : `${districts.ids.length} districts`
    say(
      program,
      `Worker ${workerId} counts ${what} of ${districts.name} in panes of ` +
        `${formatDuration(paneMillis)} (generation ${generation.id}).`,
    )
    await Promise.all([worker.run(program.drain), keepOutline(table, generation, command, program)])
    say(program, `Worker ${workerId} has handed its shards over.`)
    return 0
  } finally {
    clients.destroy()
  }
}

async function deadLetterPlace(
  { deadLetter, deadLetters, stream: counted }: CountCommand,
  workerId: string,
  client: Clients['kinesis'],
  program: Program,
): Promise<KeepDeadLetters> {
  if (deadLetter === undefined) {
    const file = deadLetters ?? `dead-letters-${workerId}.ndjson`
    await checkDeadLetterPlace({ file })
    return deadLetterFile(file)
  }
  const name = /^stream:(.+)$/.exec(deadLetter)?.at(1)
  if (name === undefined) {
    await checkDeadLetterPlace({ folder: deadLetter })
    return deadLetterFolder(deadLetter, workerId)
  }
  if (name === counted) {
    throw new HailstreamError('USAGE', {
      subject: '--dead-letter',
      got: `stream ${name}, which is counted`,
      expected: 'another one: letters in it would die again, for ever',
    })
  }
  const fix = 'Make it first, or name another place with --dead-letter.'
  const stream = new KinesisStream(client, name, fix)
  // Here rather than at the first letter, which may come at night.
  await firstCall(() => stream.describe(), program, program.drain)
  return deadLetterStream(stream, program)
}

function startTimestamp(command: CountCommand, program: Program): number | null {
  if (command.start === 'trim-horizon') return null
  const now = program.clock.now()
  if (command.start === 'latest') return now
  if (command.start <= now) return command.start
  // It would stand in the table for good, and Kinesis takes no such time.
  throw new HailstreamError('USAGE', {
    subject: '--start',
    got: `${new Date(command.start).toISOString()}, which is yet to come`,
    expected: 'a time that has come, latest or trim-horizon',
  })
}

/** The generation as its first worker wrote it: where it starts is decided once. */
async function beginGeneration(table: TablePort, wanted: Generation): Promise<Generation> {
  const made = await table.put(generationItem(wanted), { kind: 'absent' })
  if (made === 'ok') return wanted
  const item = await table.get(generationKey(wanted.id))
  if (item === undefined) return beginGeneration(table, wanted)
  const existing = parseGeneration(item)
  if (existing.streamCreationTime !== wanted.streamCreationTime) {
    const made = (time: number): string => new Date(time).toISOString()
    throw new HailstreamError('STREAM', {
      subject: `Kinesis stream ${wanted.streamName}`,
      got: `one made at ${made(wanted.streamCreationTime)}`,
      expected: `the one made at ${made(existing.streamCreationTime)} that this table counts`,
      fix: 'Count it into another --table, or start over with `hailstream init --reset --yes`.',
    })
  }
  return existing
}

/** Each generation counts by itself, and so is a consumer of its own, known by its lease table. */
async function subscribe(
  polling: KinesisStream,
  { kinesis }: Clients,
  { streamName, leaseTable }: Generation,
  { clock }: Program,
): Promise<FanOut> {
  const name = leaseTable.slice(-MAX_CONSUMER_NAME)
  const arn = await registerConsumer(kinesis, streamName, name, clock)
  const subscriptions = new KinesisFanOut(kinesis, streamName, arn)
  return new FanOut({ subscriptions, polling, clock })
}

/** Unique among all workers there ever were, and readable in the lease table. */
function newWorkerId(program: Program): string {
  const random = Math.floor(program.random() * 36 ** 6)
  return `worker-${program.clock.now().toString(36)}-${random.toString(36).padStart(6, '0')}`
}

const REPEAT_MILLIS = 5_000

/** Tells what happens; the same trouble over and over is told once in a while, with its number. */
function teller(program: Program): (event: WorkerEvent) => void {
  const troubles = new Map<string, { toldAt: number; since: number }>()
  return (event) => {
    if (event.type === 'shard') {
      say(program, `Shard ${event.shardId}: ${event.what}.`)
    } else if (event.type === 'gap') {
      say(
        program,
        `Shard ${event.shardId}: its parents ${event.parents.join(', ')} were trimmed away before ` +
          'they were counted to their end; what they still held is missing from the counts.',
      )
    } else if (event.type === 'trouble') {
      const { shardId, attempts, parked } = event
      const what = parked
        ? `is parked, as \`hailstream status\` tells too, and tried again twice a minute; other shards go on. ${count(attempts)} attempts so far`
        : `could not be counted and is tried again. Attempt ${attempts}`
      say(program, `Shard ${shardId} ${what}: ${messageOf(event.error)}`)
    } else if (event.type === 'stuck') {
      tellTrouble(
        `run ${event.run} is stuck, as \`hailstream status\` tells too; other runs go on. ${messageOf(event.error)}`,
      )
    } else if (event.type === 'lease' && event.event.type === 'frozen') {
      say(program, `This process stood still for ${Math.round(event.event.gapMillis)} ms.`)
    } else {
      const error =
        event.type === 'retry'
          ? event.error
          : event.event.type === 'failed'
            ? event.event.error
            : undefined
      if (error !== undefined) tellTrouble(messageOf(error))
    }
  }

  function tellTrouble(message: string): void {
    const now = program.clock.monotonicMillis()
    const known = troubles.get(message) ?? { toldAt: -Infinity, since: 0 }
    troubles.set(message, known)
    known.since++
    if (now - known.toldAt < REPEAT_MILLIS) return
    say(program, `Trying again${known.since > 1 ? ` (${known.since} times)` : ''}: ${message}`)
    known.toldAt = now
    known.since = 0
  }
}
