/**
 * DynamoDB in memory, as the counts table uses it: conditional writes of single items, reads that
 * are consistent item by item and never as a whole, and the limit on an item's size.
 */
import type { Condition, Item, ItemKey, TablePort } from '../../src/counts/table-port.ts'
import { holds } from '../../src/counts/table-port.ts'
import type { Network } from './network.ts'
import type { SimProcess } from './sim-process.ts'

const ITEM_MAX_BYTES = 400 * 1024
const PAGE_ITEMS = 25

/** Sees every write before it is made. */
export type PutWatcher = (item: Item, previous: Item | undefined, by: SimProcess) => void

export class TableModel {
  onPut: PutWatcher = () => undefined
  readonly counts = { puts: 0, refused: 0, largestItem: 0 }
  readonly #partitions = new Map<string, Map<string, Item>>()
  readonly #network: Network
  readonly #fail: (why: string) => void

  constructor(network: Network, fail: (why: string) => void) {
    this.#network = network
    this.#fail = fail
  }

  /** Reads for the one who looks at the simulation from outside. */
  item(pk: string, sk: string): Item | undefined {
    return this.#partitions.get(pk)?.get(sk)
  }

  items(pk: string): Item[] {
    const items = [...(this.#partitions.get(pk)?.values() ?? [])]
    return items.sort((a, b) => (a.sk < b.sk ? -1 : 1))
  }

  partitionKeys(prefix: string): string[] {
    return [...this.#partitions.keys()].filter((pk) => pk.startsWith(prefix)).sort()
  }

  portOf(process: SimProcess): TablePort {
    const call = <T>(what: string, effect: () => T): Promise<T> =>
      this.#network.call(process, 'table', what, effect)
    const getSome = (keys: readonly ItemKey[]): Promise<Item[]> =>
      call(`get ${keys.length} items`, () =>
        keys.flatMap(({ pk, sk }) => {
          const item = this.item(pk, sk)
          return item === undefined ? [] : [item]
        }),
      )
    const page = (pk: string, after: string, to: string | undefined): Promise<Item[]> =>
      call(`query ${pk}`, () =>
        this.items(pk)
          .filter(({ sk }) => sk > after && (to === undefined || sk <= to))
          .slice(0, PAGE_ITEMS),
      )
    return {
      get: (key) => call(`get ${key.pk} ${key.sk}`, () => this.item(key.pk, key.sk)),
      getMany: async (keys) => {
        // A batch is read in parts that know nothing of each other.
        const half = Math.ceil(keys.length / 2)
        if (keys.length < 4) return keys.length === 0 ? [] : getSome(keys)
        return (await Promise.all([getSome(keys.slice(0, half)), getSome(keys.slice(half))])).flat()
      },
      query: async (pk, range = {}) => {
        const found: Item[] = []
        // The smallest text after which `from` comes: one that is just before it.
        let after = range.from === undefined ? '' : before(range.from)
        for (;;) {
          const items = await page(pk, after, range.to)
          found.push(...items)
          const last = items.at(-1)
          if (items.length < PAGE_ITEMS || last === undefined) return found
          after = last.sk
        }
      },
      scan: (prefix, attributes) => this.#scan(prefix, attributes, call),
      put: (item, condition) => {
        return call(`put ${item.pk} ${item.sk}`, () => this.#put(item, condition, process))
      },
      delete: (key) =>
        call(`delete ${key.pk}`, () => {
          this.#partitions.get(key.pk)?.delete(key.sk)
        }),
    }
  }

  async *#scan(
    prefix: string,
    attributes: readonly string[] | undefined,
    call: <T>(what: string, effect: () => T) => Promise<T>,
  ): AsyncIterable<Item[]> {
    let after = ''
    for (;;) {
      const pks = await call(`scan ${prefix}`, () =>
        this.partitionKeys(prefix)
          .filter((pk) => pk > after)
          .slice(0, 8)
          .map((pk) => ({ pk, items: this.items(pk) })),
      )
      const last = pks.at(-1)
      if (last === undefined) return
      after = last.pk
      yield pks.flatMap(({ items }) => items.map((item) => projected(item, attributes)))
    }
  }

  #put(item: Item, condition: Condition | undefined, by: SimProcess): 'ok' | 'refused' {
    const previous = this.item(item.pk, item.sk)
    if (condition !== undefined && !holds(condition, previous)) {
      this.counts.refused++
      return 'refused'
    }
    this.counts.puts++
    const bytes = sizeOf(item)
    this.counts.largestItem = Math.max(this.counts.largestItem, bytes)
    if (bytes > ITEM_MAX_BYTES) this.#fail(`item ${item.pk} ${item.sk} has ${bytes} bytes`)
    this.onPut(item, previous, by)
    let partition = this.#partitions.get(item.pk)
    if (partition === undefined)
      this.#partitions.set(item.pk, (partition = new Map<string, Item>()))
    partition.set(item.sk, item)
    return 'ok'
  }
}

function projected(item: Item, attributes: readonly string[] | undefined): Item {
  if (attributes === undefined) return item
  const { pk, sk } = item
  return { pk, sk, ...Object.fromEntries(attributes.map((name) => [name, item[name]])) }
}

function before(sk: string): string {
  const last = sk.charCodeAt(sk.length - 1)
  return `${sk.slice(0, -1)}${String.fromCharCode(last - 1)}\uffff`
}

/** About what DynamoDB would count; throws for what it would not store. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value instanceof Uint8Array) return value.length
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${value} cannot be stored`)
    return 4
  }
  if (typeof value === 'boolean' || value === null) return 1
  if (Array.isArray(value)) {
    let bytes = 3
    for (const part of value as unknown[]) bytes += 1 + sizeOf(part)
    return bytes
  }
  if (typeof value === 'object') {
    let bytes = 3
    for (const [name, part] of Object.entries(value)) bytes += 1 + name.length + sizeOf(part)
    return bytes
  }
  throw new Error(`a ${typeof value} cannot be stored`)
}
