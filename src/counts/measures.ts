/**
 * What is counted for a district in a pane: sums of integers only, so that a wider window is an
 * addition and no order of adding changes a bit.
 */

/** The sums, in the order of their columns. Money in cents, distance in hundredths of a mile. */
export const SUMS = [
  'pickups',
  'dropoffs',
  'passengers',
  'distance',
  'fare',
  'tip',
  'total',
] as const
export type Sum = (typeof SUMS)[number]

export const PICKUPS = 0
export const DROPOFFS = 1
export const PASSENGERS = 2
export const DISTANCE = 3
export const FARE = 4
export const TIP = 5
export const TOTAL = 6

/** Share of the tip in the total, and of the fare in the total, as reports group them. */
export const TIP_TIERS = ['tip<10%', 'tip<15%', 'tip<20%', 'tip>=20%'] as const
export const FARE_TIERS = ['fare<70%', 'fare<80%', 'fare<90%', 'fare>=90%'] as const
const TIP_BOUNDS = [10, 15, 20]
const FARE_BOUNDS = [70, 80, 90]

/** The tier columns that follow the sums: tip tier × fare tier, then `none`. */
export const TIERS: readonly string[] = [
  ...TIP_TIERS.flatMap((tip) => FARE_TIERS.map((fare) => `${tip} ${fare}`)),
  'none',
]
const COLUMNS = SUMS.length + TIERS.length
const OF_FIRST_TIER = SUMS.length
export const FIRST_TIER = OF_FIRST_TIER
/** Columns of a row. */
export const MEASURES = COLUMNS

/** The column of the tier of one trip; amounts in cents. A total of zero or less has tier `none`. */
export function tierColumn(fare: number, tip: number, total: number): number {
  if (total <= 0) return COLUMNS - 1
  return OF_FIRST_TIER + tierOf(tip, total, TIP_BOUNDS) * 4 + tierOf(fare, total, FARE_BOUNDS)
}

function tierOf(part: number, whole: number, percents: readonly number[]): number {
  const hundredfold = part * 100
  if (hundredfold < percents[0] * whole) return 0
  if (hundredfold < percents[1] * whole) return 1
  return hundredfold < percents[2] * whole ? 2 : 3
}

/** Routes, trips by origin and destination, are told of this long, the so many most frequent. */
export const ROUTES_MILLIS = 30 * 60_000
export const ROUTES_TOP = 10

/** Why an end of a trip is in no district. The order is the code in packed partials: append only. */
export const REASONS = [
  'missing-time', // the end has no time
  'missing-position', // no position, or no zone id in a zone layout
  'zero-position', // longitude or latitude is exactly zero
  'off-planet', // beyond ±180° or ±90°
  'swapped', // in a district once longitude and latitude are exchanged
  'outside', // on the planet, in no district
  'zone-id-without-zones', // a zone id, but the districts are not zones
  'position-without-districts', // a position, but only zone ids are counted
] as const
export type Reason = (typeof REASONS)[number]

export const ENDS = ['pickup', 'dropoff'] as const
export type End = (typeof ENDS)[number]

/** Bumped by any change of the counting rules; part of a generation's identity. */
export const SEMANTICS_VERSION = 2
