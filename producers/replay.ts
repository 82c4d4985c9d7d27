/** `hailstream replay`: trip files into the stream, in event-time order, at a chosen speed. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { firstCall } from '../src/aws/first-call.ts'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import { frontierKey, runKey } from '../src/counts/keys.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { HailstreamError } from '../src/errors.ts'
import type { StreamDescription } from '../src/kinesis/kinesis-port.ts'
import { paceFor } from '../src/program/pace.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import { lanePartitionKey } from '../src/replay/lane-keys.ts'
import { tripsPerAggregate } from '../src/replay/lane-queue.ts'
import { planDeal } from '../src/replay/plan-deal.ts'
import { Replayer } from '../src/replay/replayer.ts'
import type { Run, RunPlan } from '../src/runs/run.ts'
import {
  checkResume,
  checkRunId,
  checkSameTrips,
  deriveRunId,
  parseRun,
  runItem,
} from '../src/runs/run.ts'
import { retrying } from '../src/time/retry.ts'
import type { ColumnMap } from '../src/trips/column-map.ts'
import type { ReleaseOrder } from '../src/trips/trip.ts'
import type { TripSource, TripSummary } from '../src/trips/trip-source.ts'
import { expandFiles, fingerprintFiles, openTrips } from '../src/trips/trip-source.ts'
import { printForecast } from './forecast.ts'
import { nothingToReplay } from './no-trips.ts'
import { ReplayDisplay } from './replay-display.ts'

export interface ReplayCommand extends Names {
  files: readonly string[]
  columns?: ColumnMap
  /** Text of `--columns`, part of what a run is. */
  columnsText?: string
  /** Event seconds per second; 1 where neither it nor a duration is given. */
  speed?: number
  /** The whole replay is to take this long. */
  durationMillis?: number
  order: ReleaseOrder
  from?: number
  to?: number
  loop: boolean
  codec: 'binary' | 'json'
  lanes?: number
  runId?: string
  newRun: boolean
  quarantine?: string
  /** Begin a run of an input without a trip, too. */
  allowEmpty?: boolean
  dryRun: boolean
}

export async function replay(command: ReplayCommand, program: Program): Promise<ExitCode> {
  const files = await expandFiles(command.files)
  const plan = await planRun(command, files)
  if (command.dryRun) return forecast(command, files, program)

  const clients = createClients(program.environment)
  try {
    const kinesis = new KinesisStream(clients.kinesis, command.stream)
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const id = runIdFor(command, plan, program)
    const [stream, existing] = await Promise.all([
      firstCall(() => kinesis.describe(), program, program.drain),
      readRun(table, id),
    ])
    if (existing !== undefined) {
      if (existing.state === 'ended' || existing.state === 'deleted') throw overRun(existing)
      checkResume(existing, plan, stream)
      if (existing.state === 'sent') {
        if (program.stdout.isTTY !== true) print(program, { type: 'complete', run: id })
        say(program, `Run ${id} is already complete: ${count(existing.tripsSent ?? 0)} trips sent.`)
        say(program, 'Replay the files again as a new feed with --new-run.')
        return 0
      }
    }
    const display = new ReplayDisplay(program)
    const quarantinePath = command.quarantine ?? `rejected-${id}.ndjson`
    const source = await openTrips({
      files,
      columns: command.columns,
      order: command.order,
      from: command.from,
      to: command.to,
      quarantinePath,
      stdin: program.stdin,
      signal: program.drain,
      onProgress: (rows, bytes) => display.reading(rows, bytes),
    }).finally(() => display.readingOver())
    try {
      if (existing !== undefined) checkSameTrips(existing, source.summary)
      else if (source.summary.trips === 0 && command.allowEmpty !== true) {
        throw nothingToReplay(source.summary, quarantinePath)
      }
      const pace = paceFor(clients.emulated.kinesis)
      const run =
        existing ?? (await beginRun({ id, plan, stream, source, command, pace, table, program }))
      return await send({
        run,
        resumed: existing !== undefined,
        source,
        command,
        kinesis,
        table,
        pace,
        program,
        display,
      })
    } finally {
      await source.close()
    }
  } finally {
    clients.destroy()
  }
}

/** Event seconds per second. */
function speedOf(command: ReplayCommand, summary: TripSummary): number {
  const { speed, durationMillis } = command
  if (durationMillis === undefined || summary.trips === 0) return speed ?? 1
  return Math.max(0.001, (summary.lastTime - summary.firstTime) / Math.max(1, durationMillis))
}

async function planRun(command: ReplayCommand, files: readonly string[]): Promise<RunPlan> {
  const stdin = files.includes('-')
  const names = files.map((file) => file.split('/').pop() ?? file)
  const fingerprint = stdin ? '' : await fingerprintFiles(files)
  return {
    files: stdin ? ['stdin'] : names,
    inputFingerprint:
      command.columnsText === undefined || stdin
        ? fingerprint
        : `${fingerprint} ${command.columnsText}`,
    order: command.order,
    from: command.from ?? null,
    to: command.to ?? null,
    codec: command.codec,
    passes: command.loop ? null : 1,
  }
}

function runIdFor(command: ReplayCommand, plan: RunPlan, program: Program): string {
  const id = command.runId === undefined ? deriveRunId(plan) : checkRunId(command.runId)
  const fresh = command.newRun || (plan.inputFingerprint === '' && command.runId === undefined)
  return fresh ? `${id.slice(0, 50)}-${program.clock.now().toString(36)}` : id
}

async function readRun(table: TablePort, id: string): Promise<Run | undefined> {
  const item = await table.get(runKey(id))
  return item === undefined ? undefined : parseRun(item)
}

/** Its trips would be taken for duplicates of those that were counted, or are not to be. */
function overRun({ id, state }: Run): HailstreamError {
  return new HailstreamError('RUN', {
    subject: `Run ${id}`,
    got: state === 'ended' ? 'a run that was ended with `runs end`' : 'a run that was deleted',
    expected: 'one that may go on',
    fix: 'Start afresh with --new-run.',
  })
}

interface Beginning {
  id: string
  plan: RunPlan
  stream: StreamDescription
  source: TripSource
  command: ReplayCommand
  pace: ReturnType<typeof paceFor>
  table: TablePort
  program: Program
}

/** Writes the run item before the first put: it decides how the trips are dealt, for good. */
async function beginRun(beginning: Beginning): Promise<Run> {
  const { id, plan, stream, source, command, pace, table, program } = beginning
  const { summary } = source
  const fullCount = tripsPerAggregate({
    runId: id,
    // The longest key any lane can have is a few characters more; the lane itself counts exactly.
    partitionKey: lanePartitionKey(0, 1).padEnd(12, '0'),
    codec: plan.codec,
    aggregateBytes: pace.aggregateBytes,
  })
  const run: Run = {
    id,
    plan,
    deal: planDeal({
      shards: stream.openShards,
      lanes: command.lanes,
      fullCount,
      trips: summary.trips,
      spanMillis: summary.lastTime - summary.firstTime,
      speed: speedOf(command, summary),
      lingerMillis: pace.lingerMillis,
    }),
    streamName: stream.name,
    streamCreationTime: stream.creationTime,
    state: 'running',
    startedAt: program.clock.now(),
    rowsRead: summary.rowsRead,
    rejected: summary.rejected,
    outsideWindow: summary.outsideWindow,
    tripsSent: null,
    finishedAt: null,
  }
  const outcome = await table.put(runItem(run), { kind: 'absent' })
  if (outcome === 'ok') return run
  const other = await readRun(table, id)
  if (other === undefined) return beginRun(beginning)
  checkResume(other, plan, stream)
  checkSameTrips(other, summary)
  return other
}

interface Sending {
  run: Run
  resumed: boolean
  source: TripSource
  command: ReplayCommand
  kinesis: KinesisStream
  table: TablePort
  pace: ReturnType<typeof paceFor>
  program: Program
  display: ReplayDisplay
}

async function send(sending: Sending): Promise<ExitCode> {
  const { run, resumed, source, command, kinesis, table, pace, program, display } = sending
  const { clock, random } = program
  const frontier = resumed ? await table.get(frontierKey(run.id)) : undefined
  const acknowledged = Array.isArray(frontier?.acknowledged)
    ? frontier.acknowledged.map(Number)
    : []
  const { summary } = source
  const speed = speedOf(command, summary)
  display.begin(
    run,
    speed,
    summary,
    acknowledged.reduce((sum, trips) => sum + trips, 0),
  )
  const replayer = new Replayer(
    {
      trips: summary.trips,
      firstTime: summary.firstTime,
      lastTime: summary.lastTime,
      slabs: () => source.slabs(),
    },
    {
      run,
      speed,
      aggregateBytes: pace.aggregateBytes,
      lingerMillis: pace.lingerMillis,
      heartbeatMillis: pace.heartbeatMillis,
      bufferBytes: 16 * 1024 * 1024,
      maxRequests: pace.maxRequests,
    },
    {
      kinesis,
      clock,
      random,
      saveFrontier: async (counts) => {
        const item = { ...frontierKey(run.id), acknowledged: counts, savedAt: clock.now() }
        await retrying(() => table.put(item), { clock, random }, program.drain)
      },
      onProgress: (progress) => display.progress(progress),
    },
    program.drain,
    acknowledged,
  )
  const outcome = await replayer.run()
  if (!outcome.complete) {
    display.interrupted(run, outcome)
    return 130
  }
  const sent: Run = { ...run, state: 'sent', tripsSent: outcome.trips, finishedAt: clock.now() }
  // Only over `running`: whoever ended the run meanwhile has the last word.
  const running = { kind: 'equal', attribute: 'state', value: 'running' } as const
  const outcomeOfPut = await retrying(() => table.put(runItem(sent), running), { clock, random })
  const there = outcomeOfPut === 'ok' ? sent : await readRun(table, run.id)
  if (there?.state !== 'sent') throw overRun(there ?? { ...run, state: 'deleted' })
  display.done(sent, summary, outcome)
  return 0
}

async function forecast(
  command: ReplayCommand,
  files: readonly string[],
  program: Program,
): Promise<ExitCode> {
  const source = await openTrips({
    files,
    columns: command.columns,
    order: command.order,
    from: command.from,
    to: command.to,
    stdin: program.stdin,
    signal: program.drain,
  })
  try {
    printForecast(
      source.summary,
      { speed: speedOf(command, source.summary), codec: command.codec },
      program,
    )
    return 0
  } finally {
    await source.close()
  }
}
