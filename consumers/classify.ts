/** `hailstream classify`: the rows of a CSV file, each with the district that its point is in. */
import { once } from 'node:events'
import { addAbortSignal } from 'node:stream'
import { HailstreamError } from '../src/errors.ts'
import type { ExitCode, Program } from '../src/program/program.ts'
import { count, say } from '../src/program/program.ts'
import { CsvPoints } from '../src/trips/csv-points.ts'
import type { PointColumns, PointSource } from '../src/trips/point-columns.ts'
import { hasColumn, pointColumnsIn } from '../src/trips/point-columns.ts'
import type { WantedFile } from '../src/trips/trip-file.ts'
import { fileLabel, inputError, openTripFile } from '../src/trips/trip-file.ts'
import { DistrictColumn } from './district-column.ts'
import { loadDistricts } from './districts.ts'

export interface ClassifyCommand {
  /** `-` is standard input. */
  file: string
  districts: string
  districtId?: string
  /** Undefined: the pickup's, by the names of known files. */
  source?: PointSource
  /** Name of the new column. */
  as: string
}

const CSV_FILE: WantedFile = {
  expected: 'a CSV file, also gzipped',
  ofFolder: () => 'Give one of its files.',
}

export async function classifyFile(command: ClassifyCommand, program: Program): Promise<ExitCode> {
  const { index, ids } = await loadDistricts(command.districts, command.districtId, program)
  const column = new DistrictColumn(index, ids, command.as)
  const points = new CsvPoints({
    file: fileLabel(command.file),
    columns: columnsFor(command, program),
  })
  try {
    for await (const chunk of await openText(command.file, program)) {
      await write(column.append(points.push(chunk)), program)
      program.drain.throwIfAborted()
    }
    await write(column.append(points.end()), program)
  } catch (error) {
    if (program.drain.aborted) return 130
    throw error
  }
  const none = column.rows - column.found
  say(
    program,
    `rows ${count(column.rows)} = in districts ${count(column.found)} + in none ${count(none)}`,
  )
  return 0
}

async function openText(file: string, program: Program): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') addAbortSignal(program.drain, program.stdin)
  const opened = await openTripFile(file, program.stdin, () => undefined, CSV_FILE)
  if (opened.kind === 'csv') return opened.chunks
  await opened.close()
  throw inputError(fileLabel(file), 'a Parquet file', CSV_FILE.expected)
}

function columnsFor(
  { file, source, as }: ClassifyCommand,
  program: Program,
): PointColumns | ((names: readonly string[]) => PointColumns) {
  if (source?.by === 'position') return { lon: source.lon - 1, lat: source.lat - 1 }
  return (names) => {
    const columns = pointColumnsIn(names, source, fileLabel(file))
    if (hasColumn(names, as)) {
      throw new HailstreamError('USAGE', {
        subject: '--as',
        got: `${JSON.stringify(as)}, which the file has already`,
        expected: 'the name of a new column',
        fix: 'Choose another one with --as.',
      })
    }
    if (source === undefined) {
      const [lon, lat] = [names[columns.lon], names[columns.lat]]
      say(program, `Points are those of ${lon} and ${lat}; --lon and --lat choose others.`)
    }
    return columns
  }
}

/** Waits until the reader has room for more. */
async function write(bytes: Uint8Array, { stdout, drain }: Program): Promise<void> {
  if (bytes.length === 0 || stdout.write(bytes)) return
  await once(stdout, 'drain', { signal: drain })
}
