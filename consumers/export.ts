/** `hailstream export`: the merged counts as a file, page by page. */
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { itemPages } from '../src/aws/item-pages.ts'
import { HailstreamError } from '../src/errors.ts'
import type { Bounds, ExportRow, Span } from '../src/export/export-row.ts'
import { COLUMNS, itemRange, recordOf, rowsOf, spanMillis } from '../src/export/export-row.ts'
import { writeParquet } from '../src/export/parquet-file.ts'
import { PartFile, told } from '../src/export/part-file.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { count, say } from '../src/program/program.ts'
import { formatEventTime } from '../src/time/units.ts'
import { csv } from '../src/views/totals.ts'
import type { View } from '../src/views/view.ts'
import { resolveView } from '../src/views/view.ts'

export interface ExportCommand extends Names, Bounds {
  runId?: string
  generation?: string
  of: Span
  format: 'csv' | 'jsonl' | 'parquet'
  /** Undefined: standard output. */
  out?: string
  /** Read units a second; undefined: a default on AWS, no limit where DynamoDB is emulated. */
  readUnits?: number
}

const DEFAULT_READ_UNITS = 100
const ITEMS_PER_PAGE = 24

/** Where rows go; `after` is where a file that was begun before goes on. */
interface Sink {
  after: string | null
  rows: number
  append(text: string, page: { after: string | null; rows: number }): Promise<void>
}

export async function exportCounts(command: ExportCommand, program: Program): Promise<ExitCode> {
  checkOut(command)
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const view = await resolveView(table, { run: command.runId, generation: command.generation })
    checkBounds(command, view)
    const unlimited = clients.emulated.dynamodb ? Infinity : DEFAULT_READ_UNITS
    const readUnits = command.readUnits ?? unlimited
    const { out } = command
    const copy = (sink: Sink): Promise<boolean> =>
      copyRows(command, sink, program, readUnits, (after) =>
        itemPages(clients.dynamodb, command.table, {
          ...itemRange(command.of, { generation: view.generation.id, run: view.runId }, command),
          after,
          limit: ITEMS_PER_PAGE,
        }),
      )
    if (out === undefined) {
      return (await copy({ after: null, rows: 0, append: (text) => print(text, program) }))
        ? 0
        : 130
    }
    const part = await PartFile.open(out, keyOf(command, view))
    let isWhole = false
    try {
      const { after, rows } = part.note
      if (after !== null) {
        say(program, `Going on after ${after} with ${basename(out)}.part, ${count(rows)} rows.`)
      }
      isWhole = await copy({ after, rows, append: (text, page) => part.append(text, page) })
      if (isWhole) await finish(part, out, command)
    } finally {
      if (!isWhole) await part.close()
    }
    if (!isWhole) {
      say(program, `Stopped at ${count(part.note.rows)} rows. The same command goes on from there.`)
      return 130
    }
    say(program, `${count(part.note.rows)} rows of ${command.of} are in ${basename(out)}.`)
    return 0
  } finally {
    clients.destroy()
  }
}

/** False when it was stopped. Reading keeps to the rate over any time longer than a page. */
async function copyRows(
  command: ExportCommand,
  sink: Sink,
  { clock, drain }: Program,
  readUnits: number,
  pages: (after: string | null) => ReturnType<typeof itemPages>,
): Promise<boolean> {
  let isFirst = sink.after === null
  let freeAt = clock.monotonicMillis()
  for await (const { items, units } of pages(sink.after)) {
    if (drain.aborted) return false
    const rows = items.flatMap((item) => rowsOf(command.of, item, command))
    const last = items.at(-1)
    if (last !== undefined) {
      const text = textOf(command.format, rows, isFirst)
      await sink.append(text, { after: last.sk, rows: rows.length })
      isFirst = false
    }
    freeAt = Math.max(freeAt, clock.monotonicMillis() - 1_000) + (units / readUnits) * 1_000
    const wait = freeAt - clock.monotonicMillis()
    if (wait > 0) await clock.sleep(wait, drain)
    if (drain.aborted) return false
  }
  // A file of nothing has a header all the same.
  if (isFirst) await sink.append(textOf(command.format, [], true), { after: null, rows: 0 })
  return true
}

function textOf(
  format: ExportCommand['format'],
  rows: readonly ExportRow[],
  first: boolean,
): string {
  if (format !== 'csv') return rows.map((row) => `${JSON.stringify(recordOf(row))}\n`).join('')
  const cells = rows.map((row) => {
    const record = recordOf(row)
    return COLUMNS.map((name) => String(record[name]))
  })
  const text = csv(COLUMNS, cells)
  return first ? text : text.slice(text.indexOf('\n') + 1)
}

async function finish(part: PartFile, out: string, { format }: ExportCommand): Promise<void> {
  if (format !== 'parquet') {
    await part.finish()
    return
  }
  const whole = `${out}.part.parquet`
  try {
    await told(out, () => writeParquet(part.path, whole))
    await part.finish(whole)
  } finally {
    await rm(whole, { force: true })
  }
}

async function print(text: string, { stdout }: Program): Promise<void> {
  if (!stdout.write(text)) await once(stdout, 'drain')
}

/** Everything that decides the rows of a part. */
function keyOf({ of, format, from, to }: ExportCommand, view: View): string {
  return JSON.stringify([1, view.generation.id, view.runId, of, format, from ?? null, to ?? null])
}

function checkOut({ format, out }: ExportCommand): void {
  if (format !== 'parquet' || out !== undefined) return
  throw new HailstreamError('USAGE', {
    subject: 'export --format parquet',
    got: 'no --out',
    expected: 'a file to write, because Parquet cannot be written to a pipe',
  })
}

/** A span is in the export or not; half of one cannot be. */
function checkBounds({ of, from, to }: ExportCommand, view: View): void {
  const millis = spanMillis(of, view.generation.geometry.paneMillis)
  for (const [flag, time] of [['--from', from] as const, ['--to', to] as const]) {
    if (time === undefined || time % millis === 0) continue
    throw new HailstreamError('USAGE', {
      subject: flag,
      got: formatEventTime(time),
      expected: `the start of one of the ${of}`,
      fix: `The nearest before is ${formatEventTime(Math.floor(time / millis) * millis)}.`,
    })
  }
}
