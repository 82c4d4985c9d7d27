/**
 * The partials that this process wrote lately. A merger in the same process need not read them: with
 * one worker it reads hardly any. Nothing newer stood in the table when they were written, and a merger
 * that nobody else has written over needs none that is newer than what progress tells of.
 */
import type { Item, ItemKey } from './table-port.ts'

/** Merging follows within seconds; what is let go is read from the table. */
const MAX_BYTES = 32_000_000
/** A partial's keys and `seq`, and its place here. */
const BYTES_BESIDE_COUNTS = 600

export interface PartialItem extends Item {
  readonly seq: string
  readonly counts: Uint8Array
}

export class WrittenPartials {
  readonly #maxBytes: number
  /** Those written longest ago first. */
  readonly #partials = new Map<string, PartialItem>()
  #bytes = 0

  constructor(maxBytes = MAX_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** About what it takes in memory. */
  get bytes(): number {
    return this.#bytes
  }

  /** It has been written: what was there before had a smaller `seq`, or there was nothing. */
  note(partial: PartialItem): void {
    const name = nameOf(partial)
    this.#letGo(name)
    this.#partials.set(name, partial)
    this.#bytes += bytesOf(partial)
    for (const oldest of this.#partials.keys()) {
      if (this.#bytes <= this.#maxBytes) return
      this.#letGo(oldest)
    }
  }

  /** The partial, if it is known and has every record up to `seq`. */
  upTo(key: ItemKey, seq: string): PartialItem | undefined {
    const partial = this.#partials.get(nameOf(key))
    return partial !== undefined && partial.seq >= seq ? partial : undefined
  }

  #letGo(name: string): void {
    const partial = this.#partials.get(name)
    if (partial === undefined) return
    this.#partials.delete(name)
    this.#bytes -= bytesOf(partial)
  }
}

function nameOf({ pk, sk }: ItemKey): string {
  return `${pk}|${sk}`
}

function bytesOf({ counts }: PartialItem): number {
  return counts.length + BYTES_BESIDE_COUNTS
}
