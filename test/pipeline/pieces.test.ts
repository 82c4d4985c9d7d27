import * as assert from 'uvu/assert'
import type { KinesisRecord } from '../../src/kinesis/kinesis-port.ts'
import { endOfPiece, LEAST_BYTES, MOST_BYTES, nextPieceBytes } from '../../src/pipeline/pieces.ts'
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

test('end with the record that makes them large enough, or with the reply', () => {
  const records = recordsOf([10, 0, 20, 5, 1_000])
  const ends = [1, 10, 11, 31, 100, 2_000].map((bytes) => endOfPiece(records, 0, bytes))
  assert.equal(ends, [1, 1, 3, 4, 5, 5])
  assert.is(endOfPiece(records, 3, 1), 4)
  assert.is(endOfPiece(records, 4, 1), 5)
})

test('have at least one record, though it may be empty', () => {
  assert.is(endOfPiece(recordsOf([0]), 0, LEAST_BYTES), 1)
  assert.is(endOfPiece(recordsOf([1_000_000, 1]), 0, LEAST_BYTES), 1)
})

test('grow while they take no time, and shrink when they do, within bounds', () => {
  let bytes = LEAST_BYTES
  for (let i = 0; i < 20; i++) bytes = nextPieceBytes(bytes, 0.5)
  assert.is(bytes, MOST_BYTES)
  bytes = nextPieceBytes(bytes, 8)
  assert.is(bytes, MOST_BYTES / 2)
  for (let i = 0; i < 20; i++) bytes = nextPieceBytes(bytes, 8)
  assert.is(bytes, LEAST_BYTES)
})

test.run()
