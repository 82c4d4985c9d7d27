/** A reply in pieces that are each decoded and counted without a pause. */
import type { KinesisRecord } from '../kinesis/kinesis-port.ts'

/** About a millisecond's work, ten until it is compiled. */
export const PIECE_BYTES = 150_000

/** All records in their order; a piece ends with the record that makes it as large. */
export function* inPieces(records: readonly KinesisRecord[]): Iterable<readonly KinesisRecord[]> {
  let first = 0
  let bytes = 0
  for (const [i, { data }] of records.entries()) {
    bytes += data.length
    if (bytes < PIECE_BYTES && i + 1 < records.length) continue
    yield records.slice(first, i + 1)
    first = i + 1
    bytes = 0
  }
}
