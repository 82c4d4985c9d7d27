import type { Segment } from './trip-batch.ts'

/** Blocks that are not named again, and a power of two. */
const LATELY = 8

/**
 * Starts of the blocks of `size` ms that the times of a segment's rows are in, each once or a few
 * times: trips of a segment are close in time, and most are in a block that was named just now.
 */
export function blocksOf(
  times: Float64Array,
  dead: Uint8Array,
  { first, end }: Segment,
  size: number,
): number[] {
  const starts: number[] = []
  const lately = new Float64Array(LATELY).fill(NaN)
  for (let row = first; row < end; row++) {
    const time = times[row]
    if (time !== time || dead[row] === 1) continue
    const block = Math.floor(time / size)
    if (lately[block & (LATELY - 1)] === block) continue
    lately[block & (LATELY - 1)] = block
    starts.push(block * size)
  }
  return starts
}
