/**
 * The blocks of one run that a shard has in memory, by their start. With many districts a block is
 * a single pane, and nearly every dropoff is in another one than that of the trip before: those
 * asked for lately are found without a map, which takes several times as long.
 */
import type { BlockCounts } from './block-counts.ts'

export interface Block {
  readonly run: string
  readonly start: number
  readonly counts: BlockCounts
  /** Records up to here were in the partial that was read back: they are not added again. */
  readonly base: string
  dirty: boolean
}

/** A power of two; more neighbours than trips of one moment end in. */
const RECENT = 64

export class RunBlocks {
  readonly #blocks = new Map<number, Block>()
  readonly #blockMillis: number
  /** Starts of those that were here and are not. */
  readonly #gone = new Set<number>()
  /** A block, if it is here, is where its place among its neighbours says. */
  readonly #recent: (Block | undefined)[] = Array.from({ length: RECENT }, () => undefined)

  constructor(blockMillis: number) {
    this.#blockMillis = blockMillis
  }

  get size(): number {
    return this.#blocks.size
  }

  get(start: number): Block | undefined {
    const place = this.#placeOf(start)
    const recent = this.#recent[place]
    if (recent?.start === start) return recent
    return (this.#recent[place] = this.#blocks.get(start))
  }

  set(block: Block): void {
    this.delete(block.start)
    this.#blocks.set(block.start, block)
    this.#gone.delete(block.start)
  }

  delete(start: number): void {
    if (this.#blocks.delete(start)) this.#gone.add(start)
    const place = this.#placeOf(start)
    if (this.#recent[place]?.start === start) this.#recent[place] = undefined
  }

  /** Whether the block was here and is not any more. */
  wasHere(start: number): boolean {
    return this.#gone.has(start)
  }

  /** Those that came first, first. */
  values(): Iterable<Block> {
    return this.#blocks.values()
  }

  #placeOf(start: number): number {
    return (start / this.#blockMillis) & (RECENT - 1)
  }
}
