/**
 * Builds the table. Flatbush finds the edges that touch each tile of 8 × 8 cells; they are dealt to
 * the cells, and where more than a simple border runs through a cell, to the parts of the cell. The
 * polygons that hold the corner of each part are known from its neighbour to the west or south, by
 * the edges in between: no point is ever tested against a whole polygon.
 */
import Flatbush from 'flatbush'
import { BLOCK, pointer } from './code.ts'
import { districtOf, walk } from './draft.ts'
import type { Draft } from './draft.ts'
import type { Districts } from './districts.ts'
import { collectEdges } from './edges.ts'
import { BLOCK_SIZE, CELLS, PARTS, gridAround, latOf, lonOf } from './grid.ts'
import { EMPTY_SET, PolygonSets } from './polygon-sets.ts'
import { RIM, dealEdges } from './raster.ts'
import type { Table } from './table.ts'
import { writeMesh, writeSimpleLeaf } from './write-leaf.ts'
import type { Part } from './write-leaf.ts'

/** A part with more edges than this is cut again, as deep as the grid allows. */
const CROWDED = 24
/** Numbers in `leaves` (128 MB) from which on nothing is cut any more: right still, but slower. */
const ENOUGH_LEAVES = 2 ** 24

export function buildTable({ polygons, bbox }: Pick<Districts, 'polygons' | 'bbox'>): Table {
  const sets = new PolygonSets()
  const edges = collectEdges(polygons, sets)
  const grid = gridAround(bbox)
  const draft: Draft = {
    grid,
    edges,
    columns: edges.lons.map((lon) => (lon - grid.west) * grid.perLon),
    rows: edges.lats.map((lat) => (lat - grid.south) * grid.perLat),
    sets,
    districts: polygons.map(({ district }) => district),
    blocks: [],
    leaves: [],
  }
  const cells = new Int32Array(CELLS * CELLS)
  const edgesIn = edgeFinder(draft)
  for (let row = 0; row < CELLS; row += PARTS) {
    let set = EMPTY_SET
    for (let column = 0; column < CELLS; column += PARTS) {
      const near = edgesIn(column - RIM, row - RIM, column + PARTS + RIM, row + PARTS + RIM)
      const codes = codesOf(draft, near, column, row, 0, set)
      for (let y = 0; y < PARTS; y++) {
        cells.set(codes.slice(y * PARTS, (y + 1) * PARTS), (row + y) * CELLS + column)
      }
      const lat = latOf(grid, row, 0)
      set = walk(draft, set, near, lonOf(grid, column, 0), lat, lonOf(grid, column + PARTS, 0), lat)
    }
  }
  return {
    grid,
    cells,
    blocks: Int32Array.from(draft.blocks),
    leaves: Float64Array.from(draft.leaves),
  }
}

type EdgeFinder = (west: number, south: number, east: number, north: number) => readonly number[]

function edgeFinder({ edges: { ends, borders }, columns, rows }: Draft): EdgeFinder {
  if (borders.length === 0) return () => []
  const boxes = new Flatbush(borders.length)
  for (let i = 0; i < ends.length; i += 2) {
    const [ax, ay, bx, by] = [
      columns[ends[i]],
      rows[ends[i]],
      columns[ends[i + 1]],
      rows[ends[i + 1]],
    ]
    boxes.add(Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by))
  }
  boxes.finish()
  return (west, south, east, north) => boxes.search(west, south, east, north)
}

/**
 * The codes of the 8 × 8 parts that start at (`column`, `row`), row by row from the south-west.
 * `near` are the edges that touch any of them, `set` the polygons that hold the south-west corner.
 */
function codesOf(
  draft: Draft,
  near: readonly number[],
  column: number,
  row: number,
  level: number,
  set: number,
): number[] {
  if (near.length === 0) return new Array<number>(BLOCK_SIZE).fill(districtOf(draft, set))
  const codes: number[] = []
  const parts = dealEdges(draft, near, column, row, level)
  const west = lonOf(draft.grid, column, level)
  let rowSet = set
  for (let y = 0; y < PARTS; y++) {
    const lat = latOf(draft.grid, row + y, level)
    let corner = rowSet
    for (let x = 0; x < PARTS; x++) {
      const edges = parts[y * PARTS + x]
      if (edges.length === 0) {
        codes.push(districtOf(draft, corner))
        continue
      }
      const lon = lonOf(draft.grid, column + x, level)
      const part = { lon, lat, set: corner, edges }
      codes.push(codeOf(draft, part, column + x, row + y, level))
      corner = walk(draft, corner, edges, lon, lat, lonOf(draft.grid, column + x + 1, level), lat)
    }
    rowSet = walk(
      draft,
      rowSet,
      parts[y * PARTS],
      west,
      lat,
      west,
      latOf(draft.grid, row + y + 1, level),
    )
  }
  return codes
}

function codeOf(draft: Draft, part: Part, column: number, row: number, level: number): number {
  const { edges, set } = part
  const simple = writeSimpleLeaf(draft, part)
  if (simple !== undefined) return simple
  const isCrowded = level === 0 || edges.length > CROWDED
  const isFinal = level === draft.grid.maxLevel || draft.leaves.length > ENOUGH_LEAVES
  if (!isCrowded || isFinal) return writeMesh(draft, part)
  const codes = codesOf(draft, edges, column * PARTS, row * PARTS, level + 1, set)
  const at = draft.blocks.length
  for (const code of codes) draft.blocks.push(code)
  return pointer(BLOCK, at)
}
