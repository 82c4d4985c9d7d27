import type { ColumnRole } from './column-role.ts'
import { int32OrZero } from './hundredths.ts'
import { dropoffKind, pickupKind, type Layout, type PlaceKind } from './layouts.ts'
import { DROPOFF_IS_ZONE, FIELD, PICKUP_IS_ZONE, TRIP_RECORD_VERSION } from './trip-record.ts'

const AT = FIELD

/**
 * How a column of a row is read. Few and small integers, because they are told apart in the hottest
 * loop there is; where the value goes in the record is in a table.
 */
export const FIELD_KIND = {
  ignored: 0,
  degrees: 1,
  hundredths: 2,
  pickupTime: 3,
  dropoffTime: 4,
  zone: 5,
  passengers: 6,
  /** Hundredths that are part of a total which the file does not state. */
  charge: 7,
} as const

type FieldKind = (typeof FIELD_KIND)[keyof typeof FIELD_KIND]

/** How each role is read, and at which byte of the record it is written. */
const FIELDS: Readonly<Record<ColumnRole, readonly [FieldKind, number]>> = {
  pickupTime: [FIELD_KIND.pickupTime, FIELD.pickupTime],
  dropoffTime: [FIELD_KIND.dropoffTime, FIELD.dropoffTime],
  pickupLon: [FIELD_KIND.degrees, FIELD.pickup],
  pickupLat: [FIELD_KIND.degrees, FIELD.pickup + 8],
  dropoffLon: [FIELD_KIND.degrees, FIELD.dropoff],
  dropoffLat: [FIELD_KIND.degrees, FIELD.dropoff + 8],
  pickupZone: [FIELD_KIND.zone, FIELD.pickup],
  dropoffZone: [FIELD_KIND.zone, FIELD.dropoff],
  passengers: [FIELD_KIND.passengers, FIELD.passengers],
  distance: [FIELD_KIND.hundredths, FIELD.distance],
  fare: [FIELD_KIND.hundredths, FIELD.fare],
  tip: [FIELD_KIND.hundredths, FIELD.tip],
  total: [FIELD_KIND.hundredths, FIELD.total],
}

/** A layout, made ready for the rows of a file. */
export interface RowPlan {
  /** For each column, up to the last that is read, its kind and where in the record it goes. */
  readonly fields: Uint16Array
  readonly pickupTimeColumn: number
  /** Version and flags, as the first two bytes of every record. */
  readonly head: number
  readonly pickupIsZone: boolean
  readonly dropoffIsZone: boolean
  /** The total is fare, tip and charges. */
  readonly sumsTotal: boolean
}

/** Which of `FIELD_KIND` an entry of `RowPlan.fields` is. */
export function kindOf(field: number): number {
  return field & 0xff
}

/** The byte of the record to which its value goes; 0 for one that goes nowhere. */
export function targetOf(field: number): number {
  return field >>> 8
}

export function rowPlan(layout: Layout): RowPlan {
  const pickup = pickupKind(layout)
  const dropoff = dropoffKind(layout)
  const size = Math.max(...Object.values(layout.columns), ...layout.charges) + 1
  const fields = new Uint16Array(size)
  for (const [role, column] of Object.entries(layout.columns) as [ColumnRole, number][]) {
    if (column < 0 || !isPlaceUsed(role, pickup, dropoff)) continue
    const [kind, target] = FIELDS[role]
    fields[column] = kind | (target << 8)
  }
  for (const column of layout.charges) fields[column] = FIELD_KIND.charge
  const flags =
    (pickup === 'zone' ? PICKUP_IS_ZONE : 0) | (dropoff === 'zone' ? DROPOFF_IS_ZONE : 0)
  return {
    fields,
    pickupTimeColumn: layout.columns.pickupTime,
    head: TRIP_RECORD_VERSION | (flags << 8),
    pickupIsZone: pickup === 'zone',
    dropoffIsZone: dropoff === 'zone',
    sumsTotal: layout.charges.length > 0,
  }
}

/** Positions and zones share their bytes of the record. */
function isPlaceUsed(role: ColumnRole, pickup: PlaceKind, dropoff: PlaceKind): boolean {
  switch (role) {
    case 'pickupLon':
    case 'pickupLat':
      return pickup === 'position'
    case 'dropoffLon':
    case 'dropoffLat':
      return dropoff === 'position'
    case 'pickupZone':
      return pickup === 'zone'
    case 'dropoffZone':
      return dropoff === 'zone'
    default:
      return true
  }
}

/** Writes a record without any value to the slot: the values of a row are written over it. */
export function writeBlank(view: DataView, offset: number, plan: RowPlan): void {
  // Two zeros are an empty zone id.
  const pickup = plan.pickupIsZone ? 0 : NaN
  const dropoff = plan.dropoffIsZone ? 0 : NaN
  view.setUint32(offset, plan.head, true)
  view.setUint32(offset + 4, 0)
  view.setFloat64(offset + AT.dropoffTime, NaN, true)
  view.setFloat64(offset + AT.pickup, pickup, true)
  view.setFloat64(offset + AT.pickup + 8, pickup, true)
  view.setFloat64(offset + AT.dropoff, dropoff, true)
  view.setFloat64(offset + AT.dropoff + 8, dropoff, true)
  view.setFloat64(offset + AT.distance, 0, true) // and fare
  view.setFloat64(offset + AT.tip, 0, true) // and total
  view.setFloat64(offset + AT.ordinal, 0, true)
}

/** Makes up the total of a row whose file does not state it. `charges` in cents. */
export function writeSummedTotal(view: DataView, offset: number, charges: number): void {
  const fare = view.getInt32(offset + AT.fare, true)
  const tip = view.getInt32(offset + AT.tip, true)
  view.setInt32(offset + AT.total, int32OrZero(fare + tip + charges), true)
}
