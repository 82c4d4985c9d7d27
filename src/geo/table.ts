/** The finished index: what a look-up reads, and nothing else. */
import type { Grid } from './grid.ts'

export interface Table {
  grid: Grid
  /** A code for each cell, row by row from the south-west. */
  cells: Int32Array
  /** A code for each part of each block, in the same order. */
  blocks: Int32Array
  /** See leaves.ts. */
  leaves: Float64Array
}
