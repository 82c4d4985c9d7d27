import * as assert from 'uvu/assert'
import type { KinesisRecord } from '../../src/kinesis/kinesis-port.ts'
import { inPieces, PIECE_BYTES } from '../../src/pipeline/in-pieces.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'

const test = suite('the pieces of a reply')

function recordsOf(sizes: readonly number[]): KinesisRecord[] {
  return sizes.map((size, i) => ({
    sequenceNumber: String(i),
    partitionKey: 'a',
    data: new Uint8Array(size),
    arrivalTime: 0,
  }))
}

test('have every record once, in order, and none is much larger than it should be', () => {
  const random = seededRandom(1)
  const many = Array.from({ length: 200 }, () => Math.floor(random() * 60_000))
  for (const sizes of [[], [0], [0, 0, 0], [1_000_000], [PIECE_BYTES, 1], many]) {
    const records = recordsOf(sizes)
    const pieces = [...inPieces(records)]
    assert.equal(
      pieces.flat().map(({ sequenceNumber }) => sequenceNumber),
      records.map(({ sequenceNumber }) => sequenceNumber),
    )
    for (const piece of pieces) {
      assert.ok(piece.length > 0)
      const butLast = piece.slice(0, -1).reduce((sum, { data }) => sum + data.length, 0)
      assert.ok(butLast < PIECE_BYTES)
    }
  }
  assert.ok([...inPieces(recordsOf(many))].length > 10)
})

test.run()
