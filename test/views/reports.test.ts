import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { MEASURES, SUMS, TIERS } from '../../src/counts/measures.ts'
import { dayItem } from '../../src/merge/day-item.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import { seededRandom } from '../../src/time/random.ts'
import { faresByHour, tierTrips, topDistricts, totalsIn } from '../../src/views/reports.ts'
import type { View } from '../../src/views/view.ts'
import { HOUR, MINUTE, mergingAt, slots, T0 } from '../merge/counting.ts'
import { generation } from '../merge/merging.ts'
import { finished } from '../support/finished.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'

const test = suite('reports')

const view: View = { generation, runId: 'r', run: undefined }

interface Pickup {
  time: number
  id: string
  fare: number
  tier: number
}

const random = seededRandom(3)
const pickups: Pickup[] = Array.from({ length: 900 }, () => ({
  time: T0 + Math.floor(random() * 72 * 60) * MINUTE,
  id: slots.ids[Math.floor(random() ** 2 * 3)],
  fare: Math.floor(random() * 5_000),
  tier: Math.floor(random() * TIERS.length),
}))

/** Hour and day items of the pickups; each ends an hour after it began, in the next district. */
async function filled(): Promise<MemoryTable> {
  const table = new MemoryTable()
  const merging = { ...mergingAt(100 * 60), generation: generation.id }
  const counts = new Map<number, BlockCounts>()
  const row = (time: number, id: string): Float64Array => {
    const start = Math.floor(time / HOUR) * HOUR
    const block = counts.get(start) ?? new BlockCounts(12, 3)
    counts.set(start, block)
    const at = block.row(Math.floor((time - start) / (5 * MINUTE)), slots.slotOf(id))
    return block.values.subarray(at, at + MEASURES)
  }
  for (const { time, id, fare, tier } of pickups) {
    const began = row(time, id)
    began[0]++
    began[4] += fare
    began[SUMS.length + tier]++
    row(time + HOUR, slots.ids[(slots.slotOf(id) + 1) % 3])[1]++
  }
  for (let day = 0; day < 4; day++) {
    const starts = [...counts.keys()].filter(
      (start) => Math.floor((start - T0) / (24 * HOUR)) === day,
    )
    const hours = starts.map((start) =>
      hourItem(merging, start, counts.get(start) ?? new BlockCounts(12, 3), undefined),
    )
    for (const item of hours) await table.put(item)
    await table.put(finished(dayItem(merging, T0 + day * 24 * HOUR, hours, undefined)))
  }
  return table
}

test('of fares have the average of each hour of the day, as a plain sum has it', async () => {
  const table = await filled()
  for (const bounds of [{}, { from: T0 + 90 * MINUTE, to: T0 + 30 * HOUR + 5 * MINUTE }]) {
    const { from = -Infinity, to = Infinity } = bounds
    const rows = await faresByHour(table, view, bounds)
    assert.is(rows.length, 24)
    for (const { hour, trips, fare, averageFare } of rows) {
      const own = pickups.filter(
        ({ time }) =>
          time >= from && time < to && new Date(time).toISOString().slice(11, 13) === hour,
      )
      const sum = own.reduce((total, each) => total + each.fare, 0)
      assert.equal([trips, fare], [own.length, sum], hour)
      assert.is(averageFare, own.length === 0 ? null : Math.round(sum / own.length) / 100)
    }
  }
})

test('of tips have every tier once, and every trip in one', async () => {
  const table = await filled()
  const rows = tierTrips(await totalsIn(table, view, {}))
  assert.is(rows.length, 17)
  for (const { tipTier, fareTier, trips } of rows) {
    const name = tipTier === 'none' ? 'none' : `${tipTier} ${fareTier}`
    assert.is(trips, pickups.filter(({ tier }) => TIERS[tier] === name).length, name)
  }
})

test('of the top have most trips first, ties by id, and no district without any', async () => {
  const table = await filled()
  const totals = await totalsIn(table, view, { from: T0, to: T0 + 24 * HOUR })
  const early = pickups.filter(({ time }) => time < T0 + 24 * HOUR)
  const countOf = (id: string): number => early.filter((each) => each.id === id).length
  const rows = topDistricts(totals, { by: 'pickups', n: 2, view })
  const expected = [...slots.ids].sort((a, b) => countOf(b) - countOf(a)).slice(0, 2)
  assert.equal(
    rows.map(({ rank, id, pickups: trips }) => [rank, id, trips]),
    expected.map((id, i) => [i + 1, id, countOf(id)]),
  )
  const sums = new Map(
    ['101', '20', '3', '9'].map((id) => {
      const row = new Float64Array(MEASURES)
      row[1] = id === '9' ? 0 : 5
      return [id, row]
    }),
  )
  const tied = topDistricts({ ...totals, sums }, { by: 'dropoffs', n: 10, view })
  assert.equal(
    tied.map(({ id }) => id),
    ['3', '20', '101'],
  )
})

test.run()
