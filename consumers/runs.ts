/** `hailstream runs list` and `runs delete`. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import type { Generation } from '../src/counts/generation.ts'
import { parseGeneration } from '../src/counts/generation.ts'
import { GENERATION_PK, RUN_PK, statusKey } from '../src/counts/keys.ts'
import * as keys from '../src/counts/keys.ts'
import { textOf } from '../src/counts/item-values.ts'
import type { ItemKey, TablePort } from '../src/counts/table-port.ts'
import { HailstreamError } from '../src/errors.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import type { Run } from '../src/runs/run.ts'
import { parseRun, runItem } from '../src/runs/run.ts'
import type { RunInGeneration } from '../src/runs/still-counted.ts'
import { mayStillBeCounted } from '../src/runs/still-counted.ts'
import { DAY_MILLIS } from '../src/time/units.ts'

export async function listRuns(
  command: Names & { json?: boolean },
  program: Program,
): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const runs = (await table.query(RUN_PK)).map(parseRun).filter((run) => run.state !== 'deleted')
    const current = await table.get(keys.CURRENT_KEY)
    runs.sort((a, b) => a.startedAt - b.startedAt)
    for (const run of runs) {
      const row = {
        run: run.id,
        state: run.state,
        startedAt: new Date(run.startedAt).toISOString(),
        files: run.plan.files,
        tripsSent: run.tripsSent,
        current: current?.run === run.id,
      }
      if (command.json === true || program.stdout.isTTY !== true) print(program, row)
      else {
        const sent = run.tripsSent === null ? '' : `  ${count(run.tripsSent)} trips`
        print(
          program,
          `${row.current ? '*' : ' '} ${run.id}  ${run.state}  ${row.startedAt}${sent}  ${run.plan.files.join(', ')}`,
        )
      }
    }
    if (runs.length === 0) say(program, 'There are no runs yet.')
    return 0
  } finally {
    clients.destroy()
  }
}

/** Removes a run that nothing writes to any more, with all its counts. */
export async function deleteRun(
  command: Names & { run: string; yes: boolean },
  program: Program,
): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const run = await findRun(table, command.run)
    if (!command.yes) {
      throw new HailstreamError('USAGE', {
        subject: 'runs delete',
        got: 'no --yes',
        expected: 'it, because the counts of the run would be lost',
      })
    }
    if (run.state === 'running') throw stillLive(run)
    if (run.state === 'deleted') {
      say(program, `Run ${run.id} was deleted already.`)
      return 0
    }
    const generations = (await table.query(GENERATION_PK)).map(parseGeneration)
    const runs = (await table.query(RUN_PK)).map(parseRun)
    for (const generation of generations) {
      const there = await inGeneration(table, run, runs, generation)
      if (mayStillBeCounted(run, there)) throw notCounted(run, generation.id)
    }
    let removed = 0
    for (const { id: generation } of generations) {
      removed += await removeCounts(table, generation, run.id)
      await letStatusExpire(table, generation, run.id, program)
    }
    await table.delete(keys.frontierKey(run.id))
    await table.put(runItem({ ...run, state: 'deleted' }))
    await followAnother(table, run.id)
    say(program, `Run ${run.id} and ${count(removed)} items of its counts are gone.`)
    return 0
  } finally {
    clients.destroy()
  }
}

async function inGeneration(
  table: TablePort,
  run: Run,
  runs: readonly Run[],
  generation: Generation,
): Promise<RunInGeneration> {
  const { id } = generation
  const statuses = await table.getMany(runs.map((each) => statusKey(id, each.id)))
  const complete = new Map(statuses.map(({ pk, complete }) => [pk, complete === true]))
  const began = runs.filter((each) => complete.get(statusKey(id, each.id).pk) === true)
  const progress = await table.query(keys.progressPk(id))
  return {
    generation,
    complete: complete.get(statusKey(id, run.id).pk),
    lastWrittenAt: Math.max(-Infinity, ...progress.map(({ writtenAt }) => Number(writtenAt))),
    lastCompleteBegan: Math.max(-Infinity, ...began.map(({ startedAt }) => startedAt)),
  }
}

/** Points dashboards to the newest run that is left, where they followed the one that is gone. */
async function followAnother(table: TablePort, gone: string): Promise<void> {
  const current = await table.get(keys.CURRENT_KEY)
  if (current?.run !== gone) return
  const runs = (await table.query(RUN_PK)).map(parseRun).filter((run) => run.state !== 'deleted')
  runs.sort((a, b) => b.startedAt - a.startedAt)
  for (const run of runs) {
    const status = await table.get(statusKey(textOf(current.generation), run.id))
    if (status === undefined) continue
    const version = Number(current.version) + 1
    await table.put({ ...current, run: run.id, runStartedAt: run.startedAt, version })
    return
  }
  await table.delete(keys.CURRENT_KEY)
}

export async function findRun(table: TablePort, id: string): Promise<Run> {
  const item = await table.get(keys.runKey(id))
  if (item !== undefined) return parseRun(item)
  const runs = await table.query(RUN_PK)
  throw new HailstreamError('RUN', {
    subject: 'Run',
    got: id,
    expected:
      runs.length === 0
        ? 'a run; there is none yet'
        : `one of ${runs.map(({ sk }) => sk).join(', ')}`,
  })
}

function stillLive(run: Run): HailstreamError {
  return new HailstreamError('RUN', {
    subject: `Run ${run.id}`,
    got: 'one that has not ended',
    expected: 'a run that is complete, or was ended',
    fix: `End it first: hailstream runs end ${run.id}`,
  })
}

function notCounted(run: Run, generation: string): HailstreamError {
  return new HailstreamError('RUN', {
    subject: `Run ${run.id}`,
    got: `one that generation ${generation} may still count`,
    expected: 'a run that is complete in every generation of its stream',
    fix: `Let the workers of ${generation} count it, or a later run, to its end.`,
  })
}

async function removeCounts(table: TablePort, generation: string, run: string): Promise<number> {
  const gone: ItemKey[] = []
  const pks = [
    keys.hourPk(generation, run),
    keys.dayPk(generation, run),
    keys.rollingPk(generation, run),
  ]
  for (const pk of pks) gone.push(...(await table.query(pk)))
  const stuck = await table.get(keys.stuckKey(generation, run))
  if (stuck !== undefined) gone.push(stuck)
  for await (const page of table.scan(keys.partialPrefix(generation, run), [])) gone.push(...page)
  // The status stays for now: it is what tells a late record of the run that it is a duplicate.
  for (const { pk, sk } of gone) await table.delete({ pk, sk })
  return gone.length
}

/**
 * No stream keeps a record for longer than 365 days
 * (docs.aws.amazon.com/streams/latest/dev/kinesis-extended-retention.html); some more for clocks.
 */
const NO_RECORD_IS_OLDER_MILLIS = 400 * DAY_MILLIS

/** Once no record of the run can be in any stream, nobody needs to be told that it is a duplicate. */
async function letStatusExpire(
  table: TablePort,
  generation: string,
  run: string,
  program: Program,
): Promise<void> {
  const key = statusKey(generation, run)
  const expiresAt = Math.ceil((program.clock.now() + NO_RECORD_IS_OLDER_MILLIS) / 1000)
  for (let attempt = 0; attempt < 10; attempt++) {
    const status = await table.get(key)
    if (status === undefined) return
    const known = { kind: 'equal', attribute: 'version', value: Number(status.version) } as const
    const item = { ...status, [keys.EXPIRES_AT]: expiresAt, version: known.value + 1 }
    if ((await table.put(item, known)) === 'ok') return
  }
}
