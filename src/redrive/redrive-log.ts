/**
 * Which dead letters of a run come back, and in which order: a log in the table that only grows. A
 * letter's position in it is its ordinal in the lane it comes back by, for good, whoever puts it
 * back and however often. An entry holds the record itself, so that whoever finds it can send it.
 */
import { listOf, textOf } from '../counts/item-values.ts'
import { redrivePk } from '../counts/keys.ts'
import type { Item, TablePort } from '../counts/table-port.ts'

export interface RedriveEntry {
  /** Where the letter died; the same letter has the same place. */
  place: string
  data: Uint8Array
}

/** What one item holds; DynamoDB takes 400 KB. */
const MAX_ENTRIES = 200
const MAX_BYTES = 200_000

export class RedriveLog {
  readonly #table: TablePort
  readonly #pk: string
  readonly #places = new Set<string>()
  #entries: RedriveEntry[] = []
  #items = 0

  constructor(table: TablePort, generation: string, run: string) {
    this.#table = table
    this.#pk = redrivePk(generation, run)
  }

  /** All that is known of the log, from its beginning. */
  get entries(): readonly RedriveEntry[] {
    return this.#entries
  }

  has(place: string): boolean {
    return this.#places.has(place)
  }

  /** Learns what others have appended. */
  async refresh(): Promise<void> {
    const items = await this.#table.query(this.#pk, { from: itemKey(this.#items) })
    for (const item of items) {
      // A query is no snapshot: what stands behind an item that it has missed is for the next one.
      if (item.sk !== itemKey(this.#items)) return
      this.#take(item)
    }
  }

  /**
   * Appends those of `letters` that are not in the log. An item is only ever written where there is
   * none, by someone who knows all before it: so no letter is in the log twice, whoever else appends.
   * May be repeated after an error.
   */
  async append(letters: readonly RedriveEntry[]): Promise<void> {
    let fresh = letters.filter(({ place }) => !this.has(place))
    while (fresh.length > 0) {
      const entries = firstOf(fresh)
      const item: Item = {
        pk: this.#pk,
        sk: itemKey(this.#items),
        places: entries.map(({ place }) => place),
        records: entries.map(({ data }) => data),
      }
      const outcome = await this.#table.put(item, { kind: 'absent' })
      if (outcome === 'ok') this.#take(item)
      else await this.refresh()
      fresh = fresh.filter(({ place }) => !this.has(place))
    }
  }

  #take(item: Item): void {
    const records = listOf(item.records)
    listOf(item.places).forEach((value, i) => {
      const place = textOf(value)
      const data = records[i]
      this.#places.add(place)
      this.#entries.push({ place, data: data instanceof Uint8Array ? data : new Uint8Array(0) })
    })
    this.#items++
  }
}

/** As many as an item holds; a letter is named once. */
function firstOf(letters: readonly RedriveEntry[]): RedriveEntry[] {
  const entries = new Map<string, RedriveEntry>()
  let bytes = 0
  for (const letter of letters) {
    if (entries.has(letter.place)) continue
    bytes += letter.place.length + letter.data.length + 8
    if (entries.size === MAX_ENTRIES || (entries.size > 0 && bytes > MAX_BYTES)) break
    entries.set(letter.place, letter)
  }
  return [...entries.values()]
}

function itemKey(index: number): string {
  return String(index).padStart(8, '0')
}
