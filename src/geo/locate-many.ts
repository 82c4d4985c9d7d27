/**
 * Many points through the table, a chunk at a time and stage by stage: first the cells of all
 * points, then the blocks of those that need one, then the leaves, kind by kind. Each loop does one
 * thing and almost never has to guess, so the processor can work on many points at once.
 */
import { BLOCK, LINE, MESH, WEDGE, isPointer, kindOf, offsetOf } from './code.ts'
import { PARTS, cellAt, partAt } from './grid.ts'
import { lineCode, meshCode, wedgeCode } from './leaves.ts'
import type { Table } from './table.ts'

const CHUNK = 1024

// These serve every call: none is interrupted.
/** Places that are not answered yet. */
const pending = new Int32Array(CHUNK)
/** Places that wait for the table, by what their code points to, and how many they are. */
const lines = new Int32Array(CHUNK)
const wedges = new Int32Array(CHUNK)
const meshes = new Int32Array(CHUNK)
const inBlocks = new Int32Array(CHUNK)
const waiting = { lines: 0, wedges: 0, meshes: 0, inBlocks: 0 }

/** Writes the district of each place, or `NOWHERE`, to `out`. Takes any numbers; allocates nothing. */
export function locateMany(
  table: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
): void {
  for (let from = 0; from < lons.length; from += CHUNK) {
    const to = Math.min(from + CHUNK, lons.length)
    enqueue(out, lookUpCells(table, lons, lats, out, from, to))
    for (let scale = PARTS; waiting.inBlocks > 0; scale *= PARTS) {
      enqueue(out, lookUpBlocks(table, lons, lats, out, scale))
    }
    decideLeaves(table, lons, lats, out)
  }
}

/** The first stage. Returns how many places are pending. */
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
  let i = from
  // Four at a time: the loop itself would cost as much as the work in it.
  for (; i < to - 3; i += 4) {
    const a = cells[cellAt((lons[i] - west) * perLon, (lats[i] - south) * perLat)]
    const b = cells[cellAt((lons[i + 1] - west) * perLon, (lats[i + 1] - south) * perLat)]
    const c = cells[cellAt((lons[i + 2] - west) * perLon, (lats[i + 2] - south) * perLat)]
    const d = cells[cellAt((lons[i + 3] - west) * perLon, (lats[i + 3] - south) * perLat)]
    out[i] = a
    out[i + 1] = b
    out[i + 2] = c
    out[i + 3] = d
    n = note(i, a, n)
    n = note(i + 1, b, n)
    n = note(i + 2, c, n)
    n = note(i + 3, d, n)
  }
  for (; i < to; i++) {
    out[i] = cells[cellAt((lons[i] - west) * perLon, (lats[i] - south) * perLat)]
    n = note(i, out[i], n)
  }
  return n
}

/** The places in the queue of blocks; `scale` is parts per cell. Returns how many are pending. */
function lookUpBlocks(
  { grid, blocks }: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
  scale: number,
): number {
  const { west, south, perLon, perLat } = grid
  const count = waiting.inBlocks
  waiting.inBlocks = 0
  let n = 0
  for (let k = 0; k < count; k++) {
    const i = inBlocks[k]
    const x = (lons[i] - west) * perLon * scale
    const y = (lats[i] - south) * perLat * scale
    out[i] = blocks[offsetOf(out[i]) + partAt(x, y)]
    n = note(i, out[i], n)
  }
  return n
}

/**
 * Adds place `i` to the `n` pending ones if its code points on. It is written in any case and kept
 * or overwritten, which is cheaper than a branch that is hard to foresee.
 */
function note(i: number, code: number, n: number): number {
  pending[n] = i
  return n + Number(isPointer(code))
}

/** Deals the pending places to the queues; written to all four and kept in one, for the same reason. */
function enqueue(out: Int32Array, count: number): void {
  let { lines: l, wedges: w, meshes: m, inBlocks: b } = waiting
  for (let k = 0; k < count; k++) {
    const i = pending[k]
    const kind = kindOf(out[i])
    lines[l] = i
    wedges[w] = i
    meshes[m] = i
    inBlocks[b] = i
    l += Number(kind === LINE)
    w += Number(kind === WEDGE)
    m += Number(kind === MESH)
    b += Number(kind === BLOCK)
  }
  waiting.lines = l
  waiting.wedges = w
  waiting.meshes = m
  waiting.inBlocks = b
}

/** The last stage, kind by kind. */
function decideLeaves(
  { grid, leaves }: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
): void {
  const { tolerance } = grid
  for (let k = 0; k < waiting.lines; k++) {
    const i = lines[k]
    out[i] = lineCode(leaves, offsetOf(out[i]), lons[i], lats[i], tolerance)
  }
  for (let k = 0; k < waiting.wedges; k++) {
    const i = wedges[k]
    out[i] = wedgeCode(leaves, offsetOf(out[i]), lons[i], lats[i], tolerance)
  }
  for (let k = 0; k < waiting.meshes; k++) {
    const i = meshes[k]
    let code = out[i]
    while (isPointer(code)) code = meshCode(leaves, offsetOf(code), lons[i], lats[i], tolerance)
    out[i] = code
  }
  waiting.lines = waiting.wedges = waiting.meshes = 0
}
