/** Packs user records into KPL's aggregated record; `aggregated-record` says what that is. */
import { hash } from 'node:crypto'
import { MAGIC, MD5_BYTES } from './aggregated-record.ts'

const NO_ROWS: RecordRows = { bytes: new Uint8Array(0), recordBytes: 1 }
const encoder = new TextEncoder()

/** Bytes that an aggregate needs besides its user records: magic, key table and checksum. */
export function aggregateOverhead(partitionKey: string): number {
  const keyBytes = Buffer.byteLength(partitionKey)
  return MAGIC.length + MD5_BYTES + 1 + varintLength(keyBytes) + keyBytes
}

/** Bytes that a user record of `dataBytes` takes inside an aggregate. */
export function userRecordSize(dataBytes: number): number {
  const message = 2 + 1 + varintLength(dataBytes) + dataBytes
  return 1 + varintLength(message) + message
}

/** User records of one length, one behind the other. */
export interface RecordRows {
  bytes: Uint8Array
  recordBytes: number
}

/**
 * Packs user records that all have `partitionKey`, which must be the partition key of the Kinesis
 * record too: then they share one hash and no split or merge can part them. `records` come first,
 * then those in `rows`, for each of which no object is made.
 */
export function encodeAggregate(
  partitionKey: string,
  records: readonly Uint8Array[],
  rows: RecordRows = NO_ROWS,
): Uint8Array {
  const { bytes, recordBytes } = rows
  let size = aggregateOverhead(partitionKey)
  for (const record of records) size += userRecordSize(record.length)
  size += (bytes.length / recordBytes) * userRecordSize(recordBytes)
  const out = new Uint8Array(size)
  out.set(MAGIC)
  let at = MAGIC.length
  const key = encoder.encode(partitionKey)
  out[at++] = 0x0a
  at = writeVarint(out, at, key.length)
  out.set(key, at)
  at += key.length
  for (const record of records) {
    at = writeHead(out, at, record.length)
    out.set(record, at)
    at += record.length
  }
  at = writeRows(out, at, rows)
  out.set(hash('md5', out.subarray(MAGIC.length, at), 'buffer'), at)
  return out
}

/** Writes all there is of a user record but its data. */
function writeHead(out: Uint8Array, offset: number, length: number): number {
  let at = offset
  out[at++] = 0x1a
  at = writeVarint(out, at, 3 + varintLength(length) + length)
  out[at++] = 0x08
  out[at++] = 0 // partition_key_index is required, so it is written although it is 0
  out[at++] = 0x1a
  return writeVarint(out, at, length)
}

/** By words, their bytes in the order that the processor has: faster than by calls of `set`. */
function writeRows(out: Uint8Array, offset: number, { bytes, recordBytes }: RecordRows): number {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const to = new DataView(out.buffer)
  let at = offset
  for (let start = 0; start < bytes.length;) {
    at = writeHead(out, at, recordBytes)
    const end = start + recordBytes
    for (; start + 4 <= end; start += 4, at += 4)
      to.setUint32(at, from.getUint32(start, true), true)
    while (start < end) out[at++] = bytes[start++]
  }
  return at
}

function varintLength(value: number): number {
  let length = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++
  return length
}

function writeVarint(out: Uint8Array, offset: number, value: number): number {
  let at = offset
  let rest = value
  for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) | 0x80
  out[at++] = rest
  return at
}
