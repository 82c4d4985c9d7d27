/**
 * KPL's aggregated record: the four magic bytes, an `AggregatedRecord` protobuf (proto2), and the
 * MD5 of the protobuf. Specification: aggregation-format.md in awslabs/amazon-kinesis-producer;
 * what a consumer does with damaged ones follows KCL's `AggregatorUtil`.
 *
 *   message AggregatedRecord { repeated string partition_key_table = 1;
 *                              repeated string explicit_hash_key_table = 2;
 *                              repeated Record records = 3; }
 *   message Record { required uint64 partition_key_index = 1;
 *                    optional uint64 explicit_hash_key_index = 2;
 *                    required bytes data = 3; repeated Tag tags = 4; }
 */
import { hash } from 'node:crypto'
import { ProtobufCursor } from './protobuf-cursor.ts'

export const MAGIC = Uint8Array.of(0xf3, 0x89, 0x9a, 0xc2)
export const MD5_BYTES = 16
/** Decimal digits of an unsigned 128-bit integer. */
const HASH_KEY = /^\d{1,39}$/
/** Larger indexes would not survive the columns they are kept in. */
const MAX_INDEX = 2 ** 31 - 1

/** Where the user records of one Kinesis record are; reused from record to record. */
export class UserRecords {
  count = 0
  /** Of the i-th user record: offset and length of its data, and its indexes into the tables. */
  offsets = new Int32Array(512)
  lengths = new Int32Array(512)
  keyIndexes = new Int32Array(512)
  /** −1 where the user record has no explicit hash key. */
  hashKeyIndexes = new Int32Array(512)
  partitionKeys: string[] = []
  explicitHashKeys: string[] = []

  /**
   * Finds the user records in `data`. Returns false when `data` is not a well-formed aggregate
   * with a right checksum: such a record is one plain user record, as it is for KCL. So is one
   * whose keys nobody can tell, of which KCL logs an error and drops what it could not read.
   */
  read(data: Uint8Array): boolean {
    this.count = 0
    this.partitionKeys.length = 0
    this.explicitHashKeys.length = 0
    const end = data.length - MD5_BYTES
    if (end <= MAGIC.length || !startsWithMagic(data)) return false
    const protobuf = data.subarray(MAGIC.length, end)
    if (!equalBytes(hash('md5', protobuf, 'buffer'), data, end)) return false
    return this.#readMessage(data, MAGIC.length, end)
  }

  #readMessage(data: Uint8Array, start: number, end: number): boolean {
    const cursor = new ProtobufCursor(data, start, end)
    while (cursor.at < end) {
      const tag = cursor.varint()
      if (tag === 0x0a || tag === 0x12) {
        const text = Buffer.from(data.buffer, data.byteOffset, data.length)
        const length = cursor.varint()
        const from = cursor.skip(length)
        if (cursor.broken) return false
        const table = tag === 0x0a ? this.partitionKeys : this.explicitHashKeys
        table.push(text.toString('utf8', from, from + length))
      } else if (tag === 0x1a) {
        const length = cursor.varint()
        const from = cursor.skip(length)
        if (cursor.broken || !this.#readRecord(data, from, from + length)) return false
      } else {
        cursor.skipField(tag)
      }
      if (cursor.broken) return false
    }
    for (let i = 0; i < this.count; i++) {
      if (this.keyIndexes[i] >= this.partitionKeys.length) return false
      const hashKeyIndex = this.hashKeyIndexes[i]
      if (hashKeyIndex < 0) continue
      if (hashKeyIndex >= this.explicitHashKeys.length) return false
      if (!HASH_KEY.test(this.explicitHashKeys[hashKeyIndex])) return false
    }
    return true
  }

  #readRecord(data: Uint8Array, start: number, end: number): boolean {
    let keyIndex = -1
    let hashKeyIndex = -1
    let offset = -1
    let length = 0
    // The shape every encoder writes for a small table: 08 <index> 1a <len> <data>.
    if (
      end - start > 4 &&
      data[start] === 0x08 &&
      data[start + 1] < 0x80 &&
      data[start + 2] === 0x1a &&
      data[start + 3] < 0x80 &&
      start + 4 + data[start + 3] === end
    ) {
      keyIndex = data[start + 1]
      offset = start + 4
      length = data[start + 3]
    } else {
      const cursor = new ProtobufCursor(data, start, end)
      while (cursor.at < end) {
        const tag = cursor.varint()
        if (tag === 0x08) keyIndex = cursor.varint()
        else if (tag === 0x10) hashKeyIndex = cursor.varint()
        else if (tag === 0x1a) {
          length = cursor.varint()
          offset = cursor.skip(length)
        } else cursor.skipField(tag)
        if (cursor.broken) return false
      }
    }
    if (keyIndex < 0 || offset < 0 || Math.max(keyIndex, hashKeyIndex) > MAX_INDEX) return false
    if (this.count === this.offsets.length) this.#grow()
    const i = this.count++
    this.offsets[i] = offset
    this.lengths[i] = length
    this.keyIndexes[i] = keyIndex
    this.hashKeyIndexes[i] = hashKeyIndex
    return true
  }

  #grow(): void {
    const doubled = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(old.length * 2)
      larger.set(old)
      return larger
    }
    this.offsets = doubled(this.offsets)
    this.lengths = doubled(this.lengths)
    this.keyIndexes = doubled(this.keyIndexes)
    this.hashKeyIndexes = doubled(this.hashKeyIndexes)
  }
}

function startsWithMagic(data: Uint8Array): boolean {
  return (
    data[0] === MAGIC[0] && data[1] === MAGIC[1] && data[2] === MAGIC[2] && data[3] === MAGIC[3]
  )
}

function equalBytes(expected: Uint8Array, data: Uint8Array, offset: number): boolean {
  for (let i = 0; i < expected.length; i++) if (expected[i] !== data[offset + i]) return false
  return true
}
