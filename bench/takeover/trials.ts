/** One trial of each kind: what is done, and the milliseconds until it can be seen in the tables. */
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import type { Random } from '../../src/time/random.ts'
import { systemClock } from '../../src/time/clock.ts'
import type { Sight, Stage, StageWorker } from './stage.ts'
import { SHARDS } from './stage.ts'

const HALF = SHARDS / 2
/** A renewal comes every third of the fail-over time: a kill may fall anywhere in between. */
const RENEWAL_MILLIS = 10_000 / 3

export interface ColdStart {
  firstCount: number
  firstMerged: number
}

/** A worker alone, on tables that nothing was counted into: process start → first partial. */
export async function coldStart(stage: Stage, trial: number): Promise<ColdStart> {
  const name = `cold-${trial}`
  const names = { ...DEFAULT_NAMES, table: `${name}-counts`, application: name }
  await stage.initTables(names)
  const table = stage.table(names)
  const worker = await stage.startWorker(names)
  const firstCount = await stage.until('a first partial', async () => {
    for await (const page of table.scan('partial#', [])) if (page.length > 0) return true
    return false
  })
  const firstMerged = await stage.until('a run to follow', async () => {
    return (await table.get({ pk: 'current', sk: 'current' })) !== undefined
  })
  await worker.child.stop()
  return { firstCount: firstCount - worker.startedAt, firstMerged: firstMerged - worker.startedAt }
}

export interface Join {
  worker: StageWorker
  /** Process start → half of the leases. */
  share: number
  /** Process start → its first durable counts of each shard it took. */
  counting: number[]
}

/** A second worker joins one that has everything. */
export async function join(stage: Stage): Promise<Join> {
  const worker = await stage.startWorker()
  let share = NaN
  const counting = new Map<string, number>()
  await stage.watch(`${worker.name} to have its half`, (sight) => {
    const mine = shardsOf(sight, worker.name)
    if (mine.length >= HALF && Number.isNaN(share)) share = sight.at - worker.startedAt
    noteProgress(counting, sight, mine, worker)
    return counting.size >= HALF
  })
  return { worker, share, counting: [...counting.values()] }
}

export interface TakeOver {
  /** Kill or signal → counts of each of its shards made durable by the other worker. */
  shards: number[]
  /** Records delivered once more to the other worker. */
  readAgain: number
  /** Trips skipped as duplicates by either, from then on. */
  skipped: number
  /** Kill → the merged items move on; nothing where the other worker merges. */
  merged: number[]
}

/** One of two ends by SIGKILL or SIGINT; the other takes its shards. */
export async function takeOver(
  stage: Stage,
  [victim, heir]: readonly [StageWorker, StageWorker],
  signal: 'SIGKILL' | 'SIGINT',
): Promise<TakeOver> {
  const before = await stage.sight()
  const shards = shardsOf(before, victim.name)
  if (shards.length !== HALF) throw new Error(`${victim.name} has ${shards.length} shards`)
  const { pid } = victim.child
  if (pid === undefined) throw new Error(`${victim.name} is not running`)
  const merges = (await stage.merger()).owner === victim.name
  stage.deliveries.forget()
  const startedAt = performance.now()
  process.kill(pid, signal)
  // A write that the victim had sent may still land.
  await systemClock.sleep(100)
  const { version } = await stage.merger()
  const taken = new Map<string, number>()
  let last: Sight = before
  await stage.watch(`${heir.name} to count on`, (sight) => {
    noteProgress(taken, sight, shards, { ...heir, startedAt })
    last = sight
    return taken.size === shards.length
  })
  const readAgain = stage.deliveries.count().again
  const mergedAt = await stage.until(
    `${heir.name} to merge`,
    async () => (await stage.merger()).version > version,
  )
  await victim.child.exited
  return {
    shards: [...taken.values()],
    readAgain,
    skipped: skippedTrips(last) - skippedTrips(before),
    merged: merges ? [mergedAt - startedAt] : [],
  }
}

/** Both count their half, and a random part of the time between two renewals has passed. */
export async function settle(
  stage: Stage,
  workers: readonly StageWorker[],
  random: Random,
): Promise<void> {
  await stage.watch('everyone to count their own', ({ owners, progress }) => {
    const settled = [...owners].filter(([shard, owner]) => progress.get(shard)?.worker === owner)
    const busy = workers.filter(({ name }) => settled.some(([, owner]) => owner === name))
    return settled.length === SHARDS && busy.length === workers.length
  })
  await systemClock.sleep(1_000 + RENEWAL_MILLIS * random())
}

function noteProgress(
  noted: Map<string, number>,
  { at, progress }: Sight,
  shards: readonly string[],
  { name, startedAt }: Pick<StageWorker, 'name' | 'startedAt'>,
): void {
  for (const shard of shards) {
    if (progress.get(shard)?.worker === name && !noted.has(shard)) noted.set(shard, at - startedAt)
  }
}

function shardsOf({ owners }: Sight, worker: string): string[] {
  return [...owners].filter(([, owner]) => owner === worker).map(([shard]) => shard)
}

function skippedTrips({ progress }: Sight): number {
  let sum = 0
  for (const { duplicates } of progress.values()) sum += duplicates
  return sum
}
