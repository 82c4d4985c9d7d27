/**
 * The grid: 512 × 512 cells around all districts, each cut into 8 × 8 parts where borders run, and
 * those again where borders crowd. Level 0 is the cells; a part of level n + 1 is an eighth as wide.
 */
import type { BoundingBox } from './districts.ts'
import { toleranceFor } from './side.ts'

const CELL_BITS = 9
/** Cells along each side. */
export const CELLS = 1 << CELL_BITS
const PART_BITS = 3
/** Parts along each side of a block. */
export const PARTS = 1 << PART_BITS
/** Parts in a block. */
export const BLOCK_SIZE = PARTS * PARTS

/**
 * Smallest part, in degrees (0.01 mm). Coordinates are good to 3e-14 degrees, so every position is
 * known to far less than the margin that the rasteriser adds around a part.
 */
const MIN_PART_DEGREES = 1e-10
const MAX_LEVEL = 6
/** Cells without an edge on each side of the grid. */
const FREE = 2

export interface Grid {
  /** Degrees of the corner that both axes start from. */
  west: number
  south: number
  /** Degrees a cell is wide and high, and cells per degree. */
  width: number
  height: number
  perLon: number
  perLat: number
  /** The deepest level whose parts are not too small. */
  maxLevel: number
  /** For `isLeft`, good for any point and edge in the grid. */
  tolerance: number
}

/** The grid around `bbox`. Two cells are left free on each side: no edge touches the outermost. */
export function gridAround([west, south, east, north]: BoundingBox): Grid {
  const width = cellDegrees(east - west)
  const height = cellDegrees(north - south)
  const levels = Math.log2(Math.min(width, height) / MIN_PART_DEGREES) / PART_BITS
  return {
    west: west - FREE * width,
    south: south - FREE * height,
    width,
    height,
    perLon: 1 / width,
    perLat: 1 / height,
    maxLevel: Math.min(MAX_LEVEL, Math.floor(levels)),
    tolerance: toleranceFor(width * CELLS, height * CELLS),
  }
}

function cellDegrees(span: number): number {
  return Math.max(span / (CELLS - 2 * FREE), MIN_PART_DEGREES * BLOCK_SIZE)
}

/** Longitude of the western side of the parts in `column`; the same number at every level. */
export function lonOf(grid: Grid, column: number, level: number): number {
  return grid.west + (column / PARTS ** level) * grid.width
}

/** Latitude of the southern side of the parts in `row`; the same number at every level. */
export function latOf(grid: Grid, row: number, level: number): number {
  return grid.south + (row / PARTS ** level) * grid.height
}

/**
 * Position in the table of the cell that holds (x, y), counted in cells. For anything outside of the
 * grid, and for what is no number, it is that of the first cell, which is in no district.
 */
export function cellAt(x: number, y: number): number {
  const isInGrid = x >= 0 && x < CELLS && y >= 0 && y < CELLS
  return isInGrid ? ((y | 0) << CELL_BITS) | (x | 0) : 0
}

/** Position in its block of the part that holds (x, y), counted in parts of its level. */
export function partAt(x: number, y: number): number {
  return ((y & (PARTS - 1)) << PART_BITS) | (x & (PARTS - 1))
}
