import * as assert from 'uvu/assert'
import { slotsOf } from '../../src/counts/generation.ts'
import { dayPk, hourPk } from '../../src/counts/keys.ts'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { PICKUPS } from '../../src/counts/measures.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import type { Merging } from '../../src/merge/hour-item.ts'
import { KnownItems } from '../../src/merge/known-items.ts'
import { MergedDays } from '../../src/merge/merged-days.ts'
import { newRunState } from '../../src/merge/run-state.ts'
import { RunStatus } from '../../src/merge/run-status.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryTable } from '../support/memory-table.ts'
import { suite } from '../support/suite.ts'
import { HOUR, T0 } from './counting.ts'
import { pickups } from './merged.ts'
import { generation } from './merging.ts'

const test = suite('the days of a run')

const G = generation.id
const PACE = { catchingUp: false, quiet: false }
const merging: Merging = {
  generation: G,
  run: 'r',
  slots: slotsOf(generation),
  paneMillis: 300_000,
  watermark: T0 + 5 * HOUR,
  ended: false,
}

function hourOf(start: number, trips: number): Item {
  const counts = new BlockCounts(12, merging.slots.size)
  counts.values[counts.row(0, 0) + PICKUPS] = trips
  return hourItem(merging, start, counts, undefined)
}

test('are merged from hours in the table once one was refused', async () => {
  const table = new MemoryTable()
  const known = new KnownItems(table)
  const days = new MergedDays({
    table,
    known,
    clock: new FakeClock(),
    concurrency: 1,
    fromNothing: true,
  })
  const state = newRunState(new RunStatus(generation, 'r', known))
  state.days.add(T0)
  const own = hourOf(T0 + HOUR, 1)
  await known.replace({ pk: own.pk, sk: own.sk }, () => own)
  // Another merger has come further: it knows of one hour more, and has written the day.
  await table.put(hourOf(T0 + 2 * HOUR, 4))
  await table.put({ pk: dayPk(G, 'r'), sk: '2016-01-01', version: 1 })

  await days.merge(merging, state, PACE)
  assert.is(table.item(dayPk(G, 'r'), '2016-01-01')?.version, 1, 'it was refused')
  await days.merge(merging, state, PACE)
  const day = table.item(dayPk(G, 'r'), '2016-01-01')
  assert.equal([pickups(day), day?.version], [5, 2])
  assert.is(table.items(hourPk(G, 'r')).length, 2)
  assert.is(state.days.size, 0)
})

test.run()
