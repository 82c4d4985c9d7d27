/** Items as large as they get, measured by DynamoDB's rules, against what was reckoned at the start. */
import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { itemBytes, MAX_ITEM_BYTES } from '../../src/counts/generation.ts'
import { FIRST_TIER, MEASURES, SUMS } from '../../src/counts/measures.ts'
import { progressItem } from '../../src/counts/progress.ts'
import type { Item, Value } from '../../src/counts/table-port.ts'
import type { LaneState } from '../../src/lanes/lane-state.ts'
import { newLane } from '../../src/lanes/lane-state.ts'
import { dayItem } from '../../src/merge/day-item.ts'
import type { Merging } from '../../src/merge/hour-item.ts'
import { hourItem } from '../../src/merge/hour-item.ts'
import { rollingItem } from '../../src/merge/rolling-item.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'
import { MOST_LANES } from '../../src/replay/plan-deal.ts'
import { finished } from '../support/finished.ts'
import { suite } from '../support/suite.ts'
import { HOUR, MINUTE, T0 } from './counting.ts'

const test = suite('the size of merged items')

/** docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'number') {
    return 1 + Math.ceil(String(Math.abs(value)).replace(/0+$/, '').length / 2)
  }
  if (value === null || typeof value === 'boolean') return 1
  if (value instanceof Uint8Array) return value.length
  if (Array.isArray(value)) {
    return 3 + (value as readonly Value[]).reduce<number>((sum, part) => sum + 1 + sizeOf(part), 0)
  }
  return (
    3 + Object.entries(value).reduce((sum, [name, part]) => sum + 1 + name.length + sizeOf(part), 0)
  )
}

const bytesOf = (item: Item): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + name.length + sizeOf(value), 0)

/** The 262 neighbourhoods of New York, every one busy in every pane of five minutes. */
const ids = Array.from({ length: 262 }, (_, i) => `BK${String(i).padStart(4, '0')}`)
const slots = new DistrictSlots(ids, false)
const merging: Merging = {
  generation: 'nta-5m-1a2b3c4d',
  run: 'trips_2016-01-3fa9c1d2',
  slots,
  paneMillis: 5 * MINUTE,
  watermark: T0 + 24 * HOUR,
  ended: false,
}

const busyHour = (): BlockCounts => busyPanes(12)
const busyPane = (): BlockCounts => busyPanes(1)

function busyPanes(panes: number): BlockCounts {
  const counts = new BlockCounts(panes, slots.size)
  for (let pane = 0; pane < panes; pane++) {
    for (let slot = 0; slot < ids.length; slot++) {
      const at = counts.row(pane, slot)
      const amounts = [57, 61, 93, 14_377, 71_893, 9_871, 93_517]
      for (let i = 0; i < SUMS.length; i++) counts.values[at + i] = amounts[i]
      for (let i = FIRST_TIER; i < MEASURES; i++) counts.values[at + i] = 3
      // A partial of so many districts is of one pane; no other item has its routes.
      for (let to = 0; panes === 1 && to < ids.length; to++) counts.routes.add(0, slot, to, 700)
    }
  }
  return counts
}

test('is no more than was reckoned, and no more than fits', () => {
  const districts = { name: 'nta', ids, names: ids, fingerprint: 'f', zones: false }
  const reckoned = itemBytes(districts, { paneMillis: 5 * MINUTE, blockMillis: 5 * MINUTE })
  const counts = busyHour()
  const hours = Array.from({ length: 24 }, (_, i) =>
    hourItem(merging, T0 + i * HOUR, counts, undefined),
  )
  const actual = {
    hour: bytesOf(hours[0]),
    day: bytesOf(finished(dayItem(merging, T0, hours, undefined))),
    rolling: bytesOf(rollingItem(merging, HOUR, () => counts, undefined)),
    partial: busyPane().pack(slots).length,
  }
  for (const kind of ['hour', 'day', 'rolling', 'partial'] as const) {
    const found = `${kind}: ${actual[kind]} bytes, reckoned ${reckoned[kind]}`
    assert.ok(actual[kind] <= reckoned[kind] * 1.1, found)
    assert.ok(actual[kind] > reckoned[kind] * 0.5, found)
    assert.ok(actual[kind] < 400 * 1024 && reckoned[kind] <= MAX_ITEM_BYTES, found)
  }
})

test('of the progress has room for eight unfinished runs with as many lanes as there may be', () => {
  const lanesOf = (run: number): [string, Map<number, LaneState>] => [
    `trips_2016-01-3fa9c1d${run}`,
    new Map(
      Array.from({ length: MOST_LANES }, (_, lane) => [
        lane,
        { ...newLane(lane, MOST_LANES), next: 1_234_567, watermark: T0 + 123_457 },
      ]),
    ),
  ]
  const hours = Array.from({ length: 8_000 }, (_, i) => T0 + i * HOUR)
  const item = progressItem('nta-5m-1a2b3c4d', {
    ...emptyProgress('shardId-000000000000'),
    seq: 's'.repeat(60),
    touched: [{ seq: 's'.repeat(60), blocks: new Map([['trips_2016-01-3fa9c1d2', hours]]) }],
    lanes: new Map(Array.from({ length: 8 }, (_, run) => lanesOf(run))),
  })
  assert.ok(bytesOf(item) < 400 * 1024, `${bytesOf(item)} bytes`)
  assert.ok(bytesOf(item) > 300 * 1024, `${bytesOf(item)} bytes`)
})

test.run()
