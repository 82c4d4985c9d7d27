/** `hailstream status`: per shard and lane, who counts it, how far, and what holds the run back. */
import { textOf } from '../src/counts/item-values.ts'
import { createClients } from '../src/aws/clients.ts'
import { DynamoDBLeaseStore } from '../src/aws/dynamodb-lease-store.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import type { Generation } from '../src/counts/generation.ts'
import { parkedPk, progressPk, stuckKey } from '../src/counts/keys.ts'
import type { ParkedShard } from '../src/counts/parked.ts'
import { parkedNow, parseParked } from '../src/counts/parked.ts'
import { parseProgress } from '../src/counts/progress.ts'
import type { StuckRun } from '../src/counts/stuck.ts'
import { stuckNow } from '../src/counts/stuck.ts'
import type { Progress } from '../src/counts/progress.ts'
import type { Lease } from '../src/leases/lease.ts'
import type { RunView } from '../src/merge/run-view.ts'
import { runViews } from '../src/merge/run-view.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print } from '../src/program/program.ts'
import { formatEventTime } from '../src/time/units.ts'
import { lostTrips, tellLost } from '../src/views/lost-trips.ts'
import { resolveView, statusOf } from '../src/views/view.ts'

export interface StatusCommand extends Names {
  runId?: string
  generation?: string
  json?: boolean
}

export async function status(command: StatusCommand, program: Program): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const view = await resolveView(table, { run: command.runId, generation: command.generation })
    const { generation, runId } = view
    const leases = new DynamoDBLeaseStore({
      client: clients.dynamodb,
      tableName: generation.leaseTable,
      clock: program.clock,
    })
    const items = await table.query(progressPk(generation.id))
    const shards = items.map(parseProgress)
    const notes = await table.query(parkedPk(generation.id))
    const parked = parkedNow(notes.map(parseParked), shards)
    const owners = new Map((await leases.list()).map((lease) => [lease.leaseKey, lease]))
    const merged = await statusOf(table, view)
    const stuck = stuckNow(await table.get(stuckKey(generation.id, runId)), merged)
    const run = runViews(shards).get(runId)
    const lost = lostTrips(merged, view.run)
    const rows = shards.map((shard) => ({
      ...shardRow(shard, owners.get(shard.shardId), runId, program),
      parked: parkedRow(parked.get(shard.shardId)),
    }))
    const summary = {
      run: runId,
      generation: generation.id,
      asOf: merged?.asOf ?? null,
      trips: merged?.trips ?? 0,
      tripsSent: view.run?.tripsSent ?? null,
      tripsPerSecond: merged?.tripsPerSecond ?? 0,
      lagMillis: merged?.lagMillis ?? null,
      heldBy: heldBy(run, shards),
      gap: merged?.gap ?? 0,
      lostTrips: lost.trips,
      lost: lost.ranges,
      duplicatesOfAllRuns: merged?.duplicates ?? 0,
      deadLetters: merged?.deadLetters ?? 0,
      redriven: merged?.redriven ?? 0,
      complete: merged?.complete ?? false,
      parked: [...parked.keys()],
      stuck: stuckRow(stuck),
      verified: merged?.verified ?? null,
      workers: [...new Set([...owners.values()].flatMap((lease) => lease.leaseOwner ?? []))].sort(),
    }
    if (command.json === true || program.stdout.isTTY !== true) {
      for (const row of rows) print(program, { type: 'shard', ...row })
      print(program, { type: 'run', ...summary })
      return 0
    }
    print(program, `Run ${runId} in generation ${generation.id}`)
    print(
      program,
      `as of ${summary.asOf === null ? 'the start' : textOf(summary.asOf)}, ${count(Number(summary.trips))} ${whatTrips(generation)}, lag ${(Number(summary.lagMillis) / 1000).toFixed(1)} s${summary.complete === true ? ', complete' : ''}`,
    )
    if (summary.heldBy !== null && summary.complete !== true)
      print(program, `held back by ${summary.heldBy}`)
    for (const line of tellLost(lost)) print(program, line)
    if (Number(summary.deadLetters) > 0)
      print(program, `${count(Number(summary.deadLetters))} dead letters`)
    if (Number(summary.redriven) > 0)
      print(program, `${count(Number(summary.redriven))} dead letters came back`)
    for (const line of tellStuck(stuck)) print(program, line)
    for (const line of tellParked(parked)) print(program, line)
    print(program, `workers: ${summary.workers.join(', ') || 'none'}`)
    for (const row of rows) {
      print(
        program,
        `${row.shard}  ${row.ended ? 'ended' : (row.owner ?? 'unowned')}  watermark ${row.watermark ?? '–'}  checkpoint ${row.secondsAgo} s ago  behind ${(row.millisBehindLatest / 1000).toFixed(1)} s  ${count(row.trips)} trips`,
      )
    }
    return 0
  } finally {
    clients.destroy()
  }
}

interface ShardRow {
  shard: string
  owner: string | null
  ended: boolean
  /** Lowest watermark of the run's lanes that this shard last carried. */
  watermark: string | null
  millisBehindLatest: number
  secondsAgo: number
  /** Of all runs: counted, and skipped because they were counted before. */
  trips: number
  duplicates: number
}

/** By ordinals alone nobody can tell which trips of a lane came before the start. */
function whatTrips({ startTimestamp }: Generation): string {
  return startTimestamp === null
    ? 'trips counted'
    : 'trips since the run began, those before the start of counting included'
}

function shardRow(
  shard: Progress,
  lease: Lease | undefined,
  runId: string,
  program: Program,
): ShardRow {
  const lanes = [...(shard.lanes.get(runId)?.values() ?? [])]
  const watermark = Math.min(...lanes.map((lane) => lane.watermark))
  return {
    shard: shard.shardId,
    owner: lease?.leaseOwner ?? null,
    ended: shard.ended,
    watermark: Number.isFinite(watermark) ? formatEventTime(watermark) : null,
    millisBehindLatest: shard.millisBehindLatest,
    secondsAgo: Math.max(0, Math.round((program.clock.now() - shard.writtenAt) / 1000)),
    trips: shard.tripsCounted,
    duplicates: shard.duplicates,
  }
}

interface ParkedRow {
  since: string
  attempts: number
  reason: string
  worker: string
}

function parkedRow(note: ParkedShard | undefined): ParkedRow | null {
  if (note === undefined) return null
  const { since, attempts, reason, worker } = note
  return { since: new Date(since).toISOString(), attempts, reason, worker }
}

function* tellParked(parked: ReadonlyMap<string, ParkedShard>): Iterable<string> {
  for (const { shardId, since, attempts, reason, worker } of parked.values()) {
    yield `PARKED: ${shardId} since ${new Date(since).toISOString()}: ${reason}`
    yield `  ${count(attempts)} attempts by ${worker}, which tries it again twice a minute`
  }
}

function stuckRow(note: StuckRun | undefined): Omit<ParkedRow, 'worker'> | null {
  if (note === undefined) return null
  const { since, attempts, reason } = note
  return { since: new Date(since).toISOString(), attempts, reason }
}

function* tellStuck(note: StuckRun | undefined): Iterable<string> {
  if (note === undefined) return
  const { since, attempts, reason } = note
  yield `STUCK: this run is not merged since ${new Date(since).toISOString()}: ${reason}`
  yield `  ${count(attempts)} attempts; it is tried again twice a minute`
}

/** The lane that holds the watermark back, and where it was last seen. */
function heldBy(run: RunView | undefined, shards: readonly Progress[]): string | null {
  if (run === undefined || run.heldBy < 0 || run.ended) return null
  const seen = shards.filter((shard) => shard.lanes.get(run.run)?.has(run.heldBy) === true)
  const where = seen.map((shard) => shard.shardId).join(', ')
  return `lane ${run.heldBy} of ${run.lanes}${where === '' ? ', not heard of yet' : ` (${where})`}`
}
