/** One point through the table. */
import { BLOCK, LINE, NOWHERE, WEDGE, kindOf, offsetOf } from './code.ts'
import { CELLS, CELL_BITS, PARTS, PART_BITS } from './grid.ts'
import { lineCode, meshCode, wedgeCode } from './leaves.ts'
import type { Table } from './table.ts'

/** The district at a place, or `NOWHERE`. Takes any number. */
export function locate(table: Table, lon: number, lat: number): number {
  const { grid, cells, blocks, leaves } = table
  let x = (lon - grid.west) * grid.perLon
  let y = (lat - grid.south) * grid.perLat
  if (!(x >= 0 && x < CELLS && y >= 0 && y < CELLS)) return NOWHERE
  let code = cells[((y | 0) << CELL_BITS) | (x | 0)]
  while (code < NOWHERE) {
    const kind = kindOf(code)
    const at = offsetOf(code)
    if (kind === BLOCK) {
      x *= PARTS
      y *= PARTS
      code = blocks[at + (((y & (PARTS - 1)) << PART_BITS) | (x & (PARTS - 1)))]
    } else if (kind === LINE) code = lineCode(leaves, at, lon, lat, grid.tolerance)
    else if (kind === WEDGE) code = wedgeCode(leaves, at, lon, lat, grid.tolerance)
    else code = meshCode(leaves, at, lon, lat, grid.tolerance)
  }
  return code
}
