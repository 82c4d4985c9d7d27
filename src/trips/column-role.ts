/** What a column of a trip file can hold, in the words of `--columns`. */
export const COLUMN_ROLES = [
  'pickupTime',
  'dropoffTime',
  'pickupLon',
  'pickupLat',
  'dropoffLon',
  'dropoffLat',
  'pickupZone',
  'dropoffZone',
  'passengers',
  'distance',
  'fare',
  'tip',
  'total',
] as const

export type ColumnRole = (typeof COLUMN_ROLES)[number]

/** The letters and digits of a column name, in lower case. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
