/** One place through the table. */
import { BLOCK, LINE, WEDGE, isPointer, kindOf, offsetOf } from './code.ts'
import { cellAt, partAt, PARTS } from './grid.ts'
import { lineCode, meshCode, wedgeCode } from './leaves.ts'
import type { Table } from './table.ts'

/** The district at a place, or `NOWHERE`. Takes any number. */
export function locate(table: Table, lon: number, lat: number): number {
  const { grid, cells, blocks, leaves } = table
  let x = (lon - grid.west) * grid.perLon
  let y = (lat - grid.south) * grid.perLat
  let code = cells[cellAt(x, y)]
  while (isPointer(code)) {
    const at = offsetOf(code)
    switch (kindOf(code)) {
      case BLOCK:
        x *= PARTS
        y *= PARTS
        code = blocks[at + partAt(x, y)]
        break
      case LINE:
        code = lineCode(leaves, at, lon, lat, grid.tolerance)
        break
      case WEDGE:
        code = wedgeCode(leaves, at, lon, lat, grid.tolerance)
        break
      default:
        code = meshCode(leaves, at, lon, lat, grid.tolerance)
    }
  }
  return code
}
