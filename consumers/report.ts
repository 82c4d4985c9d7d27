/** `hailstream report`: questions of taxi data, answered from the table alone. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { FARE_TIERS, TIP_TIERS } from '../src/counts/measures.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, print, say } from '../src/program/program.ts'
import { faresByHour, tierTrips, topDistricts, totalsIn } from '../src/views/reports.ts'
import type { TierTrips } from '../src/views/reports.ts'
import { csv } from '../src/views/totals.ts'
import type { View } from '../src/views/view.ts'
import { resolveView, statusOf } from '../src/views/view.ts'

export interface ReportCommand extends Names {
  runId?: string
  generation?: string
  from?: number
  to?: number
  format: 'text' | 'json' | 'csv'
}

export interface TopCommand extends ReportCommand {
  by: 'pickups' | 'dropoffs'
  n: number
}

type Cell = string | number | null

interface Report {
  header: readonly string[]
  rows: readonly Readonly<Record<string, Cell>>[]
  /** The rows for people, header first. */
  lines: readonly (readonly string[])[]
}

export function reportFares(command: ReportCommand, program: Program): Promise<ExitCode> {
  return report(command, program, async (table, view) => {
    const rows = await faresByHour(table, view, command)
    const lines = rows.map(({ hour, trips, averageFare }) => [
      `${hour}:00`,
      count(trips),
      averageFare === null ? '–' : averageFare.toFixed(2),
    ])
    return {
      header: ['hour', 'trips', 'fare', 'averageFare'],
      rows: rows.map((row) => ({ ...row })),
      lines: [['hour', 'trips', 'average fare'], ...lines],
    }
  })
}

export function reportTips(command: ReportCommand, program: Program): Promise<ExitCode> {
  return report(command, program, async (table, view) => {
    const rows = tierTrips(await totalsIn(table, view, command))
    return {
      header: ['tipTier', 'fareTier', 'trips'],
      rows: rows.map((row) => ({ ...row })),
      lines: tierTable(rows),
    }
  })
}

export function reportTop(command: TopCommand, program: Program): Promise<ExitCode> {
  return report(command, program, async (table, view) => {
    const { by, n } = command
    const rows = topDistricts(await totalsIn(table, view, command), { by, n, view })
    const lines = rows.map(({ rank, id, pickups, dropoffs, name }) => [
      String(rank),
      id,
      count(pickups),
      count(dropoffs),
      name,
    ])
    return {
      header: ['rank', 'id', 'name', 'pickups', 'dropoffs'],
      rows: rows.map((row) => ({ ...row })),
      lines: [['', 'id', 'pickups', 'dropoffs', 'name'], ...lines],
    }
  })
}

/** Tip tiers down, fare tiers across. */
function tierTable(rows: readonly TierTrips[]): string[][] {
  const trips = (tip: string, fare: string): string =>
    count(rows.find(({ tipTier, fareTier }) => tipTier === tip && fareTier === fare)?.trips ?? 0)
  return [
    ['', ...FARE_TIERS],
    ...TIP_TIERS.map((tip) => [tip, ...FARE_TIERS.map((fare) => trips(tip, fare))]),
    ['none', trips('none', 'none')],
  ]
}

async function report(
  command: ReportCommand,
  program: Program,
  make: (table: TablePort, view: View) => Promise<Report>,
): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const view = await resolveView(table, { run: command.runId, generation: command.generation })
    const { header, rows, lines } = await make(table, view)
    if (command.format === 'json') for (const row of rows) print(program, row)
    else if (command.format === 'csv') {
      const values = rows.map((row) => header.map((name) => row[name] ?? ''))
      program.stdout.write(csv(header, values))
    } else {
      for (const line of aligned(lines)) print(program, line)
      const status = await statusOf(table, view)
      const asOf = typeof status?.asOf === 'string' ? status.asOf : 'the start'
      const complete = status?.complete === true ? ', complete' : ''
      say(program, `Run ${view.runId}, as of ${asOf}${complete}; trips that are in a district.`)
    }
    return 0
  } finally {
    clients.destroy()
  }
}

/** Columns of one width; all but the first and those of words to the right. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const line of lines) {
    line.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length)
    })
  }
  const header = lines[0]
  return lines.map((line) =>
    line
      .map((cell, i) => {
        const isText = i === 0 || header[i] === 'id' || header[i] === 'name'
        return isText ? cell.padEnd(widths[i]) : cell.padStart(widths[i])
      })
      .join('  ')
      .trimEnd(),
  )
}
