/**
 * The counts table as hailstream uses it: items by `pk` and `sk`, strongly consistent reads, and
 * writes with a condition on the one item they write. Nothing else is needed: no transactions.
 * Implemented over DynamoDB in src/aws.
 */
export type Value =
  | string
  | number
  | boolean
  | null
  | Uint8Array
  | readonly Value[]
  | { readonly [name: string]: Value }

export interface Item {
  readonly pk: string
  readonly sk: string
  readonly [attribute: string]: Value
}

export interface ItemKey {
  pk: string
  sk: string
}

/** What must hold of the item that is there for a write to happen. */
export type Condition =
  | { kind: 'absent' }
  | { kind: 'present' }
  | { kind: 'equal'; attribute: string; value: string | number | boolean }
  /** `attribute` is smaller, of another type, or not there at all. */
  | { kind: 'below'; attribute: string; value: string | number }
  | { kind: 'all' | 'any'; of: readonly Condition[] }

export interface TablePort {
  /** Strongly consistent. */
  get(key: ItemKey): Promise<Item | undefined>
  /** Strongly consistent; missing items are left out, the order is not kept. */
  getMany(keys: readonly ItemKey[]): Promise<Item[]>
  /** Strongly consistent; all items of `pk` with `from` ≤ sk ≤ `to`, by ascending sort key. */
  query(pk: string, range?: { from?: string; to?: string }): Promise<Item[]>
  /** Every item whose pk begins with `prefix`, in no order, page by page; reads the whole table. */
  scan(prefix: string, attributes?: readonly string[]): AsyncIterable<Item[]>
  /** Replaces the whole item. `refused` when the condition does not hold; nothing changed then. */
  put(item: Item, condition?: Condition): Promise<'ok' | 'refused'>
  delete(key: ItemKey): Promise<void>
}

/** The item is absent, or its `attribute` is smaller: only ever forward. */
export function grows(attribute: string, value: string | number): Condition {
  return { kind: 'below', attribute, value }
}

/** Decides a condition on an item; what DynamoDB does with the expression made of it. */
export function holds(condition: Condition, item: Item | undefined): boolean {
  switch (condition.kind) {
    case 'absent':
      return item === undefined
    case 'present':
      return item !== undefined
    case 'equal':
      return item?.[condition.attribute] === condition.value
    case 'below':
      return !hasReached(item?.[condition.attribute], condition.value)
    case 'all':
      return condition.of.every((part) => holds(part, item))
    case 'any':
      return condition.of.some((part) => holds(part, item))
  }
}

function hasReached(there: Value | undefined, value: string | number): boolean {
  const isComparable = typeof there === 'string' || typeof there === 'number'
  return isComparable && typeof there === typeof value && there >= value
}
