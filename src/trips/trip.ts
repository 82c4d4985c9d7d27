/**
 * One trip, as every stage of the pipeline understands it.
 *
 * Times are the wall clock of the source file in milliseconds, read as if it were UTC: TLC files
 * carry no zone, so none is invented (docs/semantics.md).
 */
export interface Trip {
  /** Always a finite integer: a row without a readable pickup time is not a trip. */
  pickupTime: number
  /** NaN when the file has none. */
  dropoffTime: number
  pickup: Place
  dropoff: Place
  /** 0 … 255; 0 when missing. */
  passengers: number
  /** Hundredths of a mile; integer, 0 when missing, not a number or beyond ±2^31. */
  distance: number
  /** Cents; integers, 0 when missing, not a number or beyond ±2^31. */
  fare: number
  tip: number
  total: number
}

/** Where an end of a trip is: a position in degrees WGS 84, or the id of a zone. */
export type Place =
  | { kind: 'position'; /** NaN when missing */ lon: number; /** NaN when missing */ lat: number }
  | { kind: 'zone'; /** As given; empty when missing. At most 15 bytes of UTF-8. */ zone: string }

/** Which time releases a trip: `dropoff` falls back to the pickup where there is no dropoff time. */
export type ReleaseOrder = 'pickup' | 'dropoff'

export function releaseTime(trip: Trip, order: ReleaseOrder): number {
  return order === 'dropoff' && !Number.isNaN(trip.dropoffTime) ? trip.dropoffTime : trip.pickupTime
}
