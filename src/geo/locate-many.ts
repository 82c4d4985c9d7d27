/**
 * Many points through the table, a chunk at a time and stage by stage: first the cells of all
 * points, then the blocks of those that need one, then the leaves, kind by kind. Each loop does one
 * thing and almost never has to guess, so the processor can work on many points at once.
 */
import { BLOCK, LINE, MESH, NOWHERE, WEDGE, kindOf, offsetOf } from './code.ts'
import { CELLS, CELL_BITS, PARTS, PART_BITS } from './grid.ts'
import { lineCode, meshCode, wedgeCode } from './leaves.ts'
import type { Table } from './table.ts'

const CHUNK = 1024

/** Points that are not answered yet. This and the queues serve every call: none is interrupted. */
const pending = new Int32Array(CHUNK)
/** Points that wait, queued by what their code points to; a queue each of `CHUNK` places. */
const queues = new Int32Array(4 * CHUNK)
const lengths = new Int32Array(4)

/** Writes the district of each place, or `NOWHERE`, to `out`. Takes any numbers; allocates nothing. */
export function locateMany(
  table: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
): void {
  for (let from = 0; from < lons.length; from += CHUNK) {
    const to = Math.min(from + CHUNK, lons.length)
    lengths.fill(0)
    enqueue(out, lookUpCells(table, lons, lats, out, from, to))
    for (let scale = PARTS; lengths[BLOCK] > 0; scale *= PARTS) {
      enqueue(out, lookUpBlocks(table, lons, lats, out, scale))
    }
    decideLeaves(table, lons, lats, out)
  }
}

/** Returns how many points are pending. */
function lookUpCells(
  { grid, cells }: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
  from: number,
  to: number,
): number {
  const { west, south, perLon, perLat } = grid
  let n = 0
  for (let i = from; i < to; i++) {
    const x = (lons[i] - west) * perLon
    const y = (lats[i] - south) * perLat
    const isInGrid = x >= 0 && x < CELLS && y >= 0 && y < CELLS
    const code = isInGrid ? cells[((y | 0) << CELL_BITS) | (x | 0)] : NOWHERE
    out[i] = code
    // Written in any case, kept or overwritten: cheaper than a branch that is hard to foresee.
    pending[n] = i
    n += Number(code < NOWHERE)
  }
  return n
}

/** Takes the points from the queue of blocks; `scale` is parts per cell. Returns how many are pending. */
function lookUpBlocks(
  { grid, blocks }: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
  scale: number,
): number {
  const { west, south, perLon, perLat } = grid
  const end = BLOCK * CHUNK + lengths[BLOCK]
  lengths[BLOCK] = 0
  let n = 0
  for (let k = BLOCK * CHUNK; k < end; k++) {
    const i = queues[k]
    const x = (lons[i] - west) * perLon * scale
    const y = (lats[i] - south) * perLat * scale
    const part = ((y & (PARTS - 1)) << PART_BITS) | (x & (PARTS - 1))
    const code = blocks[offsetOf(out[i]) + part]
    out[i] = code
    pending[n] = i
    n += Number(code < NOWHERE)
  }
  return n
}

function enqueue(out: Int32Array, count: number): void {
  for (let k = 0; k < count; k++) {
    const i = pending[k]
    const kind = kindOf(out[i])
    queues[kind * CHUNK + lengths[kind]++] = i
  }
}

function decideLeaves(
  { grid, leaves }: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
): void {
  const { tolerance } = grid
  for (let k = LINE * CHUNK; k < LINE * CHUNK + lengths[LINE]; k++) {
    const i = queues[k]
    out[i] = lineCode(leaves, offsetOf(out[i]), lons[i], lats[i], tolerance)
  }
  for (let k = WEDGE * CHUNK; k < WEDGE * CHUNK + lengths[WEDGE]; k++) {
    const i = queues[k]
    out[i] = wedgeCode(leaves, offsetOf(out[i]), lons[i], lats[i], tolerance)
  }
  for (let k = MESH * CHUNK; k < MESH * CHUNK + lengths[MESH]; k++) {
    const i = queues[k]
    let code = out[i]
    while (code < NOWHERE) code = meshCode(leaves, offsetOf(code), lons[i], lats[i], tolerance)
    out[i] = code
  }
}
