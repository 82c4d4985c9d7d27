/**
 * Reads partials of blocks, strongly consistent. Most blocks of a sparse run have a partial from one
 * shard only; a reader that has been told of every partial asks for those alone. Told means named by
 * progress: a partial that is ahead of its shard's progress may be left out. Where another merger may
 * have merged such a one already, `everyShard` asks for all, so that no count goes back.
 */
import type { Generation } from '../counts/generation.ts'
import { parsePartialPk, partialPk } from '../counts/keys.ts'
import type { Progress } from '../counts/progress.ts'
import type { Item, ItemKey, TablePort } from '../counts/table-port.ts'
import { inParallel } from './in-parallel.ts'

export interface Partial {
  block: number
  shardId: string
  counts: Uint8Array
}

/** A feed that never ends has no end of blocks: with more than these, every shard is asked again. */
const MAX_NOTED = 100_000
/** Above this many shards a block's partials are found by a query instead of by their keys. */
const SHARDS_BY_KEY = 32

export class PartialReader {
  readonly #table: TablePort
  readonly #generation: string
  readonly #concurrency: number
  #knowsAll: boolean
  /** Run → block → the shards that have a partial there. */
  readonly #shardsOf = new Map<string, Map<number, string[]>>()
  #noted = 0

  constructor(
    table: TablePort,
    settings: { generation: Generation; concurrency: number },
    { knowsAll }: { knowsAll: boolean },
  ) {
    this.#table = table
    this.#generation = settings.generation.id
    this.#concurrency = settings.concurrency
    this.#knowsAll = knowsAll
  }

  /** There is, or soon was, a partial of this block from this shard. */
  note(run: string, block: number, shardId: string): void {
    if (!this.#knowsAll) return
    let ofRun = this.#shardsOf.get(run)
    if (ofRun === undefined) this.#shardsOf.set(run, (ofRun = new Map<number, string[]>()))
    const known = ofRun.get(block)
    if (known !== undefined) {
      if (!known.includes(shardId)) known.push(shardId)
      return
    }
    ofRun.set(block, [shardId])
    if (++this.#noted <= MAX_NOTED) return
    this.#knowsAll = false
    this.#shardsOf.clear()
  }

  async read(
    run: string,
    blocks: readonly number[],
    shards: readonly Progress[],
    { everyShard }: { everyShard: boolean },
  ): Promise<Partial[]> {
    const items = await this.#items(run, blocks, shards, everyShard || !this.#knowsAll)
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
    everyShard: boolean,
  ): Promise<Item[]> {
    if (!everyShard || shards.length <= SHARDS_BY_KEY) {
      const all = shards.map(({ shardId }) => shardId)
      const noted = this.#shardsOf.get(run)
      const keys = blocks.flatMap((block): ItemKey[] => {
        const pk = partialPk(this.#generation, run, block)
        return (everyShard ? all : (noted?.get(block) ?? [])).map((sk) => ({ pk, sk }))
      })
      return this.#table.getMany(keys)
    }
    const items: Item[] = []
    await inParallel(blocks, this.#concurrency, async (block) => {
      items.push(...(await this.#table.query(partialPk(this.#generation, run, block))))
    })
    return items
  }
}
