import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from 'hyparquet'
import * as assert from 'uvu/assert'
import { COLUMNS, itemRange, recordOf, rowsOf } from '../../src/export/export-row.ts'
import type { ExportRow } from '../../src/export/export-row.ts'
import { writeParquet } from '../../src/export/parquet-file.ts'
import { dayItem } from '../../src/merge/day-item.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import { HOUR, hourCounts, mergingAt, MINUTE, T0 } from '../merge/counting.ts'
import { finished } from '../support/finished.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the rows of an export')

const counts = hourCounts(
  [
    [0, 0, 2, 1],
    [0, 1, 0, 3],
    [5, 0, 4, 0],
  ],
  [0, 7],
)
const hour = hourItem(mergingAt(30), T0, counts, undefined)
const next = hourItem(mergingAt(30), T0 + HOUR, hourCounts([[1, 2, 1, 1]]), undefined)
const day = finished(dayItem(mergingAt(30), T0, [hour, next], undefined))

/** [minute, id, pickups, dropoffs, fare] */
const told = (rows: readonly ExportRow[]): unknown[] =>
  rows.map(({ start, id, measures }) => [
    (start - T0) / MINUTE,
    id,
    measures[0],
    measures[1],
    measures[4],
  ])

test('are of each pane, in the order of time and ids, the unclassified last', () => {
  assert.equal(told(rowsOf('panes', hour, {})), [
    [0, '20', 0, 3, 0],
    [0, '101', 2, 1, 1_000],
    [0, 'NONE', 1, 0, 0],
    [25, '101', 4, 0, 2_000],
    [35, 'NONE', 1, 0, 0],
  ])
  assert.equal(
    rowsOf('panes', hour, {}).map(({ final }) => final),
    [true, true, true, true, false],
  )
})

test('are of each hour and of each day, with sums that are the same', () => {
  assert.equal(told(rowsOf('hours', hour, {})), [
    [0, '20', 0, 3, 0],
    [0, '101', 6, 1, 3_000],
    [0, 'NONE', 2, 0, 0],
  ])
  assert.equal(told(rowsOf('days', day, {})), [
    [0, '3', 1, 1, 500],
    [0, '20', 0, 3, 0],
    [0, '101', 6, 1, 3_000],
    [0, 'NONE', 2, 0, 0],
  ])
})

test('begin in the bounds', () => {
  const bounds = { from: T0 + 25 * MINUTE, to: T0 + 35 * MINUTE }
  assert.equal(told(rowsOf('panes', hour, bounds)), [[25, '101', 4, 0, 2_000]])
  assert.equal(rowsOf('hours', hour, { from: T0 + HOUR }), [])
  assert.equal(rowsOf('days', day, { to: T0 }), [])
})

test('are looked for in the items that the bounds touch', () => {
  const view = { generation: 'g', run: 'r' }
  const bounds = { from: T0 + 30 * MINUTE, to: T0 + 2 * HOUR }
  assert.equal(itemRange('panes', view, bounds), {
    pk: 'hour#g#r',
    from: '2016-01-01T00',
    to: '2016-01-01T01',
  })
  assert.equal(itemRange('days', view, { to: T0 + 24 * HOUR }), { pk: 'day#g#r', to: '2016-01-01' })
  assert.equal(itemRange('hours', view, {}), { pk: 'hour#g#r' })
})

test('come back from a Parquet file as they were, with times that have no zone', async () => {
  await withTempDir(async (folder) => {
    const many = Array.from({ length: 450 }, (_, i): ExportRow => {
      const [row] = rowsOf('panes', hour, {})
      return {
        ...row,
        start: T0 + (i % 12) * 5 * MINUTE,
        id: i % 7 === 0 ? 'Zürich "1"' : String(i),
      }
    })
    const records = many.map(recordOf)
    const ndjson = join(folder, 'rows')
    await writeFile(ndjson, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    const path = join(folder, 'rows.parquet')
    await writeParquet(ndjson, path, 200)
    const file = await asyncBufferFromFile(path)
    const metadata = await parquetMetadataAsync(file)
    assert.is(metadata.row_groups.length, 3)
    assert.equal(metadata.schema[1].logical_type, {
      type: 'TIMESTAMP',
      isAdjustedToUTC: false,
      unit: 'MILLIS',
    })
    const read: Record<string, unknown>[] = await parquetReadObjects({ file, metadata })
    assert.is(read.length, many.length)
    for (const i of [0, 1, 199, 200, 449]) {
      const { start, ...rest } = read[i]
      const plain = Object.entries(rest).map(([name, value]) => [
        name,
        typeof value === 'bigint' ? Number(value) : value,
      ])
      assert.is(Number(start), many[i].start)
      const { start: _, ...expected } = records[i]
      assert.equal(Object.fromEntries(plain), expected)
    }
    assert.equal(Object.keys(read[0]), [...COLUMNS])
  })
})

test('may be none in a Parquet file too', async () => {
  await withTempDir(async (folder) => {
    await writeFile(join(folder, 'rows'), '')
    await writeParquet(join(folder, 'rows'), join(folder, 'none.parquet'))
    const file = await asyncBufferFromFile(join(folder, 'none.parquet'))
    assert.equal(await parquetReadObjects({ file }), [])
  })
})

test.run()
