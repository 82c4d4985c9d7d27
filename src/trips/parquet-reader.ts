import {
  parquetMetadataAsync,
  parquetScan,
  type AsyncBuffer,
  type DecodedArray,
  type ParquetParsers,
  type SchemaElement,
} from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { messageOf } from '../errors.ts'
import type { ColumnMap } from './column-map.ts'
import { hundredths } from './hundredths.ts'
import { layoutOf, type Layout } from './layouts.ts'
import {
  FIELD_KIND,
  kindOf,
  targetOf,
  rowPlan,
  writeBlank,
  writeSummedTotal,
  type RowPlan,
} from './row-plan.ts'
import { MAX_RAW_BYTES, type RowSink } from './row-sink.ts'
import { inputError } from './trip-file.ts'
import { isMissing, numberOf, passengerCount } from './trip-values.ts'
import { MAX_TIME, MIN_TIME, parseWallClock } from './wall-clock.ts'
import type { ZoneWriter } from './zone-id.ts'

/** A row group may hold a whole month: too much to have in memory at a time. */
const DEFAULT_BATCH_ROWS = 1 << 18

export interface ParquetReaderOptions {
  /** Base name of the file, for messages. */
  file: string
  buffer: AsyncBuffer
  sink: RowSink
  zones: ZoneWriter
  columns?: ColumnMap | undefined
  /** Rows read at a time. */
  batchRows?: number
  /** Awaited after each batch of rows. */
  onBatch: () => Promise<void>
}

/** A column of the rows at hand, and what to do with it. */
interface BatchColumn {
  name: string
  kind: number
  /** Byte of the record. */
  target: number
  isTime: boolean
  values: DecodedArray
}

/** Reads all rows of a Parquet file into `sink`; throws `INPUT`. Only columns of use are read. */
export async function readParquet(options: ParquetReaderOptions): Promise<Layout> {
  const { file, buffer, batchRows = DEFAULT_BATCH_ROWS, onBatch } = options
  const metadata = await parquetMetadataAsync(buffer, { geoparquet: false }).catch(corrupt(file))
  const elements = metadata.schema.slice(1)
  const names = topLevelNames(metadata.schema)
  const layout = layoutOf(names, file, options.columns)
  const plan = rowPlan(layout)
  const columns: BatchColumn[] = []
  plan.fields.forEach((field, column) => {
    const kind = kindOf(field)
    if (kind === FIELD_KIND.ignored) return
    const name = names[column]
    const element = elements.find((candidate) => candidate.name === name)
    columns.push({ name, kind, target: targetOf(field), isTime: isTime(element), values: [] })
  })
  const scan = await parquetScan({
    file: buffer,
    metadata,
    columns: columns.map(({ name }) => name),
    compressors,
    parsers: TIMES_AS_MILLIS,
    geoparquet: false,
  }).catch(corrupt(file))
  for (const range of scan.ranges) {
    for (let rowStart = range.rowStart; rowStart < range.rowEnd; rowStart += batchRows) {
      const rowEnd = Math.min(rowStart + batchRows, range.rowEnd)
      for (const column of columns) {
        column.values = await scan
          .readColumn({ column: column.name, rowStart, rowEnd })
          .catch(corrupt(file))
      }
      for (let row = 0; row < rowEnd - rowStart; row++) {
        readRow(columns, row, plan, options, rowStart + row + 1)
      }
      await onBatch()
    }
  }
  return layout
}

function readRow(
  columns: readonly BatchColumn[],
  row: number,
  plan: RowPlan,
  { sink, zones }: ParquetReaderOptions,
  line: number,
): void {
  const { view, bytes, offset } = sink
  writeBlank(view, offset, plan)
  let pickupTime = NaN
  let pickupValue: unknown
  let charges = 0
  let zonesTooLong = 0
  for (const column of columns) {
    const value: unknown = column.values[row]
    const target = offset + column.target
    switch (column.kind) {
      case FIELD_KIND.degrees:
        view.setFloat64(target, valueOf(value), true)
        break
      case FIELD_KIND.hundredths:
        view.setInt32(target, hundredths(valueOf(value)), true)
        break
      case FIELD_KIND.pickupTime:
        pickupValue = value
        pickupTime = timeOf(value, column.isTime)
        view.setFloat64(target, pickupTime, true)
        break
      case FIELD_KIND.dropoffTime:
        view.setFloat64(target, timeOf(value, column.isTime), true)
        break
      case FIELD_KIND.zone:
        if (!zones.write(textOf(value), bytes, target)) zonesTooLong++
        break
      case FIELD_KIND.passengers:
        bytes[target] = passengerCount(valueOf(value))
        break
      case FIELD_KIND.charge:
        charges += hundredths(valueOf(value))
        break
    }
  }
  if (pickupTime !== pickupTime) {
    const missing = isMissing(textOf(pickupValue).trim())
    const reason = missing ? 'missing-pickup-time' : 'unreadable-pickup-time'
    sink.reject(line, reason, rawRow(columns, row))
    return
  }
  if (plan.sumsTotal) writeSummedTotal(view, offset, charges)
  sink.keep(zonesTooLong)
}

/** Timestamps of any unit become whole milliseconds; whether they claim to be UTC is ignored. */
const TIMES_AS_MILLIS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis: bigint) => Number(millis),
  timestampFromMicroseconds: (micros: bigint) => floorDivided(micros, 1_000),
  timestampFromNanoseconds: (nanos: bigint) => floorDivided(nanos, 1_000_000),
  dateFromDays: (days: number) => days * 86_400_000,
}

function floorDivided(count: bigint, perMilli: number): number {
  const units = Number(count)
  if (Number.isSafeInteger(units)) return Math.floor(units / perMilli)
  const divisor = BigInt(perMilli)
  return Number((count - (((count % divisor) + divisor) % divisor)) / divisor)
}

function isTime(element: SchemaElement | undefined): boolean {
  const converted = element?.converted_type
  return (
    element?.type === 'INT96' ||
    element?.logical_type?.type === 'TIMESTAMP' ||
    converted === 'TIMESTAMP_MILLIS' ||
    converted === 'TIMESTAMP_MICROS' ||
    converted === 'DATE'
  )
}

/** A bare number is no time: nothing says what it counts. */
function timeOf(value: unknown, isTimeColumn: boolean): number {
  if (typeof value === 'string') return parseWallClock(value)
  if (!isTimeColumn || typeof value !== 'number') return NaN
  return value >= MIN_TIME && value <= MAX_TIME ? value : NaN
}

/** By the same rules as a field of a CSV file. */
function valueOf(value: unknown): number {
  if (typeof value === 'number') return Number.isFinite(value) ? value : NaN
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'string' ? numberOf(value) : NaN
}

function textOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return ''
  }
}

/** The columns read of a row, as JSON. */
function rawRow(columns: readonly BatchColumn[], row: number): string {
  const values = columns.map(({ name, values }): [string, unknown] => [name, values[row]])
  const json = JSON.stringify(Object.fromEntries(values), (_key, value: unknown) =>
    typeof value !== 'bigint'
      ? value
      : Number.isSafeInteger(Number(value))
        ? Number(value)
        : value.toString(),
  )
  return json.slice(0, MAX_RAW_BYTES)
}

/** Names of the columns; one that holds a structure counts, but is of no use. */
function topLevelNames(schema: readonly SchemaElement[]): string[] {
  const names: string[] = []
  let nested = 0
  for (const { name, num_children: children = 0 } of schema.slice(1)) {
    if (nested === 0) names.push(name)
    else nested--
    nested += children
  }
  return names
}

function corrupt(file: string): (error: unknown) => never {
  return (error) => {
    throw inputError(
      file,
      `a Parquet file that cannot be read (${messageOf(error)})`,
      'a whole Parquet file',
      'It may have been cut short: fetch it again.',
      error,
    )
  }
}
