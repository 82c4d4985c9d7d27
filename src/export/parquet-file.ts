/** Rows as NDJSON → a Parquet file, a row group at a time. https://parquet.apache.org/docs/file-format/ */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { ColumnSource } from 'hyparquet-writer'
import { COLUMNS } from './export-row.ts'

const ROWS_PER_GROUP = 20_000

type Row = Readonly<Record<string, unknown>>

/**
 * `start` is a timestamp in milliseconds without a zone, `id` a string, `final` a boolean, and every
 * measure an INT64.
 */
export async function writeParquet(
  ndjson: string,
  path: string,
  rowsPerGroup = ROWS_PER_GROUP,
): Promise<void> {
  const schema = schemaFromColumnData({
    columnData: columnsOf([]),
    schemaOverrides: {
      start: {
        name: 'start',
        type: 'INT64',
        converted_type: 'TIMESTAMP_MILLIS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MILLIS' },
        repetition_type: 'REQUIRED',
      },
    },
  })
  const writer = new ParquetWriter({ writer: fileWriter(path), schema, createdBy: 'hailstream' })
  let rows: Row[] = []
  const flush = async (): Promise<void> => {
    if (rows.length > 0)
      await writer.write({ columnData: columnsOf(rows), rowGroupSize: rowsPerGroup })
    rows = []
  }
  const lines = createInterface({ input: createReadStream(ndjson), crlfDelay: Infinity })
  for await (const line of lines) {
    const row: unknown = JSON.parse(line)
    if (isRow(row)) rows.push(row)
    if (rows.length >= rowsPerGroup) await flush()
  }
  await flush()
  await writer.finish()
}

function columnsOf(rows: readonly Row[]): ColumnSource[] {
  return COLUMNS.map((name): ColumnSource => {
    const values = rows.map((row) => row[name])
    if (name === 'start') {
      return { name, data: values.map((value) => new Date(`${String(value)}Z`)) }
    }
    if (name === 'id') return { name, data: values.map(String), type: 'STRING', nullable: false }
    if (name === 'final') {
      return { name, data: values.map((value) => value === true), type: 'BOOLEAN', nullable: false }
    }
    const numbers = values.map((value) => BigInt(Number(value)))
    return { name, data: numbers, type: 'INT64', nullable: false }
  })
}

function isRow(value: unknown): value is Row {
  return typeof value === 'object' && value !== null
}
