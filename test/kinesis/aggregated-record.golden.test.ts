/** Aggregates made by Google's protobuf and read by KCL; test/golden/kpl-aggregates says how. */
import * as assert from 'uvu/assert'
import { UserRecords } from '../../src/kinesis/aggregated-record.ts'
import { Decoder } from '../../src/pipeline/decode.ts'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { suite } from '../support/suite.ts'
import { goldenAggregate, goldenAggregates } from './golden-aggregates.ts'

const test = suite('aggregates of other encoders')

const wholeRange = goldenAggregates.filter(
  ({ startingHashKey, endingHashKey }) =>
    startingHashKey === '0' && endingHashKey === String(2n ** 128n - 1n),
)

function read(data: Uint8Array): object[] {
  const records = new UserRecords()
  const aggregated = records.read(data)
  if (!aggregated) {
    return [{ partitionKey: 'outer', explicitHashKey: null, aggregated, data: [...data] }]
  }
  return Array.from({ length: records.count }, (_, i) => ({
    partitionKey: records.partitionKeys[records.keyIndexes[i]],
    explicitHashKey:
      records.hashKeyIndexes[i] < 0 ? null : records.explicitHashKeys[records.hashKeyIndexes[i]],
    aggregated,
    data: [...data.subarray(records.offsets[i], records.offsets[i] + records.lengths[i])],
  }))
}

test('there are enough of them, plain and aggregated', () => {
  assert.ok(wholeRange.length >= 26)
  assert.ok(goldenAggregates.length >= wholeRange.length + 6)
  assert.ok(wholeRange.filter(({ kcl }) => kcl[0]?.aggregated === false).length >= 10)
})

for (const golden of wholeRange) {
  test(`reads the same user records as KCL: ${golden.name}`, () => {
    assert.equal(
      read(golden.data),
      golden.kcl.map(({ partitionKey, explicitHashKey, aggregated, data }) => {
        return { partitionKey, explicitHashKey, aggregated, data: [...data] }
      }),
    )
  })
}

for (const golden of goldenAggregates) {
  test(`a shard is given the same user records as by KCL: ${golden.name}`, () => {
    // None of them is a trip, so that each comes out as a dead letter, whole.
    const range = { start: BigInt(golden.startingHashKey), end: BigInt(golden.endingHashKey) }
    const batch = new Decoder(new DistrictSlots([], true), range).decode([
      { sequenceNumber: '1', partitionKey: 'outer', data: golden.data, arrivalTime: 0 },
    ])
    assert.equal(
      batch.deadLetters.map(({ index, data }) => ({ index, data: [...data] })),
      golden.kcl.map(({ subSequenceNumber, data }) => ({
        index: subSequenceNumber,
        data: [...data],
      })),
    )
    assert.is(batch.rows, golden.kcl.length)
  })
}

test('reads a record at any offset of a larger buffer, again and again', () => {
  const { data } = goldenAggregate('several keys')
  const padded = new Uint8Array(data.length + 11)
  padded.set(data, 7)
  const expected = read(data)
  const records = new UserRecords()
  for (let i = 0; i < 3; i++) {
    assert.ok(records.read(padded.subarray(7, 7 + data.length)))
    assert.not.ok(records.read(goldenAggregate('plain text').data))
    assert.is(records.count, 0)
  }
  assert.equal(read(padded.subarray(7, 7 + data.length)), expected)
})

test('any damaged byte of an aggregate makes it a plain record', () => {
  const { data } = goldenAggregate('explicit hash keys for some only')
  for (let at = 0; at < data.length; at++) {
    const damaged = data.slice()
    damaged[at] ^= 0x10
    assert.not.ok(new UserRecords().read(damaged), `byte ${at}`)
  }
})

test.run()
