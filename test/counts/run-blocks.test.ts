import * as assert from 'uvu/assert'
import { BlockCounts } from '../../src/counts/block-counts.ts'
import { DEAD_LETTER_BLOCK } from '../../src/counts/keys.ts'
import { RunBlocks } from '../../src/counts/run-blocks.ts'
import type { Block } from '../../src/counts/run-blocks.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('the blocks of a run in memory')

const SIZE = 300_000

const block = (start: number): Block => ({
  run: 'r',
  start,
  counts: new BlockCounts(1, 1),
  base: '',
  dirty: false,
})

test('are found, replaced and let go as in a map, whichever share a place', () => {
  const random = seededRandom(3)
  const blocks = new RunBlocks(SIZE)
  const expected = new Map<number, Block>()
  // 130 neighbours share 64 places, and so do those of 1901, 2016 and 9999.
  const starts = [Date.UTC(1901), Date.UTC(2016), Date.UTC(9999)].flatMap((from) =>
    Array.from({ length: 130 }, (_, i) => Math.floor(from / SIZE) * SIZE + i * SIZE),
  )
  starts.push(DEAD_LETTER_BLOCK)
  for (let i = 0; i < 20_000; i++) {
    const start = starts[Math.floor(random() * starts.length)]
    const what = random()
    if (what < 0.3) {
      const made = block(start)
      blocks.set(made)
      expected.set(start, made)
    } else if (what < 0.4) {
      blocks.delete(start)
      expected.delete(start)
    }
    const asked = starts[Math.floor(random() * starts.length)]
    assert.is(blocks.get(asked), expected.get(asked))
  }
  assert.is(blocks.size, expected.size)
  assert.equal(new Set(blocks.values()), new Set(expected.values()))
})

test.run()
