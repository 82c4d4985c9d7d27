/** Trips an hour apart, as records: nearly every one is in a block of its own. */
import { seededRandom } from '../../src/time/random.ts'
import { HOUR_MILLIS } from '../../src/time/units.ts'
import { TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { makeTrips, recordsOf } from '../simulation/city.ts'

/** The record of the i-th of `count` trips. */
export function hourlyTrips(count: number): (i: number) => Uint8Array {
  const records = recordsOf(
    makeTrips(
      {
        count,
        firstTime: Date.UTC(2009, 0, 1),
        spanMillis: count * HOUR_MILLIS,
        order: 'pickup',
        longestMillis: 60_000,
        unreadable: 0,
      },
      seededRandom(1),
    ),
  )
  return (i) => records.subarray(i * TRIP_RECORD_BYTES, (i + 1) * TRIP_RECORD_BYTES)
}
