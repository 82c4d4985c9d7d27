import * as assert from 'uvu/assert'
import { REASONS } from '../../src/counts/measures.ts'
import type { TripBatch } from '../../src/counts/trip-batch.ts'
import { emptyBatch, UNPLACED } from '../../src/counts/trip-batch.ts'
import type { Locator } from '../../src/pipeline/classify.ts'
import { classify } from '../../src/pipeline/classify.ts'
import { unclassified } from '../../src/pipeline/row-decoder.ts'
import { suite } from '../support/suite.ts'

const test = suite('classifying')

/** One district from 74° W to 73° W and 40° N to 41° N: slot 3. */
const square: Locator = {
  locate: (lon, lat) => (lon >= -74 && lon < -73 && lat >= 40 && lat < 41 ? 3 : -1),
  locateMany: (lons, lats, out = new Int32Array(lons.length)) => {
    lons.forEach((lon, i) => (out[i] = square.locate(lon, lats[i])))
    return out
  },
}

function batchAt(positions: readonly (readonly [lon: number, lat: number])[]): TripBatch {
  const batch = emptyBatch(positions.length + 5)
  batch.rows = positions.length
  positions.forEach(([lon, lat], row) => {
    batch.pickupLon[row] = batch.dropoffLon[row] = lon
    batch.pickupLat[row] = batch.dropoffLat[row] = lat
    batch.pickupPlace[row] = batch.dropoffPlace[row] = UNPLACED
  })
  return batch
}

function placeOf(lon: number, lat: number, locator?: Locator): string | number {
  const { pickupPlace, dropoffPlace } = classify(batchAt([[lon, lat]]), locator)
  assert.is(pickupPlace[0], dropoffPlace[0])
  return pickupPlace[0] < 0 ? REASONS[-1 - pickupPlace[0]] : pickupPlace[0]
}

test('gives a position its district', () => {
  assert.is(placeOf(-73.5, 40.5, square), 3)
})

test('gives every other position the one reason that fits', () => {
  assert.is(placeOf(NaN, 40.5, square), 'missing-position')
  assert.is(placeOf(-73.5, NaN, square), 'missing-position')
  assert.is(placeOf(NaN, 0, square), 'missing-position')
  assert.is(placeOf(0, 0, square), 'zero-position')
  assert.is(placeOf(-0, 40.5, square), 'zero-position')
  assert.is(placeOf(-73.5, 0, square), 'zero-position')
  assert.is(placeOf(0, 999, square), 'zero-position')
  assert.is(placeOf(180.0001, 40.5, square), 'off-planet')
  assert.is(placeOf(-73.5, -90.0001, square), 'off-planet')
  assert.is(placeOf(Infinity, 40.5, square), 'off-planet')
  assert.is(placeOf(40.5, -73.5, square), 'swapped')
  assert.is(placeOf(-72.5, 40.5, square), 'outside')
  assert.is(placeOf(180, -90, square), 'outside')
})

test('without districts there is only one more thing to say of a position on the planet', () => {
  assert.is(placeOf(-73.5, 40.5), 'position-without-districts')
  assert.is(placeOf(40.5, -73.5), 'position-without-districts')
  assert.is(placeOf(0, 0), 'zero-position')
  assert.is(placeOf(NaN, NaN), 'missing-position')
  assert.is(placeOf(500, 0.1), 'off-planet')
})

test('a dropoff without a time has that reason before any other, and only the dropoff', () => {
  const batch = batchAt([
    [-73.5, 40.5],
    [0, 0],
    [-73.5, 40.5],
  ])
  batch.dropoffTime.fill(NaN)
  batch.dropoffPlace[2] = 7 // a zone id that was settled already
  const { pickupPlace, dropoffPlace } = classify(batch, square)
  assert.equal([...pickupPlace.subarray(0, 3)], [3, unclassified('zero-position'), 3])
  assert.equal([...dropoffPlace.subarray(0, 3)], [-1, -1, -1])
})

test('leaves what was settled before, and what lies behind the last row', () => {
  const batch = batchAt([
    [NaN, NaN],
    [-73.5, 40.5],
  ])
  batch.pickupPlace[0] = 12
  batch.pickupPlace[1] = unclassified('zone-id-without-zones')
  batch.pickupPlace[2] = UNPLACED
  classify(batch, square)
  assert.equal([...batch.pickupPlace.subarray(0, 3)], [12, -7, UNPLACED])
})

test.run()
