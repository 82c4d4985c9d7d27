/**
 * The merger's memory of what stands in the table. A version it knows was read before whatever is
 * merged next, so a write over that version can turn nothing back; a write that is refused brings
 * the item that is there instead, for the next attempt.
 */
import type { Condition, Item, ItemKey, TablePort } from '../counts/table-port.ts'

const MAX_KNOWN = 2_000

export class KnownItems {
  readonly #table: TablePort
  readonly #onWrite: ((item: Item) => void) | undefined
  /** `undefined` as a value: the item is known to be absent. */
  readonly #items = new Map<string, Item | undefined>()

  constructor(table: TablePort, onWrite?: (item: Item) => void) {
    this.#table = table
    this.#onWrite = onWrite
  }

  /**
   * Writes what `build` makes of the known item; one never met is taken to be absent. `refused`:
   * the table had another version. It is known now, but what was merged is older than it is, so the
   * caller must read progress and partials again before it retries.
   */
  async replace(
    key: ItemKey,
    build: (previous: Item | undefined) => Item | Promise<Item>,
  ): Promise<'ok' | 'refused'> {
    const name = `${key.pk}|${key.sk}`
    const previous = this.#items.get(name)
    const item = await build(previous)
    const condition: Condition =
      previous === undefined
        ? { kind: 'absent' }
        : { kind: 'equal', attribute: 'version', value: Number(previous.version) }
    const outcome = await this.#table.put(item, condition)
    if (outcome === 'ok') {
      this.#remember(name, item)
      this.#onWrite?.(item)
    } else {
      this.#remember(name, await this.#table.get(key))
    }
    return outcome
  }

  /** Reads an item afresh, and knows it from then on. */
  async read(key: ItemKey): Promise<Item | undefined> {
    const item = await this.#table.get(key)
    this.#remember(`${key.pk}|${key.sk}`, item)
    return item
  }

  /** The item as it is right now, without taking its version for one that was known before. */
  peek(key: ItemKey): Promise<Item | undefined> {
    return this.#table.get(key)
  }

  #remember(name: string, item: Item | undefined): void {
    this.#items.delete(name)
    this.#items.set(name, item)
    if (this.#items.size <= MAX_KNOWN) return
    for (const oldest of this.#items.keys()) {
      this.#items.delete(oldest)
      break
    }
  }
}
