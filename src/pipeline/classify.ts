/** Positions → district slots, or the reason why there is none. */
import type { TripBatch } from '../counts/trip-batch.ts'
import { UNPLACED } from '../counts/trip-batch.ts'
import { unclassified } from './row-decoder.ts'

/** What classification needs of a district index: the position in its ids, −1 for none. */
export interface Locator {
  locate(lon: number, lat: number): number
  locateMany(lons: Float64Array, lats: Float64Array, out?: Int32Array): Int32Array
}

const MISSING_TIME = unclassified('missing-time')
const MISSING_POSITION = unclassified('missing-position')
const ZERO_POSITION = unclassified('zero-position')
const OFF_PLANET = unclassified('off-planet')
const SWAPPED = unclassified('swapped')
const OUTSIDE = unclassified('outside')
const WITHOUT_DISTRICTS = unclassified('position-without-districts')

/** Serves every call: none is interrupted. */
let scratch = new Int32Array(0)

/** Settles every place of `batch`; `locator` is absent where only zone ids are counted. */
export function classify(batch: TripBatch, locator: Locator | undefined): TripBatch {
  settle(batch.rows, batch.pickupLon, batch.pickupLat, batch.pickupPlace, locator)
  settle(batch.rows, batch.dropoffLon, batch.dropoffLat, batch.dropoffPlace, locator)
  for (let row = 0; row < batch.rows; row++) {
    const time = batch.dropoffTime[row]
    if (time !== time) batch.dropoffPlace[row] = MISSING_TIME
  }
  return batch
}

function settle(
  rows: number,
  lons: Float64Array,
  lats: Float64Array,
  places: Int32Array,
  locator: Locator | undefined,
): void {
  if (scratch.length < rows) scratch = new Int32Array(rows * 2)
  const found = locator?.locateMany(
    lons.subarray(0, rows),
    lats.subarray(0, rows),
    scratch.subarray(0, rows),
  )
  for (let row = 0; row < rows; row++) {
    if (places[row] !== UNPLACED) continue
    const slot = found === undefined ? -1 : found[row]
    places[row] = slot >= 0 ? slot : reasonFor(lons[row], lats[row], locator)
  }
}

function reasonFor(lon: number, lat: number, locator: Locator | undefined): number {
  if (lon !== lon || lat !== lat) return MISSING_POSITION
  if (lon === 0 || lat === 0) return ZERO_POSITION
  if (Math.abs(lon) > 180 || Math.abs(lat) > 90) return OFF_PLANET
  if (locator === undefined) return WITHOUT_DISTRICTS
  return locator.locate(lat, lon) >= 0 ? SWAPPED : OUTSIDE
}
