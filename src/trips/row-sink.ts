/** Why a row is not a trip. The list is closed: the summary and the quarantine use these words. */
export const REJECT_REASONS = [
  'missing-pickup-time',
  'unreadable-pickup-time',
  'too-few-fields', // the line ends before the pickup time
  'unterminated-quote',
  'broken-quote', // text behind a closing quote
  'line-too-long',
] as const

export type RejectReason = (typeof REJECT_REASONS)[number]

/** Longest part of a rejected row that is kept, in bytes. */
export const MAX_RAW_BYTES = 64 * 1024

/** Where a reader puts what it finds in the rows of a file. */
export interface RowSink {
  /** The slot for the next record: 80 bytes at `offset` of `view` and of `bytes`. */
  readonly view: DataView
  readonly bytes: Uint8Array
  readonly offset: number
  /** The slot holds a trip, and moves on. `zonesTooLong`: ends whose zone id did not fit. */
  keep(zonesTooLong: number): void
  /** `line` is 1-based (a row number where the file has no lines). */
  reject(line: number, reason: RejectReason, raw: string): void
}
