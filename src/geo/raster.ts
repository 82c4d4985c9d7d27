/** Which parts of a block an edge touches. */
import type { Draft } from './draft.ts'
import { BLOCK_SIZE, PARTS } from './grid.ts'

/**
 * Width of the rim around a part, in parts: an edge in the rim counts as touching. It covers the
 * rounding of positions many times over, and costs next to nothing.
 */
export const RIM = 2 ** -10

const NO_EDGES: readonly number[] = []

/**
 * Deals `edges` to the 8 × 8 parts of a block, row by row from the south-west. The block starts at
 * (`column`, `row`), counted in parts of that `level`.
 */
export function dealEdges(
  { edges: { ends }, columns, rows }: Draft,
  edges: readonly number[],
  column: number,
  row: number,
  level: number,
): (readonly number[])[] {
  const scale = PARTS ** level
  const parts = new Array<number[] | undefined>(BLOCK_SIZE).fill(undefined)
  for (const edge of edges) {
    let a = ends[2 * edge]
    let b = ends[2 * edge + 1]
    if (rows[a] > rows[b]) [a, b] = [b, a]
    const ax = columns[a] * scale - column
    const ay = rows[a] * scale - row
    const bx = columns[b] * scale - column
    const by = rows[b] * scale - row
    const top = Math.min(Math.floor(by + RIM), PARTS - 1)
    for (let y = Math.max(Math.floor(ay - RIM), 0); y <= top; y++) {
      // The ends of the piece of the edge inside the row and its rim.
      const south = y - RIM
      const north = y + 1 + RIM
      const x1 = ay >= south ? ax : ax + ((south - ay) / (by - ay)) * (bx - ax)
      const x2 = by <= north ? bx : ax + ((north - ay) / (by - ay)) * (bx - ax)
      const east = Math.min(Math.floor(Math.max(x1, x2) + RIM), PARTS - 1)
      for (let x = Math.max(Math.floor(Math.min(x1, x2) - RIM), 0); x <= east; x++) {
        const part = parts[y * PARTS + x]
        if (part === undefined) parts[y * PARTS + x] = [edge]
        else part.push(edge)
      }
    }
  }
  return parts.map((part) => part ?? NO_EDGES)
}
