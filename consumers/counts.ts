/** `hailstream counts`: one look at the counts, from the table alone. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { MEASURES } from '../src/counts/measures.ts'
import { HailstreamError } from '../src/errors.ts'
import { measuresOf, unclassifiedOf } from '../src/merge/columns.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import { formatDuration, formatEventTime, HOUR_MILLIS } from '../src/time/units.ts'
import { addUp, csv, runTotals, totalsRows, windowTotals } from '../src/views/totals.ts'
import type { View } from '../src/views/view.ts'
import { checkDistrict, resolveView, statusOf } from '../src/views/view.ts'

export interface CountsCommand extends Names {
  runId?: string
  generation?: string
  windowMillis?: number
  from?: number
  to?: number
  district?: string
  format: 'text' | 'json' | 'csv'
}

export async function counts(command: CountsCommand, program: Program): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const view = await resolveView(table, { run: command.runId, generation: command.generation })
    checkDistrict(command.district, view)
    if (command.windowMillis === undefined) await printTotals(command, table, view, program)
    else await printWindows(command, command.windowMillis, table, view, program)
    return 0
  } finally {
    clients.destroy()
  }
}

async function printTotals(
  command: CountsCommand,
  table: DynamodbTable,
  view: View,
  program: Program,
): Promise<void> {
  const bounded = command.from !== undefined || command.to !== undefined
  const totals = bounded
    ? addUp(await windowTotals(table, view, HOUR_MILLIS, command))
    : await runTotals(table, view)
  const rows = totalsRows(totals, view.generation.districts.ids).filter(
    ([id]) => command.district === undefined || id === command.district,
  )
  if (command.format === 'csv') {
    program.stdout.write(csv(['id', 'pickups', 'dropoffs'], rows))
    return
  }
  if (command.format === 'json') {
    for (const [id, pickups, dropoffs] of rows) {
      const sums = totals.sums.get(id) ?? new Float64Array(MEASURES)
      const more =
        id === 'NONE' ? { unclassified: unclassifiedOf(totals.unclassified) } : measuresOf(sums)
      print(program, { id, pickups, dropoffs, ...more })
    }
    return
  }
  const status = await statusOf(table, view)
  const names = new Map(
    view.generation.districts.ids.map((id, i) => [id, view.generation.districts.names[i]]),
  )
  const width = Math.max(2, ...rows.map(([id]) => id.length))
  print(
    program,
    `${'id'.padEnd(width)}  ${'pickups'.padStart(10)}  ${'dropoffs'.padStart(10)}  name`,
  )
  for (const [id, pickups, dropoffs] of rows) {
    const name = id === 'NONE' ? 'in no district' : (names.get(id) ?? '')
    print(
      program,
      `${id.padEnd(width)}  ${count(pickups).padStart(10)}  ${count(dropoffs).padStart(10)}  ${name}`,
    )
  }
  const asOf = typeof status?.asOf === 'string' ? status.asOf : 'the start'
  say(program, `Run ${view.runId}, as of ${asOf}${status?.complete === true ? ', complete' : ''}.`)
}

async function printWindows(
  command: CountsCommand,
  windowMillis: number,
  table: DynamodbTable,
  view: View,
  program: Program,
): Promise<void> {
  const { paneMillis } = view.generation.geometry
  if (windowMillis % paneMillis !== 0) {
    throw new HailstreamError('USAGE', {
      subject: '--window',
      got: formatDuration(windowMillis),
      expected: `a multiple of the pane, ${formatDuration(paneMillis)}`,
    })
  }
  const windows = await windowTotals(table, view, windowMillis, command)
  const header = ['start', 'id', 'pickups', 'dropoffs']
  const rows: (string | number)[][] = []
  for (const window of windows) {
    const start = formatEventTime(window.start)
    for (const [id, pickups, dropoffs] of totalsRows(window, [])) {
      if (command.district !== undefined && id !== command.district) continue
      if (command.format === 'json') {
        const sums = window.sums.get(id)
        print(program, {
          start,
          id,
          pickups,
          dropoffs,
          ...(sums !== undefined && measuresOf(sums)),
        })
      } else rows.push([start, id, pickups, dropoffs])
    }
  }
  if (command.format === 'csv') program.stdout.write(csv(header, rows))
  if (command.format === 'text') {
    for (const row of [header, ...rows]) {
      print(
        program,
        `${String(row[0]).padEnd(19)}  ${String(row[1]).padEnd(8)}  ${String(row[2]).padStart(9)}  ${String(row[3]).padStart(9)}`,
      )
    }
  }
}
