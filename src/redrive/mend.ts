/** What this release can make of a dead letter: the record that workers of any release can read. */
import { decodeTripJson, JSON_FIRST_BYTE } from '../trips/trip-json.ts'
import { FIELD, TRIP_RECORD_BYTES, TRIP_RECORD_VERSION } from '../trips/trip-record.ts'
import { MAX_TIME, MIN_TIME } from '../trips/wall-clock.ts'

/** No trip is longer, and every entry of the log has to fit into its item. */
const MAX_BYTES = 16_384

/**
 * The letter as a record that workers read, or undefined while nobody can. A release that learns to
 * read more says here how it is written as a trip record; workers need not know.
 */
export function mend(data: Uint8Array): Uint8Array | undefined {
  return data.length <= MAX_BYTES && isInYears(pickupTimeOf(data)) ? data : undefined
}

function pickupTimeOf(data: Uint8Array): number {
  if (data.length === TRIP_RECORD_BYTES && data[0] === TRIP_RECORD_VERSION) {
    return new DataView(data.buffer, data.byteOffset).getFloat64(FIELD.pickupTime, true)
  }
  if (data[0] !== JSON_FIRST_BYTE) return NaN
  try {
    return decodeTripJson(data).pickupTime
  } catch {
    return NaN
  }
}

function isInYears(time: number): boolean {
  return time >= MIN_TIME && time <= MAX_TIME
}
