/**
 * Reads partials of blocks, strongly consistent. Most blocks of a sparse run have a partial from one
 * shard only; a reader that has been told of every partial asks for those alone. Told means named by
 * progress: a partial that is ahead of its shard's progress may be left out. Where another merger may
 * have merged such a one already, `everyShard` asks the table for all, so that no count goes back.
 */
import type { Generation } from '../counts/generation.ts'
import { parsePartialPk, partialPk } from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import type { Item, ItemKey, TablePort } from '../counts/table-port.ts'
import type { WrittenPartials } from '../counts/written-partials.ts'
import { inParallel } from './in-parallel.ts'
import type { Touch } from './touched.ts'

export interface Partial {
  block: number
  shardId: string
  counts: Uint8Array
}

/** A feed that never ends has no end of blocks: with more than these, every shard is asked again. */
const MAX_NOTED = 100_000
/** Above this many shards a block's partials are found by a query instead of by their keys. */
const SHARDS_BY_KEY = 32

/** A shard has a partial of a block, with records up to `seq`. */
type Noted = Pick<Touch, 'shardId' | 'seq'>

export class PartialReader {
  readonly #table: TablePort
  readonly #written: WrittenPartials | undefined
  readonly #generation: string
  readonly #concurrency: number
  #knowsAll: boolean
  /** By run, then by block. */
  readonly #noted = new Map<string, Map<number, Noted[]>>()
  #blocksNoted = 0

  /** What stands in `written` is not read again. `knowsAll`: every touch there ever was is noted. */
  constructor(
    { table, written }: { table: TablePort; written?: WrittenPartials },
    settings: { generation: Generation; concurrency: number },
    { knowsAll }: { knowsAll: boolean },
  ) {
    this.#table = table
    this.#written = written
    this.#generation = settings.generation.id
    this.#concurrency = settings.concurrency
    this.#knowsAll = knowsAll
  }

  /** There is a partial of each of these blocks from this shard. */
  note({ run, blocks, shardId, seq }: Touch): void {
    for (const block of blocks) this.#note(run, block, { shardId, seq })
  }

  #note(run: string, block: number, noted: Noted): void {
    let ofRun = this.#noted.get(run)
    if (ofRun === undefined) this.#noted.set(run, (ofRun = new Map<number, Noted[]>()))
    const known = ofRun.get(block)
    if (known !== undefined) {
      const ofShard = known.find(({ shardId }) => shardId === noted.shardId)
      if (ofShard === undefined) known.push(noted)
      else if (noted.seq > ofShard.seq) ofShard.seq = noted.seq
      return
    }
    ofRun.set(block, [noted])
    if (++this.#blocksNoted <= MAX_NOTED) return
    this.#knowsAll = false
    this.#blocksNoted = 0
    this.#noted.clear()
  }

  async read(
    run: string,
    blocks: readonly number[],
    shards: readonly Progress[],
    which: { everyShard: boolean },
  ): Promise<Partial[]> {
    const items = await this.#items(run, blocks, shards, which)
    return items.flatMap((item) =>
      item.counts instanceof Uint8Array
        ? { block: parsePartialPk(item.pk).block, shardId: item.sk, counts: item.counts }
        : [],
    )
  }

  async #items(
    run: string,
    blocks: readonly number[],
    shards: readonly Progress[],
    { everyShard }: { everyShard: boolean },
  ): Promise<Item[]> {
    const asksAll = everyShard || !this.#knowsAll
    const items: Item[] = []
    if (asksAll && shards.length > SHARDS_BY_KEY) {
      await inParallel(blocks, this.#concurrency, async (block) => {
        items.push(...(await this.#table.query(partialPk(this.#generation, run, block))))
      })
      return items
    }
    const unread: ItemKey[] = []
    for (const block of blocks) {
      const pk = partialPk(this.#generation, run, block)
      const noted = this.#noted.get(run)?.get(block) ?? []
      for (const { shardId } of asksAll ? shards : noted) {
        const key = { pk, sk: shardId }
        const own = everyShard ? undefined : this.#ownPartial(key, noted)
        if (own === undefined) unread.push(key)
        else items.push(own)
      }
    }
    return [...items, ...(await this.#table.getMany(unread))]
  }

  #ownPartial(key: ItemKey, noted: readonly Noted[]): Item | undefined {
    const touch = noted.find(({ shardId }) => shardId === key.sk)
    return touch && this.#written?.upTo(key, touch.seq)
  }
}
