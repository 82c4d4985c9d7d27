/**
 * Many points through the table, a chunk at a time and stage by stage: first the cells of all
 * points, then the blocks of those that need one, then the leaves, kind by kind. Each loop does one
 * thing, so the processor runs ahead in it instead of guessing what the next point needs.
 */
import { BLOCK, LINE, MESH, NOWHERE, WEDGE, kindOf, offsetOf } from './code.ts'
import { CELLS, CELL_BITS, PARTS, PART_BITS } from './grid.ts'
import { lineCode, meshCode, wedgeCode } from './leaves.ts'
import type { Table } from './table.ts'

const CHUNK = 1024

/** Points that wait for a stage, by kind; reused by every call, which is never interrupted. */
const [lines, wedges, meshes, pending] = Array.from({ length: 4 }, () => new Int32Array(CHUNK))

export function locateMany(
  table: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
): void {
  for (let from = 0; from < lons.length; from += CHUNK) {
    locateChunk(table, lons, lats, out, from, Math.min(from + CHUNK, lons.length))
  }
}
function locateChunk(
  table: Table,
  lons: Float64Array,
  lats: Float64Array,
  out: Int32Array,
  from: number,
  to: number,
): void {
  const { grid, cells, blocks, leaves } = table
  const { west, south, width, height, tolerance } = grid
  const perLon = 1 / width
  const perLat = 1 / height
  let n = 0
  for (let i = from; i < to; i++) {
    const x = (lons[i] - west) * perLon
    const y = (lats[i] - south) * perLat
    const code =
      x >= 0 && x < CELLS && y >= 0 && y < CELLS ? cells[((y | 0) << CELL_BITS) | (x | 0)] : NOWHERE
    out[i] = code
    pending[n] = i
    n += (code + 1) >>> 31
  }
  let nLines = 0
  let nWedges = 0
  let nMeshes = 0
  let scale = PARTS
  while (n > 0) {
    let next = 0
    for (let k = 0; k < n; k++) {
      const i = pending[k]
      let code = out[i]
      let kind = kindOf(code)
      if (kind === BLOCK) {
        const x = (lons[i] - west) * perLon * scale
        const y = (lats[i] - south) * perLat * scale
        code = blocks[offsetOf(code) + (((y & (PARTS - 1)) << PART_BITS) | (x & (PARTS - 1)))]
        out[i] = code
        if (code >= NOWHERE) continue
        kind = kindOf(code)
      }
      if (kind === LINE) lines[nLines++] = i
      else if (kind === WEDGE) wedges[nWedges++] = i
      else if (kind === MESH) meshes[nMeshes++] = i
      else pending[next++] = i
    }
    n = next
    scale *= PARTS
  }
  for (let k = 0; k < nLines; k++) {
    const i = lines[k]
    out[i] = lineCode(leaves, offsetOf(out[i]), lons[i], lats[i], tolerance)
  }
  for (let k = 0; k < nWedges; k++) {
    const i = wedges[k]
    out[i] = wedgeCode(leaves, offsetOf(out[i]), lons[i], lats[i], tolerance)
  }
  for (let k = 0; k < nMeshes; k++) {
    const i = meshes[k]
    let code = out[i]
    do code = meshCode(leaves, offsetOf(code), lons[i], lats[i], tolerance)
    while (code < NOWHERE)
    out[i] = code
  }
}
