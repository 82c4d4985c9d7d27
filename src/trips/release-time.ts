import type { ReleaseOrder } from './trip.ts'
import { FIELD } from './trip-record.ts'

const { pickupTime: PICKUP_TIME, dropoffTime: DROPOFF_TIME } = FIELD

/** The time that releases the trip whose record is at `offset`. */
export type ReleaseTimeAt = (view: DataView, offset: number) => number

/** `releaseTime` of trip.ts, from the bytes of a record. */
export function releaseTimeReader(order: ReleaseOrder): ReleaseTimeAt {
  return order === 'pickup' ? pickupTimeAt : dropoffTimeAt
}

function pickupTimeAt(view: DataView, offset: number): number {
  return view.getFloat64(offset + PICKUP_TIME, true)
}

function dropoffTimeAt(view: DataView, offset: number): number {
  const time = view.getFloat64(offset + DROPOFF_TIME, true)
  return time === time ? time : pickupTimeAt(view, offset)
}
