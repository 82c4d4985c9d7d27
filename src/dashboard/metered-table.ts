/** The table, with its reads counted: one for each call, as they are billed at least. */
import type { Condition, Item, ItemKey, TablePort } from '../counts/table-port.ts'

export class MeteredTable implements TablePort {
  readonly #table: TablePort
  #reads = 0

  constructor(table: TablePort) {
    this.#table = table
  }

  get reads(): number {
    return this.#reads
  }

  get(key: ItemKey): Promise<Item | undefined> {
    this.#reads++
    return this.#table.get(key)
  }

  getMany(keys: readonly ItemKey[]): Promise<Item[]> {
    this.#reads++
    return this.#table.getMany(keys)
  }

  query(pk: string, range?: { from?: string; to?: string }): Promise<Item[]> {
    this.#reads++
    return this.#table.query(pk, range)
  }

  scan(prefix: string, attributes?: readonly string[]): AsyncIterable<Item[]> {
    this.#reads++
    return this.#table.scan(prefix, attributes)
  }

  put(item: Item, condition?: Condition): Promise<'ok' | 'refused'> {
    return this.#table.put(item, condition)
  }

  delete(key: ItemKey): Promise<void> {
    return this.#table.delete(key)
  }
}
