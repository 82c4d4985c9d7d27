/**
 * Where Kinesis puts a record: the MD5 of the partition key's UTF-8 bytes, read as an unsigned
 * 128-bit big-endian integer, falls into the hash key range of exactly one open shard.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html
 */
import { hash } from 'node:crypto'

export const MAX_HASH_KEY = 2n ** 128n - 1n

/** Both ends inclusive, 0 … MAX_HASH_KEY. */
export interface HashKeyRange {
  readonly start: bigint
  readonly end: bigint
}

export function hashKeyOf(partitionKey: string): bigint {
  const digest = hash('md5', partitionKey, 'buffer')
  return (digest.readBigUInt64BE(0) << 64n) | digest.readBigUInt64BE(8)
}

export function rangeContains(range: HashKeyRange, hashKey: bigint): boolean {
  return range.start <= hashKey && hashKey <= range.end
}

export function rangesOverlap(a: HashKeyRange, b: HashKeyRange): boolean {
  return a.start <= b.end && b.start <= a.end
}

/** The `index`-th of `count` slices, equal to within one key, that tile the whole hash space. */
export function hashKeySlice(index: number, count: number): HashKeyRange {
  const size = MAX_HASH_KEY + 1n
  const slices = BigInt(count)
  return {
    start: (BigInt(index) * size) / slices,
    end: (BigInt(index + 1) * size) / slices - 1n,
  }
}

/** Enough for a range a hundred-thousandth of the hash space; a few seconds at worst. */
const MAX_ATTEMPTS = 2_000_000

/**
 * The first of `prefix0`, `prefix1`, … (counted in base 36) that hashes into `range`: the same
 * range and prefix give the same key everywhere. Takes about `2^128 / size of range` attempts.
 */
export function partitionKeyFor(range: HashKeyRange, prefix: string): string {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const key = prefix + attempt.toString(36)
    if (rangeContains(range, hashKeyOf(key))) return key
  }
  throw new RangeError(
    `partition key: got a hash key range of ${range.end - range.start + 1n} keys, ` +
      `expected one in which ${MAX_ATTEMPTS} attempts find a key`,
  )
}
