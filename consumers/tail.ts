/** `hailstream tail`: the rolling counts as they come; a live table on a TTY, NDJSON otherwise. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { rollingPk } from '../src/counts/keys.ts'
import type { Item, TablePort } from '../src/counts/table-port.ts'
import { HailstreamError, messageOf } from '../src/errors.ts'
import { attributesOf, textOf } from '../src/counts/item-values.ts'
import { rollingKey } from '../src/merge/rolling-item.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import { isRetryable } from '../src/time/retry.ts'
import { formatDuration } from '../src/time/units.ts'
import type { View } from '../src/views/view.ts'
import { resolveView, statusOf } from '../src/views/view.ts'

export interface TailCommand extends Names {
  runId?: string
  generation?: string
  /** Undefined: 15 minutes, or what there is. */
  rollingMillis?: number
  by: 'pickups' | 'dropoffs'
  top: number
  district?: string
}

const POLL_MILLIS = 1_000
const RETRY_MILLIS = 3_000
const DEFAULT_ROLLING_MILLIS = 15 * 60_000

export async function tail(command: TailCommand, program: Program): Promise<ExitCode> {
  const clients = createClients(program.environment)
  const live = program.stdout.isTTY === true
  let shown = 0
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    let told = ''
    while (!program.drain.aborted) {
      const seen = await look(table, command, program)
      if (seen === undefined) continue
      const { view, item, status } = seen
      if (view === undefined || item === undefined) {
        if (told === '') say(program, 'Waiting for the first counts …')
        told ||= 'waiting'
      } else if (live) {
        shown = redraw(screen(command, view, item, status, program), shown, program)
      } else {
        const version = `${view.runId} ${textOf(item.version)}`
        if (version !== told) printRow(command, view, item, status, program)
        told = version
      }
      await program.clock.sleep(POLL_MILLIS, program.drain)
    }
    return 0
  } finally {
    clients.destroy()
  }
}

interface Seen {
  view?: View
  item?: Item | undefined
  status?: Item | undefined
}

/** One look at the table; undefined when it could not be had just now. */
async function look(
  table: TablePort,
  command: TailCommand,
  program: Program,
): Promise<Seen | undefined> {
  try {
    const view = await viewOrNothing(table, command)
    if (view === undefined) return {}
    const item = await rollingOf(table, view, command.rollingMillis)
    return { view, item, status: await statusOf(table, view) }
  } catch (error) {
    if (!isRetryable(error)) throw error
    say(program, `Trying again: ${messageOf(error)}`)
    await program.clock.sleep(RETRY_MILLIS, program.drain)
    return undefined
  }
}

async function viewOrNothing(table: TablePort, command: TailCommand): Promise<View | undefined> {
  try {
    return await resolveView(table, { run: command.runId, generation: command.generation })
  } catch (error) {
    if (error instanceof HailstreamError && error.code === 'RUN' && command.runId === undefined) {
      return undefined
    }
    throw error
  }
}

async function rollingOf(
  table: TablePort,
  view: View,
  rollingMillis: number | undefined,
): Promise<Item | undefined> {
  const wanted = rollingMillis ?? DEFAULT_ROLLING_MILLIS
  const item = await table.get(rollingKey(view.generation.id, view.runId, wanted))
  if (item !== undefined) return item
  const windows = await table.query(rollingPk(view.generation.id, view.runId))
  if (windows.length === 0 || rollingMillis === undefined) return windows.at(0)
  throw new HailstreamError('USAGE', {
    subject: '--rolling',
    got: formatDuration(rollingMillis),
    expected: `one of ${windows.map((window) => window.sk).join(', ')}`,
  })
}

interface DistrictRow {
  id: string
  name: string
  pickups: number
  dropoffs: number
}

function rowsOf(command: TailCommand, view: View, item: Item): DistrictRow[] {
  const { ids, names } = view.generation.districts
  const nameOf = new Map(ids.map((id, i) => [id, names[i]]))
  return Object.entries(attributesOf(item.districts))
    .filter(([id]) => command.district === undefined || id === command.district)
    .map(([id, value]) => {
      const measures = attributesOf(value)
      return {
        id,
        name: nameOf.get(id) ?? '',
        pickups: Number(measures.pickups),
        dropoffs: Number(measures.dropoffs),
      }
    })
    .sort((a, b) => b[command.by] - a[command.by] || (a.id < b.id ? -1 : 1))
    .slice(0, command.top)
}

function printRow(
  command: TailCommand,
  view: View,
  item: Item,
  status: Item | undefined,
  program: Program,
): void {
  const all = attributesOf(item.all)
  print(program, {
    run: view.runId,
    window: item.sk,
    asOf: item.asOf,
    from: item.from,
    to: item.to,
    final: item.final,
    version: item.version,
    pickups: all.pickups ?? 0,
    dropoffs: all.dropoffs ?? 0,
    trips: status?.trips ?? 0,
    lagMillis: status?.lagMillis ?? null,
    districts: rowsOf(command, view, item),
  })
}

function screen(
  command: TailCommand,
  view: View,
  item: Item,
  status: Item | undefined,
  program: Program,
): string[] {
  const width = program.stdout.columns ?? 80
  // Cut before it is coloured: a line that wraps would be counted wrong by the next drawing.
  const cut = (text: string): string => text.slice(0, Math.max(20, width - 1))
  const styled = (text: string, style: number): string =>
    program.colour ? `\u001b[${style}m${cut(text)}\u001b[0m` : cut(text)
  const bold = (text: string): string => styled(text, 1)
  const dim = (text: string): string => styled(text, 2)
  const rows = rowsOf(command, view, item)
  const most = Math.max(1, ...rows.map((row) => row[command.by]))
  const idWidth = Math.max(2, ...rows.map((row) => row.id.length))
  const bar = Math.max(5, Math.min(24, width - idWidth - 50))
  const lines = [
    bold(
      `${textOf(item.from).replace('T', ' ')} – ${textOf(item.to).slice(11)}   last ${item.sk}, by ${command.by}`,
    ),
    dim(
      `run ${view.runId}   as of ${textOf(item.asOf).replace('T', ' ')}   ${count(Number(status?.trips ?? 0))} trips` +
        `   lag ${(Number(status?.lagMillis ?? 0) / 1000).toFixed(1)} s${status?.complete === true ? '   complete' : ''}`,
    ),
    '',
    dim(`${'id'.padEnd(idWidth)}  ${'pickups'.padStart(8)}  ${'dropoffs'.padStart(8)}`),
  ]
  for (const row of rows) {
    const filled = Math.round((row[command.by] / most) * bar)
    lines.push(
      cut(
        `${row.id.padEnd(idWidth)}  ${count(row.pickups).padStart(8)}  ${count(row.dropoffs).padStart(8)}  ` +
          `${'█'.repeat(filled).padEnd(bar)}  ${row.name}`,
      ),
    )
  }
  return lines
}

/** Draws over the last drawing; returns how many lines it took. */
function redraw(lines: readonly string[], before: number, program: Program): number {
  const up = before > 0 ? `\u001b[${before}A` : ''
  program.stdout.write(`${up}\u001b[0J${lines.join('\n')}\n`)
  return lines.length
}
