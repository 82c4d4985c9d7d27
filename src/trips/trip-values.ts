/** What files write where they have no value. */
const MISSING: ReadonlySet<string> = new Set(['', 'NA', 'NAN', 'NULL', 'NONE'])

/** Whether a trimmed field says that there is no value. */
export function isMissing(text: string): boolean {
  return MISSING.has(text.toUpperCase())
}

/** 0 … 255, as the record holds it; 0 when it is not a number. */
export function passengerCount(value: number): number {
  return value >= 0 ? Math.min(Math.trunc(value), 255) : 0
}

/** As `Number` reads it, but NaN when there is nothing or no finite number. */
export function numberOf(text: string): number {
  const trimmed = text.trim()
  const number = trimmed === '' ? NaN : Number(trimmed)
  return Number.isFinite(number) ? number : NaN
}
