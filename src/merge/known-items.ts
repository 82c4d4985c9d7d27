/**
 * The merger's memory of what stands in the table. A version it knows was read before whatever is
 * merged next, so a write over that version can turn nothing back; a write that is refused brings
 * the item that is there instead, for the next attempt.
 */
import type { Condition, Item, ItemKey, TablePort } from '../counts/table-port.ts'
import { bytesInMemory } from './weight.ts'

/** Of items that are kept whole; of the others only the version is. */
const MAX_BYTES = 100_000_000

interface Known {
  version: number
  /** Let go once too much is known: then it is read again where it is needed. */
  item: Item | undefined
  bytes: number
}

export class KnownItems {
  readonly #table: TablePort
  readonly #onWrite: ((item: Item) => void) | undefined
  readonly #maxBytes: number
  /** `undefined` as a value: the item is known to be absent. */
  readonly #items = new Map<string, Known | undefined>()
  /** Names of items that are kept whole, those written or read longest ago first. */
  readonly #whole = new Set<string>()
  #bytes = 0

  constructor(table: TablePort, onWrite?: (item: Item) => void, maxBytes = MAX_BYTES) {
    this.#table = table
    this.#onWrite = onWrite
    this.#maxBytes = maxBytes
  }

  get bytesKept(): number {
    return this.#bytes
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
    const known = this.#items.get(name)
    const previous = known === undefined ? undefined : (known.item ?? (await this.#table.get(key)))
    if (known !== undefined && Number(previous?.version) !== known.version) {
      this.#remember(name, previous)
      return 'refused'
    }
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

  /**
   * Those of `keys` that are there, in their order, as this merger wrote or met them last; one never
   * met is taken to be absent. Undefined when one is there that is not kept whole.
   */
  remembered(keys: readonly ItemKey[]): Item[] | undefined {
    const items: Item[] = []
    for (const { pk, sk } of keys) {
      const known = this.#items.get(`${pk}|${sk}`)
      if (known === undefined) continue
      if (known.item === undefined) return undefined
      items.push(known.item)
    }
    return items
  }

  #remember(name: string, item: Item | undefined): void {
    this.#bytes -= this.#items.get(name)?.bytes ?? 0
    this.#whole.delete(name)
    if (item === undefined) {
      this.#items.set(name, undefined)
      return
    }
    const bytes = bytesInMemory(item)
    this.#items.set(name, { version: Number(item.version), item, bytes })
    this.#whole.add(name)
    this.#bytes += bytes
    for (const oldest of this.#whole) {
      if (this.#bytes <= this.#maxBytes) return
      this.#letGo(oldest)
    }
  }

  /** An item that is known to be there is never taken to be absent: its version stays. */
  #letGo(name: string): void {
    const known = this.#items.get(name)
    this.#whole.delete(name)
    if (known === undefined) return
    this.#bytes -= known.bytes
    this.#items.set(name, { version: known.version, item: undefined, bytes: 0 })
  }
}
