import * as assert from 'uvu/assert'
import { dayPk, generationKey, hourPk } from '../../src/counts/keys.ts'
import { generationItem } from '../../src/counts/generation.ts'
import { MEASURES } from '../../src/counts/measures.ts'
import { dayItem } from '../../src/merge/day-item.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import { runItem } from '../../src/runs/run.ts'
import { addUp, csv, runTotals, totalsRows, windowTotals } from '../../src/views/totals.ts'
import type { Totals } from '../../src/views/totals.ts'
import type { View } from '../../src/views/view.ts'
import { resolveView } from '../../src/views/view.ts'
import type { Cell } from '../merge/counting.ts'
import { HOUR, hourCounts, mergingAt, MINUTE, T0 } from '../merge/counting.ts'
import { generation } from '../merge/merging.ts'
import { runOf } from '../replay/stage.ts'
import { finished } from '../support/finished.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('views of the counts')

const view: View = { generation, runId: 'r', run: undefined }

/** Three days with one pickup in each pane of each third hour. */
async function filled(): Promise<MemoryTable> {
  const table = new MemoryTable()
  const merging = { ...mergingAt(100 * 60), generation: generation.id }
  for (let day = 0; day < 3; day++) {
    const dayStart = T0 + day * 24 * HOUR
    const hours = []
    for (let hour = 0; hour < 24; hour += 3) {
      const cells = Array.from({ length: 12 }, (_, pane): Cell => [pane, pane % 3, 1, 2])
      hours.push(hourItem(merging, dayStart + hour * HOUR, hourCounts(cells, [4]), undefined))
    }
    for (const item of hours) await table.put(item)
    await table.put(finished(dayItem(merging, dayStart, hours, undefined)))
  }
  assert.is(table.items(hourPk(generation.id, 'r')).length, 24)
  assert.is(table.items(dayPk(generation.id, 'r')).length, 3)
  return table
}

const sums = ({ sums: of, unclassified }: Totals): number[] => {
  const column = (i: number): number => [...of.values()].reduce((total, row) => total + row[i], 0)
  return [column(0), column(1), unclassified.reduce((total, count) => total + count, 0)]
}

test('the totals of a run are the sum of its days', async () => {
  assert.equal(sums(await runTotals(await filled(), view)), [288, 576, 24])
})

test('windows of any size hold the panes that begin in them', async () => {
  const table = await filled()
  const starts = async (millis: number): Promise<number[]> =>
    (await windowTotals(table, view, millis, {})).map(({ start }) => (start - T0) / MINUTE)
  assert.equal((await starts(15 * MINUTE)).slice(0, 5), [0, 15, 30, 45, 180])
  assert.equal((await starts(6 * HOUR)).slice(0, 3), [0, 360, 720])
  assert.is((await starts(24 * HOUR)).length, 3)
  for (const millis of [
    5 * MINUTE,
    15 * MINUTE,
    HOUR,
    7 * HOUR,
    24 * HOUR,
    48 * HOUR,
    168 * HOUR,
  ]) {
    const windows = await windowTotals(table, view, millis, {})
    for (const { start } of windows) assert.is(start % millis, 0)
    assert.equal(sums(addUp(windows)), [288, 576, 24])
  }
})

test('bounds take the panes from the first one on and up to, without, the last', async () => {
  const table = await filled()
  const within = async (from?: number, to?: number): Promise<number[]> =>
    sums(addUp(await windowTotals(table, view, HOUR, { from, to })))
  assert.equal(await within(T0 + 5 * MINUTE, T0 + 15 * MINUTE), [2, 4, 0])
  assert.equal(await within(T0 + 20 * MINUTE, T0 + 25 * MINUTE), [1, 2, 1])
  assert.equal(await within(undefined, T0 + HOUR), [12, 24, 1])
  assert.equal(await within(T0 + 71 * HOUR), [0, 0, 0])
  assert.equal(await within(T0 + 69 * HOUR), [12, 24, 1])
  assert.equal(await within(T0 + 3 * HOUR, T0 + 3 * HOUR), [0, 0, 0])
})

const totalsOf = (
  entries: Record<string, [number, number]>,
  none: [number, number] = [0, 0],
): Totals => {
  const unclassified = new Float64Array(16)
  unclassified[2] = none[0]
  unclassified[15] = none[1]
  const rows = Object.entries(entries).map(([id, [pickups, dropoffs]]) => {
    const row = new Float64Array(MEASURES)
    row[0] = pickups
    row[1] = dropoffs
    return [id, row] as const
  })
  return { sums: new Map(rows), unclassified }
}

test('rows come in the order of ids, zeros included, and NONE last', () => {
  assert.equal(totalsRows(totalsOf({ 20: [1, 2], 3: [4, 5] }, [6, 7]), ['101', '20', '3', '4']), [
    ['3', 4, 5],
    ['4', 0, 0],
    ['20', 1, 2],
    ['101', 0, 0],
    ['NONE', 6, 7],
  ])
  assert.equal(
    totalsRows(totalsOf({ QN01: [1, 0] }), ['Queens', '7', '10']).map(([id]) => id),
    ['10', '7', 'QN01', 'Queens', 'NONE'],
  )
  assert.equal(totalsRows(totalsOf({}), []), [['NONE', 0, 0]])
})

test('CSV is quoted where it must be, and ends its lines with LF', () => {
  assert.is(
    csv(
      ['id', 'n'],
      [
        ['a', 1],
        ['with, comma', 2],
        ['a "quoted" one', 3],
        ['two\nlines', 4],
        ['cr\r', 5],
        ['', 6],
        [' spaced ', 7],
      ],
    ),
    'id,n\na,1\n"with, comma",2\n"a ""quoted"" one",3\n"two\nlines",4\n"cr\r",5\n,6\n spaced ,7\n',
  )
  assert.is(csv(['id'], []), 'id\n')
})

test('a reader sees the run and generation that dashboards follow, or those it asks for', async () => {
  const table = new MemoryTable()
  await table.put(generationItem(generation))
  await table.put(runItem({ ...runOf({ lanes: 1, handSize: 1 }), id: 'r1' }))
  await table.put(runItem({ ...runOf({ lanes: 1, handSize: 1 }), id: 'r2' }))
  await table.put({ pk: 'current', sk: 'current', generation: generation.id, run: 'r2' })
  assert.equal((await resolveView(table, {})).run?.id, 'r2')
  assert.equal((await resolveView(table, { run: 'r1' })).run?.id, 'r1')
  const foreign = await resolveView(table, { run: 'foreign' })
  assert.equal(
    [foreign.runId, foreign.run, foreign.generation.id],
    ['foreign', undefined, generation.id],
  )
})

test('a reader is told what there is when it asks for what there is not', async () => {
  const table = new MemoryTable()
  const message = (wanted: Parameters<typeof resolveView>[1]): Promise<string> =>
    resolveView(table, wanted).then(
      () => 'nothing',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    )
  assert.match(await message({}), /^Counts: got none yet, expected a run that was counted\. Start/)
  assert.match(await message({ run: 'r', generation: 'g' }), /got g, expected one that was counted/)
  await table.put(generationItem(generation))
  await table.put({ pk: 'current', sk: 'current', generation: generation.id, run: 'r1' })
  await table.put(runItem({ ...runOf({ lanes: 1, handSize: 1 }), id: 'r1' }))
  assert.is(await message({ run: 'x' }), '--run-id: got x, expected one of r1.')
  assert.is(
    await message({ generation: 'x' }),
    `--generation: got x, expected one of ${generation.id}.`,
  )
  assert.is(table.item(generationKey('x').pk, 'x'), undefined)
})

test.run()
