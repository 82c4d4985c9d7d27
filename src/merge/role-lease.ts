/**
 * A role that one worker should have at a time, as an item with a counter: whoever holds it raises
 * the counter, and whoever sees it unchanged for the fail-over time on its own clock may take it.
 * Two holders do no harm here, they only do work twice.
 */
import type { Item, ItemKey, TablePort } from '../counts/table-port.ts'
import type { Clock } from '../time/clock.ts'

export class RoleLease {
  readonly #table: TablePort
  readonly #clock: Clock
  readonly #key: ItemKey
  readonly #workerId: string
  readonly #failoverMillis: number
  #counter = -1
  #seenAt = 0
  #held = false

  constructor(
    ports: { table: TablePort; clock: Clock },
    options: { key: ItemKey; workerId: string; failoverMillis: number },
  ) {
    this.#table = ports.table
    this.#clock = ports.clock
    this.#key = options.key
    this.#workerId = options.workerId
    this.#failoverMillis = options.failoverMillis
  }

  get held(): boolean {
    return this.#held
  }

  /** Renews the role, or takes it where nobody has it any more. To be called every second or so. */
  async keep(): Promise<boolean> {
    if (this.#held) {
      this.#held = (await this.#write(this.#workerId)) === 'ok'
      return this.#held
    }
    const item = await this.#table.get(this.#key)
    const now = this.#clock.monotonicMillis()
    const counter = item === undefined ? 0 : Number(item.counter)
    if (counter !== this.#counter) {
      this.#counter = counter
      this.#seenAt = now
    }
    const free = item === undefined || item.owner === '' || item.owner === this.#workerId
    if (!free && now - this.#seenAt < this.#failoverMillis) return false
    this.#held = (await this.#write(this.#workerId)) === 'ok'
    return this.#held
  }

  /** Gives the role up, so that another worker may take it at once. */
  async release(): Promise<void> {
    if (!this.#held) return
    this.#held = false
    await this.#write('')
  }

  async #write(owner: string): Promise<'ok' | 'refused'> {
    const item: Item = { ...this.#key, owner, counter: this.#counter + 1 }
    const outcome = await this.#table.put(
      item,
      this.#counter <= 0
        ? {
            kind: 'any',
            of: [{ kind: 'absent' }, { kind: 'equal', attribute: 'counter', value: this.#counter }],
          }
        : { kind: 'equal', attribute: 'counter', value: this.#counter },
    )
    if (outcome === 'ok') this.#counter++
    return outcome
  }
}
