/** `hailstream verify`: recounts the files in batch and compares the table with that, to the trip. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { parseGeneration, slotsOf } from '../src/counts/generation.ts'
import { GENERATION_PK, RUN_PK, statusKey } from '../src/counts/keys.ts'
import type { Item, TablePort } from '../src/counts/table-port.ts'
import { HailstreamError } from '../src/errors.ts'
import type { Route, RouteSums } from '../src/merge/routes-item.ts'
import { parseRoutes, routesKey } from '../src/merge/routes-item.ts'
import { textOf } from '../src/counts/item-values.ts'
import { parseEventTime } from '../src/time/units.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import type { Run } from '../src/runs/run.ts'
import { parseRun } from '../src/runs/run.ts'
import type { ColumnMap } from '../src/trips/column-map.ts'
import type { ReleaseOrder } from '../src/trips/trip.ts'
import type { TripSummary } from '../src/trips/trip-source.ts'
import { expandFiles, fingerprintFiles, openTrips } from '../src/trips/trip-source.ts'
import type { Difference } from '../src/verify/compare.ts'
import {
  differences,
  endsOf,
  paneRouteDifferences,
  routeDifferences,
} from '../src/verify/compare.ts'
import type { PaneCounts, PaneRoutes } from '../src/verify/recount.ts'
import { recount, routesBetween } from '../src/verify/recount.ts'
import { windowTotals } from '../src/views/totals.ts'
import { lostTrips, tellLost } from '../src/views/lost-trips.ts'
import type { View } from '../src/views/view.ts'
import { resolveView, statusOf } from '../src/views/view.ts'
import type { DistrictOptions } from './districts.ts'
import { chooseDistricts } from './districts.ts'
import type { ComparedRoutes } from './verify-routes.ts'
import { compareRoutes } from './verify-routes.ts'

export interface VerifyCommand extends Names, DistrictOptions {
  files: readonly string[]
  columns?: ColumnMap
  columnsText?: string
  order?: ReleaseOrder
  from?: number
  to?: number
  runId?: string
  generation?: string
  timeoutMillis: number
}

/** Differences shown on a page; the rest are counted. */
const MAX_SHOWN = 200
const POLL_MILLIS = 500

export async function verify(command: VerifyCommand, program: Program): Promise<ExitCode> {
  const { locator, counted } = await chooseDistricts(command, program)
  const files = await expandFiles(command.files)
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const runId = command.runId ?? (await runOf(table, files, command))
    const deadline = program.clock.monotonicMillis() + command.timeoutMillis
    const generation =
      command.generation ?? (await generationOf(table, counted.fingerprint, deadline, program))
    const view = await resolveView(table, { run: runId, generation })
    checkDistricts(view, counted.fingerprint, counted.name)
    const { run } = view
    if (run?.plan.passes === null) {
      throw new HailstreamError('RUN', {
        subject: `Run ${runId}`,
        got: 'an endless one (--loop)',
        expected: 'a run that sends each trip once',
      })
    }
    const status = await untilMerged(table, view, deadline, program)
    const source = await openTrips({
      files,
      columns: command.columns,
      order: run?.plan.order ?? command.order ?? 'pickup',
      from: command.from ?? run?.plan.from ?? undefined,
      to: command.to ?? run?.plan.to ?? undefined,
      stdin: program.stdin,
      signal: program.drain,
    })
    try {
      const { paneMillis } = view.generation.geometry
      const told = await routesOf(table, view, program)
      const slots = slotsOf(view.generation)
      const panes: PaneRoutes = new Map()
      const truth = await recount(source.slabs(), slots, locator, paneMillis, panes)
      const counts = await tableCounts(table, view, paneMillis)
      const routes = await compareRoutes(table, view, panes, counts.keys())
      const top = told && { ...told, sums: routesBetween(panes, told.from, told.to) }
      const { summary } = source
      const equal = tell({ truth, counts, routes, top, status, run, summary, view, program })
      // What is not counted to its end is not wrong either: dashboards are told of no verdict yet.
      if (status?.complete === true) {
        const isVerdict = equal || (await isItsInput(run, files, command))
        if (isVerdict) await noteVerified(table, view, equal, program)
        else say(program, 'The run did not replay these files as they are: no verdict is kept.')
      }
      return equal ? 0 : 1
    } finally {
      await source.close()
    }
  } finally {
    clients.destroy()
  }
}

/** The newest run that replayed these files, whatever it is called. */
async function runOf(
  table: TablePort,
  files: readonly string[],
  command: VerifyCommand,
): Promise<string | undefined> {
  const runs = (await table.query(RUN_PK)).map(parseRun)
  if (runs.length === 0 || files.includes('-')) return undefined
  const fingerprint = await fingerprintOf(files, command)
  const matching = runs.filter(
    (run) => run.plan.inputFingerprint === fingerprint && run.state !== 'deleted',
  )
  const newest = matching.sort((a, b) => b.startedAt - a.startedAt).at(0)
  if (newest !== undefined) return newest.id
  throw new HailstreamError('RUN', {
    subject: 'verify',
    got: `files that no run replayed as they are now`,
    expected: `those of ${runs.map((run) => `${run.id} (${run.plan.files.join(', ')})`).join('; ')}`,
    fix: 'Name the run with --run-id to compare all the same.',
  })
}

async function fingerprintOf(
  files: readonly string[],
  { columnsText }: VerifyCommand,
): Promise<string> {
  const content = await fingerprintFiles(files)
  return columnsText === undefined ? content : `${content} ${columnsText}`
}

/** Other files, or another window of them, prove nothing against a run. Of standard input nobody knows. */
async function isItsInput(
  run: Run | undefined,
  files: readonly string[],
  command: VerifyCommand,
): Promise<boolean> {
  if (run === undefined) return true
  const { inputFingerprint, from, to } = run.plan
  if ((command.from ?? from) !== from || (command.to ?? to) !== to) return false
  if (inputFingerprint === '' || files.includes('-')) return true
  return inputFingerprint === (await fingerprintOf(files, command))
}

/**
 * The newest generation that counts by these districts, once a worker has begun it. Undefined, which
 * means the current one, where there is none.
 */
async function generationOf(
  table: TablePort,
  fingerprint: string,
  deadline: number,
  program: Program,
): Promise<string | undefined> {
  for (;;) {
    const generations = (await table.query(GENERATION_PK)).map(parseGeneration)
    const matching = generations.filter(({ districts }) => districts.fingerprint === fingerprint)
    const newest = matching.sort((a, b) => b.createdAt - a.createdAt).at(0)
    const late = program.clock.monotonicMillis() >= deadline
    if (newest !== undefined || generations.length > 0 || late) return newest?.id
    await program.clock.sleep(POLL_MILLIS, program.drain)
    if (program.drain.aborted) return undefined
  }
}

function checkDistricts(view: View, fingerprint: string, name: string): void {
  const { districts } = view.generation
  if (districts.fingerprint === fingerprint) return
  throw new HailstreamError('GENERATION', {
    subject: '--districts',
    got: name,
    expected: `the districts of generation ${view.generation.id}, ${districts.name}`,
    fix: 'Give the file (and --district-id) the counts were made with, or name another --generation.',
  })
}

async function untilMerged(
  table: TablePort,
  view: View,
  deadline: number,
  program: Program,
): Promise<Item | undefined> {
  const { clock, drain } = program
  for (;;) {
    const status = await statusOf(table, view)
    if (status?.complete === true || drain.aborted) return status
    if (clock.monotonicMillis() >= deadline) {
      say(program, 'Not everything was merged in time; comparing what is there.')
      return status
    }
    await clock.sleep(POLL_MILLIS, drain)
  }
}

async function tableCounts(table: TablePort, view: View, paneMillis: number): Promise<PaneCounts> {
  const windows = await windowTotals(table, view, paneMillis, {})
  return new Map(windows.map(({ start, sums, unclassified }) => [start, { sums, unclassified }]))
}

interface ToldRoutes {
  from: number
  to: number
  told: Route[]
}

/** The routes item, and of which time it is. */
async function routesOf(
  table: TablePort,
  view: View,
  program: Program,
): Promise<ToldRoutes | undefined> {
  const item = await table.get(routesKey(view.generation.id, view.runId))
  if (item === undefined) {
    say(program, 'There is no item of routes to compare.')
    return undefined
  }
  return {
    from: parseEventTime(textOf(item.from), 'routes'),
    to: parseEventTime(textOf(item.to), 'routes'),
    told: parseRoutes(item),
  }
}

interface Findings {
  truth: PaneCounts
  counts: PaneCounts
  routes: ComparedRoutes
  top: (ToldRoutes & { sums: RouteSums }) | undefined
  status: Item | undefined
  run: Run | undefined
  summary: TripSummary
  view: View
  program: Program
}

function tell(findings: Findings): boolean {
  const { truth, counts, routes, top, status, run, summary, view, program } = findings
  const sent = run?.tripsSent ?? summary.trips
  const deadLetters = Number(status?.deadLetters ?? 0)
  const rejected = summary.rejected
  const outside =
    summary.outsideWindow > 0 ? ` + ${count(summary.outsideWindow)} outside the window` : ''
  const rowsAdd = summary.rowsRead === sent + rejected + summary.outsideWindow
  print(
    program,
    `rows read ${count(summary.rowsRead)} ${rowsAdd ? '=' : '≠'} trips sent ${count(sent)} + rows rejected ${count(rejected)}${outside}`,
  )
  let endsAdd = true
  for (const [end, { districts, unclassified }] of Object.entries(endsOf(counts))) {
    let none = 0
    for (const value of unclassified.values()) none += value
    const reasons = [...unclassified]
      .map(([reason, value]) => `${reason} ${count(value)}`)
      .join(', ')
    const adds = sent === districts + none + deadLetters
    endsAdd &&= adds
    print(
      program,
      `${end}s: trips sent ${count(sent)} ${adds ? '=' : '≠'} in districts ${count(districts)} + unclassified ` +
        `${count(none)}${reasons === '' ? '' : ` (${reasons})`} + dead letters ${count(deadLetters)}`,
    )
  }
  const lost = tellLost(lostTrips(status, run))
  for (const line of lost) print(program, line)
  let different = 0
  const found = [
    differences(truth, counts),
    paneRouteDifferences(routes.truth, routes.table),
    top === undefined ? [] : routeDifferences(top.from, top.sums, top.told),
  ]
  for (const each of found) {
    for (const difference of each) {
      different++
      if (different <= MAX_SHOWN) print(program, describe(difference))
    }
  }
  if (routes.leftOut > 0) {
    say(program, `Routes: the ${count(routes.leftOut)} oldest blocks of panes were not compared.`)
  }
  if (different > MAX_SHOWN) print(program, `… and ${count(different - MAX_SHOWN)} more.`)
  const equal = different === 0 && rowsAdd && endsAdd && lost.length === 0
  print(
    program,
    equal
      ? `equal: run ${view.runId} in generation ${view.generation.id} is the batch truth, to the trip`
      : `NOT EQUAL: ${count(different)} differences in run ${view.runId}`,
  )
  return equal
}

function describe({ pane, id, measure, truth, table }: Difference): string {
  return `${pane}  ${id}  ${measure}: files ${truth}, table ${table}`
}

/** Leaves word in the status item, for dashboards. */
async function noteVerified(
  table: TablePort,
  view: View,
  equal: boolean,
  program: Program,
): Promise<void> {
  for (let attempt = 0; attempt < 10; attempt++) {
    const status = await table.get(statusKey(view.generation.id, view.runId))
    if (status === undefined) return
    const version = Number(status.version)
    const verified = { equal, at: program.clock.now() }
    const outcome = await table.put(
      { ...status, verified, version: version + 1 },
      { kind: 'equal', attribute: 'version', value: version },
    )
    if (outcome === 'ok') return
  }
}
