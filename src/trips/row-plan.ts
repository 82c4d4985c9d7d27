import type { ColumnRole } from './column-role.ts'
import { int32OrZero } from './hundredths.ts'
import { dropoffKind, pickupKind, type Layout } from './layouts.ts'
import { DROPOFF_IS_ZONE, FIELD, PICKUP_IS_ZONE, TRIP_RECORD_VERSION } from './trip-record.ts'

/** What to do with a column of a row. Small integers, for a switch in the hottest loop there is. */
export const FIELD_USE = {
  ignore: 0,
  pickupTime: 1,
  dropoffTime: 2,
  pickupLon: 3,
  pickupLat: 4,
  dropoffLon: 5,
  dropoffLat: 6,
  pickupZone: 7,
  dropoffZone: 8,
  passengers: 9,
  distance: 10,
  fare: 11,
  tip: 12,
  total: 13,
  charge: 14,
} as const satisfies Record<ColumnRole | 'ignore' | 'charge', number>

/** A layout, made ready for the rows of a file. */
export interface RowPlan {
  /** The use of each column up to the last that is used. */
  readonly uses: Uint8Array
  readonly pickupTimeColumn: number
  /** Version and flags, as the first two bytes of every record. */
  readonly head: number
  readonly pickupIsZone: boolean
  readonly dropoffIsZone: boolean
  /** The total is fare, tip and charges. */
  readonly sumsTotal: boolean
}

export function rowPlan(layout: Layout): RowPlan {
  const columns = new Map<number, number>()
  const pickup = pickupKind(layout)
  const dropoff = dropoffKind(layout)
  for (const [role, column] of Object.entries(layout.columns) as [ColumnRole, number][]) {
    const unusedPlace =
      (role === 'pickupZone' && pickup !== 'zone') || (role === 'dropoffZone' && dropoff !== 'zone')
    if (column >= 0 && !unusedPlace) columns.set(column, FIELD_USE[role])
  }
  for (const column of layout.charges) columns.set(column, FIELD_USE.charge)
  const uses = new Uint8Array(Math.max(...columns.keys()) + 1)
  for (const [column, use] of columns) uses[column] = use
  const flags =
    (pickup === 'zone' ? PICKUP_IS_ZONE : 0) | (dropoff === 'zone' ? DROPOFF_IS_ZONE : 0)
  return {
    uses,
    pickupTimeColumn: layout.columns.pickupTime,
    head: TRIP_RECORD_VERSION | (flags << 8),
    pickupIsZone: pickup === 'zone',
    dropoffIsZone: dropoff === 'zone',
    sumsTotal: layout.charges.length > 0,
  }
}

/** Writes a record without any value to the slot: the values of a row are written over it. */
export function writeBlank(view: DataView, offset: number, plan: RowPlan): void {
  // Two zeros are an empty zone id.
  const pickup = plan.pickupIsZone ? 0 : NaN
  const dropoff = plan.dropoffIsZone ? 0 : NaN
  view.setUint32(offset, plan.head, true)
  view.setUint32(offset + 4, 0)
  view.setFloat64(offset + FIELD.dropoffTime, NaN, true)
  view.setFloat64(offset + FIELD.pickup, pickup, true)
  view.setFloat64(offset + FIELD.pickup + 8, pickup, true)
  view.setFloat64(offset + FIELD.dropoff, dropoff, true)
  view.setFloat64(offset + FIELD.dropoff + 8, dropoff, true)
  view.setFloat64(offset + FIELD.distance, 0, true) // and fare
  view.setFloat64(offset + FIELD.tip, 0, true) // and total
  view.setFloat64(offset + FIELD.ordinal, 0, true)
}

/** Makes up the total of a row whose file does not state it. `charges` in cents. */
export function writeSummedTotal(view: DataView, offset: number, charges: number): void {
  const fare = view.getInt32(offset + FIELD.fare, true)
  const tip = view.getInt32(offset + FIELD.tip, true)
  view.setInt32(offset + FIELD.total, int32OrZero(fare + tip + charges), true)
}
