/**
 * Lets only so many writes be under way at a time, first come first served. All shards of a worker
 * share one gate: the replies to what they write together come in together, and each takes its time.
 */
import type { Condition, Item, TablePort } from '../counts/table-port.ts'

export class WriteGate {
  readonly #table: TablePort
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(table: TablePort, writesAtOnce: number) {
    this.#table = table
    this.#free = writesAtOnce
  }

  /** The table, its puts through this gate. */
  get table(): TablePort {
    const table = this.#table
    return {
      get: (key) => table.get(key),
      getMany: (keys) => table.getMany(keys),
      query: (pk, range) => table.query(pk, range),
      scan: (prefix, attributes) => table.scan(prefix, attributes),
      put: (item, condition) => this.#put(item, condition),
      delete: (key) => table.delete(key),
    }
  }

  async #put(item: Item, condition: Condition | undefined): Promise<'ok' | 'refused'> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await this.#table.put(item, condition)
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free++
      else next()
    }
  }
}
