/** A reply in pieces that are each decoded and counted without a pause. */
import type { KinesisRecord } from '../kinesis/kinesis-port.ts'

/** One aggregate by itself: up to ten milliseconds' work while its code is not compiled yet. */
export const LEAST_BYTES = 40_000
/** About a millisecond's work once it is; smaller pieces take up to a tenth more in all. */
export const MOST_BYTES = 150_000

const SHORT_MILLIS = 5

/** How large the next piece should be after one of `bytes` that took so long. */
export function nextPieceBytes(bytes: number, millis: number): number {
  return millis < SHORT_MILLIS
    ? Math.min(MOST_BYTES, bytes * 1.5)
    : Math.max(LEAST_BYTES, bytes / 2)
}

/** Where the piece ends that begins with record `from`: behind the record that makes it `bytes` large. */
export function endOfPiece(records: readonly KinesisRecord[], from: number, bytes: number): number {
  let end = from
  for (let size = 0; size < bytes && end < records.length; end++) size += records[end].data.length
  return end
}
