import { createHash } from 'node:crypto'
import * as assert from 'uvu/assert'
import { UserRecords } from '../../src/kinesis/aggregated-record.ts'
import {
  aggregateOverhead,
  encodeAggregate,
  userRecordSize,
} from '../../src/kinesis/encode-aggregate.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { goldenAggregate } from './golden-aggregates.ts'

const test = suite('our own aggregates')

const random = seededRandom(20_160_101)
const below = (n: number): number => Math.floor(random() * n)
const noise = (length: number): Uint8Array => Uint8Array.from({ length }, () => below(256))

function dataOf(data: Uint8Array): number[][] {
  const records = new UserRecords()
  assert.ok(records.read(data), 'not an aggregate')
  return Array.from({ length: records.count }, (_, i) => [
    ...data.subarray(records.offsets[i], records.offsets[i] + records.lengths[i]),
  ])
}

/** A right frame around any protobuf, so that only the protobuf is at fault. */
function framed(...bytes: number[]): Uint8Array {
  const protobuf = Uint8Array.from(bytes)
  const md5 = createHash('md5').update(protobuf).digest()
  return Uint8Array.from([0xf3, 0x89, 0x9a, 0xc2, ...protobuf, ...md5])
}

test('are the bytes that Google protobuf makes of the same records', () => {
  const { data } = goldenAggregate('one key, as a lane is packed')
  const letters = ['A', 'B', 'C'].map((letter) => new TextEncoder().encode(letter))
  assert.equal([...encodeAggregate('7.k', letters)], [...data])
})

test('an 80-byte trip takes 86 bytes, and the first byte of a key three more than it has', () => {
  assert.is(userRecordSize(80), 86)
  assert.is(aggregateOverhead('a'), 4 + 16 + 3)
})

test('are as long as was reckoned, whatever the key and the records', () => {
  for (let round = 0; round < 200; round++) {
    const key = 'kéy🚕'.repeat(below(12)) + 'x'
    const records = Array.from({ length: below(20) }, () => noise(below(2) * 120 + below(20)))
    const size = records.reduce((sum, { length }) => sum + userRecordSize(length), 0)
    const encoded = encodeAggregate(key, records)
    assert.is(encoded.length, aggregateOverhead(key) + size)
    assert.equal(
      dataOf(encoded),
      records.map((record) => [...record]),
    )
  }
})

test('are the same of records in rows as of records apart', () => {
  for (const recordBytes of [1, 80, 128, 129, 300]) {
    const first = noise(61)
    const bytes = noise(recordBytes * 7)
    const apart = Array.from({ length: 5 }, (_, i) =>
      bytes.subarray((i + 1) * recordBytes, (i + 2) * recordBytes),
    )
    const rows = { bytes: bytes.subarray(recordBytes, recordBytes * 6), recordBytes }
    assert.equal(encodeAggregate('k', [first], rows), encodeAggregate('k', [first, ...apart]))
  }
})

test('lengths around the steps of a varint are kept', () => {
  const records = [0, 1, 122, 123, 124, 127, 128, 16_377, 16_378, 16_383, 16_384].map(noise)
  assert.equal(
    dataOf(encodeAggregate('k', records)).map(({ length }) => length),
    records.map(({ length }) => length),
  )
})

test('hold far more records than the scratch space begins with', () => {
  const records = Array.from({ length: 5_000 }, (_, i) => Uint8Array.of(i & 255, i >> 8))
  const read = new UserRecords()
  const data = encodeAggregate('k', records)
  assert.ok(read.read(data))
  assert.is(read.count, 5_000)
  for (let i = 0; i < 5_000; i++) {
    assert.is(data[read.offsets[i]] + 256 * data[read.offsets[i] + 1], i)
    assert.is(read.keyIndexes[i], 0)
    assert.is(read.hashKeyIndexes[i], -1)
  }
})

test('a key beyond ASCII is counted in bytes of UTF-8', () => {
  assert.is(aggregateOverhead('東京'), aggregateOverhead('abcdef'))
})

test('an index that would wrap round to a key is no index', () => {
  const key = [0x0a, 1, 0x6b]
  // partition_key_index = 2^32, whose lower 32 bits are 0.
  assert.not.ok(
    new UserRecords().read(
      framed(...key, 0x1a, 9, 0x08, 0x80, 0x80, 0x80, 0x80, 0x10, 0x1a, 1, 0x41),
    ),
  )
  // explicit_hash_key_index = 2^32 − 1, which would be −1, the sign for none.
  assert.not.ok(
    new UserRecords().read(
      framed(...key, 0x1a, 11, 0x08, 0, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x1a, 1, 0x41),
    ),
  )
})

test('an index beyond its table makes a plain record, never another key', () => {
  assert.not.ok(new UserRecords().read(framed(0x0a, 1, 0x6b, 0x1a, 5, 0x08, 1, 0x1a, 1, 0x41)))
  assert.not.ok(
    new UserRecords().read(framed(0x0a, 1, 0x6b, 0x1a, 7, 0x08, 0, 0x10, 0, 0x1a, 1, 0x41)),
  )
})

test('an explicit hash key that is no number makes a plain record', () => {
  const withHashKey = (text: string): Uint8Array => {
    const bytes = [...new TextEncoder().encode(text)]
    const record = [0x1a, 7, 0x08, 0, 0x10, 0, 0x1a, 1, 0x41]
    return framed(0x0a, 1, 0x6b, 0x12, bytes.length, ...bytes, ...record)
  }
  assert.ok(new UserRecords().read(withHashKey('12')))
  for (const text of ['', 'abc', '0x10', '-1', ' 5', '1e3', '9'.repeat(40)]) {
    assert.not.ok(new UserRecords().read(withHashKey(text)), JSON.stringify(text))
  }
})

test('varints and tags may be longer than they need be', () => {
  const data = framed(0x8a, 0x00, 0x81, 0x00, 0x6b, 0x1a, 6, 0x08, 0x80, 0x00, 0x1a, 1, 0x41)
  assert.equal(dataOf(data), [[0x41]])
})

test('the last of several values of a field counts, as protobuf has it', () => {
  const data = framed(0x0a, 1, 0x6b, 0x1a, 8, 0x08, 0, 0x1a, 1, 0x41, 0x1a, 1, 0x42)
  assert.equal(dataOf(data), [[0x42]])
})

test('broken protobuf under a right checksum is a plain record', () => {
  const broken = [
    [0x0a], // a tag without a length
    [0x0a, 5, 0x6b], // a length beyond the end
    [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], // 11 bytes of varint
    [0x02, 0], // field 0
    [0x2c, 1, 0x0a, 1, 0x6b], // a group that ends and never began
    [0x2b, 0x08, 1], // a group that never ends
    [0x2b, 0x34], // a group that another one's end ends
    [0x2e, 0], // wire type 6
    [0x0a, 1, 0x6b, 0x1a, 3, 0x08, 0, 0x1a], // a record that ends within a field
  ]
  for (const bytes of broken) assert.not.ok(new UserRecords().read(framed(...bytes)), String(bytes))
})

test('groups may be nested as deep as a record is long', () => {
  const deep = [...Array<number>(50_000).fill(0x2b), ...Array<number>(50_000).fill(0x2c)]
  assert.equal(dataOf(framed(...deep, 0x0a, 1, 0x6b, 0x1a, 5, 0x08, 0, 0x1a, 1, 0x41)), [[0x41]])
})

test('no bytes behind the magic ones make the reader fail, whatever they are', () => {
  const records = new UserRecords()
  for (let round = 0; round < 3_000; round++) {
    const data = framed(...noise(1 + below(40)))
    if (!records.read(data)) continue
    for (let i = 0; i < records.count; i++) {
      assert.ok(records.offsets[i] >= 4)
      assert.ok(records.offsets[i] + records.lengths[i] <= data.length - 16)
    }
  }
})

test.run()
