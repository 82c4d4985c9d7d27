import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { DistrictIndex, createDistrictIndex } from '../../src/geo/district-index.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { NOT_PLACES, pointsOf, scatter } from './hard-points.ts'
import { nextAfter } from './next-after.ts'
import { box, boxes, collection, feature, multiPolygon, polygon } from './shapes.ts'

const test = suite('a district index')

test('finds a point in a district, in a hole, in a second part, and in none', () => {
  const index = createDistrictIndex(
    collection(
      feature({ id: 'ring' }, polygon(box(0, 0, 10, 10), box(2, 2, 4, 4))),
      feature({ id: 'pair' }, multiPolygon([box(20, 0, 21, 1)], [box(30, 0, 31, 1)])),
    ),
  )
  const at = (lon: number, lat: number): string | undefined => index.ids[index.locate(lon, lat)]
  assert.is(at(1, 1), 'ring')
  assert.is(at(3, 3), undefined)
  assert.is(at(20.5, 0.5), 'pair')
  assert.is(at(30.5, 0.5), 'pair')
  assert.is(at(25, 0.5), undefined)
})

test('gives a point of a shared border to the eastern or northern district, and to one only', () => {
  // 0 | 1
  // --+--   the four share the point (1, 1)
  // 2 | 3
  const index = createDistrictIndex(boxes([0, 1, 1, 2], [1, 1, 2, 2], [0, 0, 1, 1], [1, 0, 2, 1]))
  assert.is(index.locate(1, 1), 1)
  assert.is(index.locate(1, 1.5), 1)
  assert.is(index.locate(1, 0.5), 3)
  assert.is(index.locate(0.5, 1), 0)
  assert.is(index.locate(1.5, 1), 1)
  assert.is(index.locate(nextAfter(1, -1), 1.5), 0)
  assert.is(index.locate(0.5, nextAfter(1, -1)), 2)
  assert.is(index.locate(0, 0), 2)
  assert.is(index.locate(2, 0.5), -1)
  assert.is(index.locate(0.5, 2), -1)
})

test('does not care which way a ring winds', () => {
  const there = box(0, 0, 1, 1)
  const back = [...there].reverse()
  for (const ring of [there, back]) {
    const index = createDistrictIndex(collection(feature({ id: 1 }, polygon(ring))))
    assert.is(index.locate(0, 0), 0)
    assert.is(index.locate(1, 1), -1)
    assert.is(index.locate(0.5, 0.5), 0)
  }
})

test('gives an overlap to the first feature in the file, whatever its id', () => {
  const index = createDistrictIndex(
    collection(
      feature({ id: 9 }, polygon(box(0, 0, 2, 2))),
      feature({ id: 1 }, polygon(box(1, 1, 3, 3))),
      feature({ id: 5 }, polygon(box(1, 1, 3, 3))),
    ),
  )
  assert.is(index.ids[index.locate(1.5, 1.5)], '9')
  assert.is(index.ids[index.locate(2.5, 2.5)], '1')
})

test('takes one point of two overlapping parts of a feature as inside', () => {
  const index = createDistrictIndex(
    collection(feature({ id: 1 }, multiPolygon([box(0, 0, 2, 2)], [box(1, 1, 3, 3)]))),
  )
  assert.is(index.locate(1.5, 1.5), 0)
})

test('answers none for anything that is not a place, without a crash', () => {
  const index = createDistrictIndex(boxes([-74.3, 40.4, -73.6, 41]))
  for (const [lon, lat] of [...NOT_PLACES, [40.7, -73.9], [0, 0], [181, 91]]) {
    assert.is(index.locate(lon, lat), -1, `${lon}, ${lat}`)
  }
  const { lons, lats } = pointsOf(NOT_PLACES)
  assert.equal([...index.locateMany(lons, lats)], Array(NOT_PLACES.length).fill(-1))
})

test('answers many points as it answers one, at any length and into any array', () => {
  const index = createDistrictIndex(
    boxes(
      ...Array.from({ length: 40 }, (_, i): [number, number, number, number] => {
        const [x, y] = [i % 8, Math.floor(i / 8)]
        return [x / 3, y / 7, (x + 1) / 3, (y + 1) / 7]
      }),
    ),
  )
  for (const length of [0, 1, 1023, 1024, 1025, 5000]) {
    const { lons, lats } = scatter([0, 0, 8 / 3, 5 / 7], length, seededRandom(length))
    const one = Int32Array.from(lons, (lon, i) => index.locate(lon, lats[i]))
    assert.equal(index.locateMany(lons, lats), one)
    const out = new Int32Array(length + 3).fill(77)
    assert.is(index.locateMany(lons, lats, out), out)
    assert.equal(out.subarray(0, length), one)
    assert.equal([...out.subarray(length)], [77, 77, 77])
    const shifted = new Float64Array([0, ...lons]).subarray(1)
    assert.equal(index.locateMany(shifted, lats), one)
  }
})

test('refuses arrays that are too short', () => {
  const index = createDistrictIndex(boxes([0, 0, 1, 1]))
  const [two, three] = [new Float64Array(2), new Float64Array(3)]
  assert.throws(() => index.locateMany(three, two), /got 3 longitudes, 2 latitudes/)
  assert.throws(() => index.locateMany(three, three, new Int32Array(2)), /room for 2/)
})

test('survives rings without area, repeated points, spikes and edges passed twice', () => {
  const spiky = [
    [0, 0],
    [4, 0],
    [4, 0],
    [4, 4],
    [9, 4],
    [4, 4],
    [0, 4],
    [0, 0],
  ]
  const index = createDistrictIndex(
    collection(
      feature(
        { id: 1 },
        polygon(
          spiky,
          [
            [1, 1],
            [2, 2],
          ],
          [[3, 3]],
          [],
        ),
      ),
      feature(
        { id: 2 },
        polygon([
          [5, 5],
          [6, 6],
          [5, 5],
        ]),
      ),
    ),
  )
  assert.is(index.locate(2, 1), 0)
  assert.is(index.locate(1.5, 1.5), 0)
  assert.is(index.locate(3, 3), 0)
  assert.is(index.locate(6, 4), -1)
  assert.is(index.locate(5.5, 5.5), -1)
})

test('takes districts without any area at all', () => {
  const index = createDistrictIndex(collection(feature({ id: 1 }, polygon([[5, 5]]))))
  assert.is(index.locate(5, 5), -1)
})

test('comes back from bytes the same, aligned or not', () => {
  const index = createDistrictIndex(boxes([0, 0, 1, 1], [1, 0.5, 2, 2]))
  const bytes = index.serialize()
  const shifted = new Uint8Array(bytes.length + 3)
  shifted.set(bytes, 3)
  const { lons, lats } = scatter([0, 0, 2, 2], 2000, seededRandom(1))
  for (const each of [bytes, shifted.subarray(3)]) {
    const copy = DistrictIndex.deserialize(each)
    assert.equal(copy.ids, index.ids)
    assert.is(copy.fingerprint, index.fingerprint)
    assert.equal(copy.locateMany(lons, lats), index.locateMany(lons, lats))
  }
})

test('refuses bytes that are not an index, or not all of one', () => {
  const bytes = createDistrictIndex(boxes([0, 0, 1, 1])).serialize()
  const other = bytes.slice()
  other[4] = 99
  const broken = bytes.slice()
  broken[16] = 0
  for (const each of [new Uint8Array(0), new Uint8Array(99), bytes.slice(0, -8), other, broken]) {
    assert.throws(
      () => DistrictIndex.deserialize(each),
      (error: unknown) => error instanceof HailstreamError && error.code === 'CORRUPT',
    )
  }
})

test.run()
