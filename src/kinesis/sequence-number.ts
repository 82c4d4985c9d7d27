/**
 * Sequence numbers and their order. Kinesis and KCL write them as decimal strings of up to some 56
 * digits, far beyond what a Number or a DynamoDB N (38 digits) holds. They are kept as strings:
 * plain, as the service gives them, or padded, where the order of the strings is the order of the
 * numbers, so that a condition in DynamoDB can compare them.
 */
import { HailstreamError } from '../errors.ts'

export const SEQUENCE_NUMBER_DIGITS = 60

declare const paddedBrand: unique symbol

/** Exactly 60 digits; compare with `<`. */
export type PaddedSequenceNumber = string & { readonly [paddedBrand]: true }

/**
 * Positions in a shard that are not a record's, as KCL names them in a lease's checkpoint. KCL's
 * order: AT_TIMESTAMP < TRIM_HORIZON < LATEST < every sequence number < SHARD_END.
 */
export type Sentinel = 'AT_TIMESTAMP' | 'TRIM_HORIZON' | 'LATEST' | 'SHARD_END'

const SENTINEL_ORDER: ReadonlyMap<string, number> = new Map<Sentinel, number>([
  ['AT_TIMESTAMP', -3],
  ['TRIM_HORIZON', -2],
  ['LATEST', -1],
  ['SHARD_END', 1],
])

/** A user record's place in its shard; what a checkpoint holds. */
export interface ExtendedSequenceNumber {
  /** Plain decimal digits, or a sentinel. */
  readonly sequenceNumber: string
  /** Index of the user record in its aggregate; 0 for a plain record and for a sentinel. */
  readonly subSequenceNumber: number
}

export const TRIM_HORIZON = sentinel('TRIM_HORIZON')
export const LATEST = sentinel('LATEST')
export const AT_TIMESTAMP = sentinel('AT_TIMESTAMP')
/** Everything in the shard has been processed, and nothing more will come. */
export const SHARD_END = sentinel('SHARD_END')

function sentinel(sequenceNumber: Sentinel): ExtendedSequenceNumber {
  return Object.freeze({ sequenceNumber, subSequenceNumber: 0 })
}

export function isSentinel(text: string): text is Sentinel {
  return SENTINEL_ORDER.has(text)
}

/** Whether `text` is a sequence number as the service writes one: digits, no leading zero. */
export function isSequenceNumber(text: string): boolean {
  return text.length <= SEQUENCE_NUMBER_DIGITS && /^(?:0|[1-9]\d*)$/.test(text)
}

/** Plain → padded. Throws `CORRUPT` for a sentinel and anything else that is not digits. */
export function padSequenceNumber(sequenceNumber: string): PaddedSequenceNumber {
  if (!isSequenceNumber(sequenceNumber)) throw notASequenceNumber(sequenceNumber)
  return sequenceNumber.padStart(SEQUENCE_NUMBER_DIGITS, '0') as PaddedSequenceNumber
}

/** Padded → plain. */
export function unpadSequenceNumber(padded: PaddedSequenceNumber): string {
  return padded.replace(/^0+(?=\d)/, '')
}

/** Text read back from a table, checked. Throws `CORRUPT` for anything but 60 digits. */
export function parsePaddedSequenceNumber(text: string): PaddedSequenceNumber {
  if (text.length !== SEQUENCE_NUMBER_DIGITS || !/^\d+$/.test(text)) throw notASequenceNumber(text)
  return text as PaddedSequenceNumber
}

/** Negative when `a` comes before `b`, 0 when equal. Takes plain sequence numbers and sentinels. */
export function compareSequenceNumbers(a: string, b: string): number {
  const rankA = SENTINEL_ORDER.get(a) ?? 0
  const rankB = SENTINEL_ORDER.get(b) ?? 0
  if (rankA !== 0 || rankB !== 0) return rankA - rankB
  if (!isSequenceNumber(a)) throw notASequenceNumber(a)
  if (!isSequenceNumber(b)) throw notASequenceNumber(b)
  // Without leading zeros the longer one is the greater.
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
}

export function compareExtended(a: ExtendedSequenceNumber, b: ExtendedSequenceNumber): number {
  return (
    compareSequenceNumbers(a.sequenceNumber, b.sequenceNumber) ||
    a.subSequenceNumber - b.subSequenceNumber
  )
}

function notASequenceNumber(text: string): HailstreamError {
  return new HailstreamError('CORRUPT', {
    subject: 'Sequence number',
    got: JSON.stringify(text),
    expected: `at most ${SEQUENCE_NUMBER_DIGITS} decimal digits`,
  })
}
