/** A counts table in memory; conditions are decided by `holds`, as DynamoDB would decide them. */
import type { Condition, Item, ItemKey, TablePort } from '../../src/counts/table-port.ts'
import { holds } from '../../src/counts/table-port.ts'

export class MemoryTable implements TablePort {
  /** Every put that was accepted, in order. */
  readonly written: Item[] = []
  refused = 0
  /** Called before each operation; what it throws is the operation's failure. */
  onCall: (call: 'get' | 'query' | 'scan' | 'put' | 'delete', key: ItemKey) => void = () =>
    undefined
  readonly #items = new Map<string, Item>()

  item(pk: string, sk: string): Item | undefined {
    return this.#items.get(nameOf({ pk, sk }))
  }

  items(prefix = ''): Item[] {
    return [...this.#items.values()].filter(({ pk }) => pk.startsWith(prefix))
  }

  get(key: ItemKey): Promise<Item | undefined> {
    return this.#do('get', key, () => this.#items.get(nameOf(key)))
  }

  getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    return this.#do('get', keys[0] ?? { pk: '', sk: '' }, () =>
      keys.flatMap((key) => this.#items.get(nameOf(key)) ?? []),
    )
  }

  query(pk: string, range: { from?: string; to?: string } = {}): Promise<Item[]> {
    const { from = '', to = '\uffff' } = range
    return this.#do('query', { pk, sk: from }, () =>
      this.items()
        .filter((item) => item.pk === pk && item.sk >= from && item.sk <= to)
        .sort((a, b) => (a.sk < b.sk ? -1 : 1)),
    )
  }

  async *scan(prefix: string): AsyncIterable<Item[]> {
    const items = await this.#do('scan', { pk: prefix, sk: '' }, () => this.items(prefix))
    for (const item of items) yield [item]
  }

  put(item: Item, condition?: Condition): Promise<'ok' | 'refused'> {
    return this.#do('put', item, () => {
      if (condition !== undefined && !holds(condition, this.#items.get(nameOf(item)))) {
        this.refused++
        return 'refused'
      }
      // What was put must not change with what the writer goes on to do.
      this.#items.set(nameOf(item), structuredClone(item))
      this.written.push(item)
      return 'ok'
    })
  }

  delete(key: ItemKey): Promise<void> {
    return this.#do('delete', key, () => {
      this.#items.delete(nameOf(key))
    })
  }

  async #do<T>(
    call: 'get' | 'query' | 'scan' | 'put' | 'delete',
    key: ItemKey,
    effect: () => T,
  ): Promise<T> {
    await Promise.resolve()
    this.onCall(call, key)
    return effect()
  }
}

function nameOf({ pk, sk }: ItemKey): string {
  return JSON.stringify([pk, sk])
}
