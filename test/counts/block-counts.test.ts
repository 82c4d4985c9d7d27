import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { MEASURES } from '../../src/counts/measures.ts'
import { PackedWriter } from '../../src/counts/packed.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('the counts of a block')

const PANES = 4

interface Addition {
  pane: number
  id: string
  measure: number
  value: number
}

function additions(random: () => number, ids: readonly string[], count: number): Addition[] {
  const below = (n: number): number => Math.floor(random() * n)
  return Array.from({ length: count }, () => ({
    pane: below(PANES),
    id: ids[below(ids.length)],
    measure: below(MEASURES),
    value: below(2_000) - 300,
  }))
}

function countsOf(list: readonly Addition[], slots: DistrictSlots): BlockCounts {
  const counts = new BlockCounts(PANES, slots.size)
  for (const { pane, id, measure, value } of list) {
    const at = counts.row(pane, slots.slotOf(id))
    counts.values[at + measure] += value
    if (value % 5 === 0) counts.addUnclassified(pane, measure % 2, Math.abs(value) % 8)
    if (value % 11 === 0) counts.deadLetters++
  }
  return counts
}

/** By name, without the order in which anything was met. */
function contentOf(counts: BlockCounts, slots: DistrictSlots): Record<string, number[]> {
  const content: Record<string, number[]> = { unclassified: [...counts.unclassified] }
  content.deadLetters = [counts.deadLetters]
  for (let row = 0; row < counts.rows; row++) {
    const name = `${counts.rowPanes[row]} ${slots.ids[counts.rowSlots[row]]}`
    content[name] = [...counts.values.subarray(row * MEASURES, (row + 1) * MEASURES)]
  }
  return content
}

const ids = Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? `Zürich ${i}` : String(i)))

test('come back from their packed form, into any order of slots', () => {
  const random = seededRandom(1)
  for (let round = 0; round < 20; round++) {
    const slots = new DistrictSlots([], true)
    const counts = countsOf(additions(random, ids, 1 + round * 20), slots)
    const others = new DistrictSlots([...ids].reverse(), true)
    const unpacked = BlockCounts.unpack(counts.pack(slots), others)
    assert.equal(contentOf(unpacked, others), contentOf(counts, slots))
    assert.is(unpacked.panes, PANES)
  }
})

test('pack to the same bytes in whatever order they were added and slots were met', () => {
  const random = seededRandom(2)
  for (let round = 0; round < 20; round++) {
    const list = additions(random, ids, 200)
    const slots = new DistrictSlots([], true)
    const packed = countsOf(list, slots).pack(slots)
    const shuffled = [...list]
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = Math.floor(random() * (i + 1))
      ;[shuffled[i], shuffled[j]] = [shuffled[j], shuffled[i]]
    }
    const others = new DistrictSlots(['never used', ...ids], true)
    assert.equal([...countsOf(shuffled, others).pack(others)], [...packed])
    const again = new DistrictSlots([], true)
    assert.equal([...BlockCounts.unpack(packed, again).pack(again)], [...packed])
  }
})

test('make room for rows and for slots as they come', () => {
  const slots = new DistrictSlots([], true)
  const counts = new BlockCounts(12, 0)
  for (let slot = 0; slot < 300; slot++) {
    for (let pane = 0; pane < 12; pane++) {
      const at = counts.row(pane, slots.slotOf(`z${slot}`))
      counts.values[at] = slot * 100 + pane
    }
  }
  for (let slot = 0; slot < 300; slot++) {
    for (let pane = 0; pane < 12; pane++) {
      assert.is(counts.values[counts.row(pane, slot)], slot * 100 + pane)
    }
  }
  assert.is(counts.rows, 3_600)
})

test('add up, also into a longer block at an offset', () => {
  const random = seededRandom(4)
  const slots = new DistrictSlots([], true)
  const first = additions(random, ids, 100)
  const second = additions(random, ids, 100)
  const sum = countsOf(first, slots)
  sum.add(countsOf(second, slots))
  assert.equal(contentOf(sum, slots), contentOf(countsOf([...first, ...second], slots), slots))

  const hour = new BlockCounts(12, slots.size)
  const block = countsOf(first, slots)
  hour.add(block, 8)
  for (let row = 0; row < block.rows; row++) {
    assert.equal(
      [...hour.values.subarray(row * MEASURES, (row + 1) * MEASURES)],
      [...block.values.subarray(row * MEASURES, (row + 1) * MEASURES)],
    )
    assert.is(hour.rowPanes[row], block.rowPanes[row] + 8)
  }
  assert.equal([...hour.unclassified.subarray(8 * 16)], [...block.unclassified])
})

test('of nothing are a few bytes', () => {
  const slots = new DistrictSlots(ids, false)
  const packed = new BlockCounts(PANES, slots.size).pack(slots)
  assert.equal([...packed], [2, PANES, 0, 0, 0, 0, 0, 0])
  assert.is(BlockCounts.unpack(packed, slots).rows, 0)
})

test('of two names that are one once packed add up, and neither replaces the other', () => {
  // Half of a surrogate pair has no UTF-8: both halves become U+FFFD.
  const slots = new DistrictSlots(['\ud83d', '\ude95'], true)
  const counts = new BlockCounts(1, 2)
  counts.values[counts.row(0, 0)] = 3
  counts.values[counts.row(0, 1)] = 4
  const others = new DistrictSlots([], true)
  const unpacked = BlockCounts.unpack(counts.pack(slots), others)
  assert.equal(others.ids, ['\ufffd'])
  assert.is(unpacked.values[unpacked.row(0, 0)], 7)
})

test('of another version are refused', () => {
  const writer = new PackedWriter()
  writer.unsigned(1)
  assert.throws(
    () => BlockCounts.unpack(writer.finish(), new DistrictSlots([], true)),
    /Partial counts: got version 1, expected version 2/,
  )
})

test.run()
