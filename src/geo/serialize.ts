/**
 * The index as bytes, for a file or another thread: 'HSDI', a version and the length of the header
 * (little-endian u32 each, the latter padded to eight bytes), a header of JSON, then `leaves` (f64),
 * `cells` and `blocks` (i32). The arrays are the memory of a little-endian machine as it is.
 */
import { HailstreamError } from '../errors.ts'
import { CELLS } from './grid.ts'
import type { Grid } from './grid.ts'
import type { Table } from './table.ts'

const MAGIC = 0x49445348 // 'HSDI'
const VERSION = 1
const PREFIX_BYTES = 16
const CELLS_BYTES = CELLS * CELLS * 4

interface Header {
  ids: string[]
  fingerprint: string
  grid: Grid
  /** Bytes of each array. */
  leaves: number
  blocks: number
}

export interface SerializedIndex {
  ids: readonly string[]
  fingerprint: string
  table: Table
}

export function serializeIndex({
  ids,
  fingerprint,
  table,
}: SerializedIndex): Uint8Array<ArrayBuffer> {
  const { grid, cells, blocks, leaves } = table
  const header = Buffer.from(
    JSON.stringify({
      ids: [...ids],
      fingerprint,
      grid,
      leaves: leaves.byteLength,
      blocks: blocks.byteLength,
    } satisfies Header),
  )
  const start = PREFIX_BYTES + Math.ceil(header.length / 8) * 8
  const bytes = Buffer.alloc(start + leaves.byteLength + cells.byteLength + blocks.byteLength, ' ')
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(VERSION, 4)
  bytes.writeUInt32LE(start, 8)
  bytes.set(header, PREFIX_BYTES)
  let at = start
  for (const array of [leaves, cells, blocks]) {
    bytes.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at)
    at += array.byteLength
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Shares memory with `bytes` where it is aligned to eight bytes. Throws `CORRUPT`. */
export function deserializeIndex(bytes: Uint8Array): SerializedIndex {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < PREFIX_BYTES || view.getUint32(0, true) !== MAGIC) {
    throw corrupt('other bytes', 'a serialized district index')
  }
  const version = view.getUint32(4, true)
  if (version !== VERSION) throw corrupt(`version ${version}`, `version ${VERSION}`)

  const start = view.getUint32(8, true)
  const header = readHeader(bytes.subarray(PREFIX_BYTES, start))
  const length = start + header.leaves + CELLS_BYTES + header.blocks
  if (bytes.length !== length) throw corrupt(`${bytes.length} bytes`, `${length} bytes`)

  const { buffer, byteOffset } = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  const leaves = new Float64Array(buffer, byteOffset + start, header.leaves / 8)
  const cellsAt = byteOffset + start + header.leaves
  const cells = new Int32Array(buffer, cellsAt, CELLS * CELLS)
  const blocks = new Int32Array(buffer, cellsAt + CELLS_BYTES, header.blocks / 4)
  const { ids, fingerprint, grid } = header
  return { ids, fingerprint, table: { grid, cells, blocks, leaves } }
}

function readHeader(bytes: Uint8Array): Header {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Header
  } catch (cause) {
    throw corrupt('a header that is not JSON', 'a serialized district index', cause)
  }
}

function corrupt(got: string, expected: string, cause?: unknown): HailstreamError {
  return new HailstreamError('CORRUPT', { subject: 'District index', got, expected }, { cause })
}
