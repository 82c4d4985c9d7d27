/** What a district is called, and the order in which districts are listed everywhere. */

/** The row of the unclassified in every table of totals; no district may be called so. */
export const NONE = 'NONE'

const NUMBER = /^-?\d+(\.\d+)?$/

/** Ids in numeric order if all of them are numbers, else in code-unit order. Returns a new array. */
export function sortIds(ids: Iterable<string>): string[] {
  const sorted = [...ids].sort()
  if (sorted.every((id) => NUMBER.test(id))) sorted.sort((a, b) => Number(a) - Number(b))
  return sorted
}

/** The id a property value stands for; undefined when it cannot be one (missing, empty, an object). */
export function idOf(value: unknown): string | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}
