import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { districtsFrom } from '../../src/geo/district-set.ts'
import { suite } from '../support/suite.ts'
import { box, boxes, collection, feature, multiPolygon, polygon } from './shapes.ts'

const test = suite('a district set')

const square = polygon(box(0, 0, 1, 1))

function refusal(work: () => unknown): HailstreamError {
  try {
    work()
  } catch (error) {
    if (error instanceof HailstreamError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('sorts ids that are all numbers by value, and others by code unit', () => {
  const ids = (...values: unknown[]): string[] =>
    districtsFrom(collection(...values.map((id) => feature({ id }, square)))).ids
  assert.equal(ids(10, 9, '101'), ['9', '10', '101'])
  assert.equal(ids('b', 'B', 10, 9), ['10', '9', 'B', 'b'])
})

test('makes one district of all features that share an id', () => {
  const set = districtsFrom(
    collection(
      feature({ id: 'a', name: 'First' }, polygon(box(0, 0, 1, 1))),
      feature({ id: 'b', name: 'Second' }, polygon(box(1, 0, 2, 1))),
      feature({ id: 'a', name: 'First' }, polygon(box(5, 5, 6, 6))),
    ),
  )
  assert.equal(set.ids, ['a', 'b'])
  assert.equal(set.names, ['First', 'Second'])
  assert.is(set.index.locate(0.5, 0.5), 0)
  assert.is(set.index.locate(5.5, 5.5), 0)
  assert.is(set.index.locate(1.5, 0.5), 1)
})

test('takes the first property that tells features apart, not a category or a measure', () => {
  const rows = [
    { borough: 'Queens', shape_area: 12.5, objectid: 1, name: 'Long Island City', code: 'QN01' },
    { borough: 'Queens', shape_area: 13.5, objectid: 2, name: 'Astoria', code: 'QN02' },
    { borough: 'Queens', shape_area: 14.5, objectid: 3, name: 'Sunnyside', code: 'QN03' },
  ]
  const set = districtsFrom(collection(...rows.map((row) => feature(row, square))))
  assert.is(set.idProperty, 'code')
  assert.equal(set.names, ['Long Island City', 'Astoria', 'Sunnyside'])
})

test('sees through numbers that are written as text', () => {
  const rows = [
    { shape_len: '31027.05', area: '0', community: 'DOUGLAS', area_numbe: '35' },
    { shape_len: '19565.50', area: '0', community: 'NEAR SOUTH SIDE', area_numbe: '33' },
  ]
  const set = districtsFrom(collection(...rows.map((row) => feature(row, square))))
  assert.is(set.idProperty, 'area_numbe')
  assert.equal(set.ids, ['33', '35'])
  assert.equal(set.names, ['NEAR SOUTH SIDE', 'DOUGLAS'])
})

test('falls back on row numbers, and on properties that repeat', () => {
  const pick = (rows: Record<string, unknown>[]): string =>
    districtsFrom(collection(...rows.map((row) => feature(row, square)))).idProperty
  assert.is(
    pick([
      { kind: 'park', FID: 1 },
      { kind: 'park', FID: 2 },
    ]),
    'FID',
  )
  assert.is(pick([{ kind: 'park' }, { kind: 'park' }]), 'kind')
})

test('refuses to guess where no property is on every feature', () => {
  const error = refusal(() =>
    districtsFrom(collection(feature({ a: 1 }, square), feature({ b: 1 }, square))),
  )
  assert.is(error.code, 'DISTRICTS')
  assert.match(error.message, /no property that could be an id \(there are: a, b\)/)
})

test('takes the id beside the properties when there is nothing else', () => {
  const set = districtsFrom(
    collection({ type: 'Feature', id: 'x1', properties: null, geometry: square }),
  )
  assert.is(set.idProperty, 'id')
  assert.equal(set.ids, ['x1'])
})

test('has zones when the ids are LocationIDs, however they are spelled', () => {
  for (const name of ['LocationID', 'location_id', 'LOCATIONID']) {
    assert.ok(districtsFrom(collection(feature({ [name]: 4 }, square))).zones, name)
  }
  assert.not(districtsFrom(collection(feature({ BoroCD: 4 }, square))).zones)
})

test('has a fingerprint that follows ids and coordinates and nothing else', () => {
  const print = (properties: Record<string, unknown>, east: number): string =>
    districtsFrom(collection(feature(properties, polygon(box(0, 0, east, 1)))), 'id').fingerprint
  const first = print({ id: 1 }, 1)
  assert.match(first, /^[0-9a-f]{64}$/)
  assert.is(print({ note: 'x', id: '1' }, 1), first)
  assert.is.not(print({ id: 1 }, 1 + Number.EPSILON), first)
  assert.is.not(print({ id: 2 }, 1), first)
})

test('knows its bounding box', () => {
  const set = districtsFrom(boxes([-74, 40, -73, 41], [-73.5, 39, -72, 40]))
  assert.equal(set.bbox, [-74, 39, -72, 41])
})

test('reports odd rings by feature and ring, and uses them', () => {
  const set = districtsFrom(
    collection(
      feature(
        { id: 1 },
        polygon(box(0, 0, 9, 9), [
          [1, 1],
          [2, 2],
          [1, 1],
        ]),
      ),
      feature({ id: 2 }, multiPolygon([box(10, 0, 19, 9)], [box(20, 0, 29, 9).slice(0, 4)])),
      feature(
        { id: 3 },
        polygon([
          [30, 0],
          [31, 1],
          [32, 2],
          [30, 0],
        ]),
      ),
      feature({ id: 4 }, null),
      feature({ id: 5 }, { type: 'Point', coordinates: [0, 0] }),
    ),
  )
  assert.equal(set.warnings, [
    'feature 1, ring 2 has 3 positions, expected 4 or more; it is used as it is',
    'feature 2, ring 1 of polygon 2 does not end where it starts; it is used as it is',
    'feature 3, ring 1 has no area; it is used as it is',
    'feature 4 has no area: no trip will be found in it',
    'feature 5: a Point has no area and is left out',
    'feature 5 has no area: no trip will be found in it',
  ])
  assert.equal(set.ids, ['1', '2', '3', '4', '5'])
  assert.is(set.index.locate(1.5, 1.5), 0)
  assert.is(set.index.locate(25, 5), 1)
})

test('reads collections of polygons, z coordinates and a legacy crs', () => {
  const flat = { type: 'GeometryCollection', geometries: [polygon(box(0, 0, 1, 1)), square] }
  const deep = polygon(box(3, 3, 4, 4).map(([x, y]) => [x, y, 17]))
  const set = districtsFrom({
    ...collection(feature({ id: 1 }, flat), feature({ id: 2 }, deep)),
    crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:OGC:1.3:CRS84' } },
  })
  assert.is(set.index.locate(0.5, 0.5), 0)
  assert.is(set.index.locate(3.5, 3.5), 1)
})

test('refuses what is not a FeatureCollection with polygons', () => {
  const bad: [unknown, RegExp][] = [
    [null, /got nothing/],
    [[], /got an array/],
    [{ type: 'Topology' }, /got type "Topology", expected a GeoJSON FeatureCollection/],
    [{ type: 'FeatureCollection' }, /"features": got nothing/],
    [collection(), /got no features/],
    [collection(feature({ id: 1 }, null)), /got no polygon \(features: 1\)/],
    [collection(7), /feature 1: got a number/],
    [collection(feature({ id: 1 }, { type: 'Polygon' })), /feature 1: got nothing/],
  ]
  for (const [geojson, message] of bad) {
    const error = refusal(() => districtsFrom(geojson, undefined, 'x.geojson'))
    assert.is(error.code, 'DISTRICTS')
    assert.match(error.message, message)
    assert.match(error.message, /^x\.geojson/)
  }
})

test('refuses a coordinate that is not a finite number, by feature and ring', () => {
  for (const value of [NaN, Infinity, null, '1']) {
    const ring: unknown[] = [
      [0, 0],
      [1, 0],
      [value, 1],
      [0, 0],
    ]
    const geometry = { type: 'Polygon', coordinates: [box(0, 0, 1, 1), ring] }
    const error = refusal(() => districtsFrom(collection(feature({ id: 1 }, geometry))))
    assert.is(error.code, 'DISTRICTS')
    assert.match(error.message, /feature 1, ring 2: got/)
  }
})

test('refuses coordinates that are not degrees and says how to reproject', () => {
  const error = refusal(() => districtsFrom(boxes([913_175, 120_121, 1_067_382, 272_844])))
  assert.is(error.code, 'DISTRICTS')
  assert.match(error.message, /Reproject to WGS 84/)
})

test('refuses an unknown id property and lists those there are', () => {
  const error = refusal(() => districtsFrom(collection(feature({ a: 1, b: 2 }, square)), 'c'))
  assert.is(error.code, 'USAGE')
  assert.match(error.message, /got "c", expected a property of districts: a, b/)
})

test('refuses a feature without an id, by its number', () => {
  for (const value of [null, '', true, undefined]) {
    const rows = collection(feature({ id: 1 }, square), feature({ id: value }, square))
    const error = refusal(() => districtsFrom(rows, 'id'))
    assert.is(error.code, 'DISTRICTS')
    assert.match(error.message, /feature 2: got/)
  }
})

test('refuses a district that is called NONE', () => {
  const error = refusal(() => districtsFrom(collection(feature({ id: 'NONE' }, square))))
  assert.is(error.code, 'DISTRICTS')
  assert.match(error.message, /NONE is the row of the unclassified/)
})

test.run()
