import * as assert from 'uvu/assert'
import { createDistrictIndex } from '../../src/geo/district-index.ts'
import { parseDistricts } from '../../src/geo/districts.ts'
import { seededRandom } from '../../src/time/random.ts'
import type { Random } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { alongBorders, degeneratePoints, pointsOf, scatter } from './hard-points.ts'
import type { Points } from './hard-points.ts'
import { nextAfter } from './next-after.ts'
import { collection, feature, multiPolygon } from './shapes.ts'
import { DISTRICT_FILES, HAS_SHARED_DATA, NO_SHARED_DATA, readSharedJson } from './shared-data.ts'
import { SlowIndex } from './slow-index.ts'
import { StripIndex } from './strip-index.ts'

const test = suite('the index and the slow way', { timeoutMillis: 60_000 })
const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

/** Points that the two answer differently, the first few of them. */
function differences(geojson: unknown, id: string | undefined, ...sets: Points[]): string[] {
  const fast = createDistrictIndex(geojson, id === undefined ? {} : { id })
  const slow = new SlowIndex(geojson, id)
  const found: string[] = []
  for (const { lons, lats } of sets) {
    const many = fast.locateMany(lons, lats)
    for (let i = 0; i < lons.length; i++) {
      const expected = slow.locate(lons[i], lats[i])
      if (many[i] !== expected || fast.locate(lons[i], lats[i]) !== expected) {
        found.push(`${lons[i]}, ${lats[i]}: got ${many[i]}, expected ${expected}`)
      }
    }
  }
  return found.slice(0, 5)
}

for (const { layer, file, id } of DISTRICT_FILES) {
  withData(`agree on 60,000 points in and around the borders of ${layer}`, () => {
    const geojson = readSharedJson(file)
    const { bbox, polygons } = parseDistricts(geojson, file, id)
    const random = seededRandom(4)
    const rings = polygons.flatMap((polygon) => polygon.rings)
    assert.equal(
      differences(geojson, id, scatter(bbox, 20_000, random), alongBorders(rings, 1_850, random)),
      [],
    )
  })
}

for (const { layer, file, id } of DISTRICT_FILES) {
  withData(
    `agree at every vertex and the middle of every edge of ${layer}, and beside them`,
    () => {
      const geojson = readSharedJson(file)
      const fast = createDistrictIndex(geojson, { id })
      const exact = new StripIndex(geojson, id)
      let points = 0
      let wrong = 0
      for (const { rings } of parseDistricts(geojson, file, id).polygons) {
        for (const ring of rings) {
          const { lons, lats } = degeneratePoints(ring)
          const found = fast.locateMany(lons, lats)
          for (let i = 0; i < lons.length; i++) {
            if (found[i] !== exact.locate(lons[i], lats[i])) wrong++
          }
          points += lons.length
        }
      }
      assert.is(wrong, 0, `${wrong} of ${points} points`)
      assert.ok(exact.asked > points / 2)
    },
  )
}

test('are matched by the quick way that larger comparisons are made with', () => {
  const random = seededRandom(8)
  const position = (): [number, number] => [Math.floor(random() * 9), Math.floor(random() * 9)]
  for (let round = 0; round < 20; round++) {
    const shapes = collection(
      ...Array.from({ length: 5 }, (_, i) =>
        feature({ id: i }, multiPolygon(...randomPolygons(random, position))),
      ),
    )
    const [slow, quick] = [new SlowIndex(shapes, 'id'), new StripIndex(shapes, 'id')]
    const { lons, lats } = latticePoints(0, 0, 1)
    for (let i = 0; i < lons.length; i++) {
      assert.is(quick.locate(lons[i], lats[i]), slow.locate(lons[i], lats[i]))
    }
  }
})

/** From a small town to a continent, and shapes that cross, overlap and fold back on themselves. */
const SCALES = [
  { name: 'a continent', unit: 9.5, lon: -90, lat: -40 },
  { name: 'a city', unit: 0.07, lon: -74.3, lat: 40.4 },
  { name: 'a village', unit: 0.000_31, lon: 7.77, lat: 46.1 },
  { name: 'a table', unit: 1e-6, lon: 151.2, lat: -33.9 },
  { name: 'a grain of sand', unit: 1e-10, lon: 179.1, lat: 66.6 },
]

for (const { name, unit, lon, lat } of SCALES) {
  test(`agree on random shapes on a lattice, at the scale of ${name}`, () => {
    const random = seededRandom(17)
    for (let round = 0; round < 12; round++) {
      const position = (): [number, number] => [lon + pick(9) * unit, lat + pick(9) * unit]
      const pick = (n: number): number => Math.floor(random() * n)
      const shapes = Array.from({ length: 1 + pick(7) }, (_, i) =>
        feature({ id: i }, multiPolygon(...randomPolygons(random, position))),
      )
      assert.equal(differences(collection(...shapes), 'id', latticePoints(lon, lat, unit)), [])
    }
  })
}

test('agree where a hundred polygons and a thousand edges meet in one place', () => {
  const random = seededRandom(5)
  const fans = Array.from({ length: 120 }, (_, i) => {
    const [a, b] = [random() * 7, random() * 7]
    const tip = (angle: number): [number, number] => [Math.cos(angle), Math.sin(angle)]
    return feature({ id: i }, multiPolygon([[[0, 0], tip(a), tip((a + b) / 2), tip(b), [0, 0]]]))
  })
  const star = Array.from({ length: 1000 }, (_, i) => {
    const angle = (i / 1000) * 2 * Math.PI
    const reach = i % 2 === 0 ? 1e-9 : 0.5
    return [Math.cos(angle) * reach, Math.sin(angle) * reach]
  })
  const shapes = collection(feature({ id: 999 }, multiPolygon([star])), ...fans)
  const near = [1, 1e-3, 1e-6, 1e-9, 1e-12].map((size) =>
    scatter([-size, -size, size, size], 2000, random),
  )
  assert.equal(differences(shapes, 'id', ...near), [])
})

test('agree on a town and a continent in one file', () => {
  const random = seededRandom(6)
  const square = (x: number, y: number, size: number): number[][] => [
    [x, y],
    [x + size, y],
    [x + size, y + size],
    [x, y + size],
    [x, y],
  ]
  const town = Array.from({ length: 400 }, (_, i) =>
    feature(
      { id: i },
      multiPolygon([square(8 + (i % 20) * 1e-3, 47 + Math.floor(i / 20) * 1e-3, 1e-3)]),
    ),
  )
  const shapes = collection(
    ...town,
    feature({ id: 400 }, multiPolygon([square(-170, -80, 160)])),
    feature({ id: 401 }, multiPolygon([square(5, 40, 30)])),
  )
  assert.equal(
    differences(
      shapes,
      'id',
      scatter([8, 47, 8.02, 47.02], 20_000, random),
      scatter([-180, -90, 180, 90], 5000, random),
      latticePoints(8, 47, 1e-3),
    ),
    [],
  )
})

test('agree with more than 65,535 blocks and sets of polygons', () => {
  const random = seededRandom(7)
  // Bars that cross: every crossing is a set of its own, and a generic leaf.
  const n = 260
  const bar = (i: number, isUpright: boolean): unknown => {
    const [a, b] = [(i + 0.1) / n, (i + 0.7) / n]
    const ring = [
      [a, 0],
      [b, 0],
      [b + 0.01, 1],
      [a + 0.01, 1],
      [a, 0],
    ]
    const turned = ring.map(([x, y]) => [y, x])
    return feature({ id: isUpright ? i : n + i }, multiPolygon([isUpright ? ring : turned]))
  }
  const shapes = collection(
    ...Array.from({ length: n }, (_, i) => bar(i, true)),
    ...Array.from({ length: n }, (_, i) => bar(i, false)),
  )
  assert.equal(differences(shapes, 'id', scatter([0, 0, 1, 1], 20_000, random)), [])
})

function randomPolygons(random: Random, position: () => [number, number]): number[][][][] {
  const count = (n: number): number => 1 + Math.floor(random() * n)
  return Array.from({ length: count(3) }, () =>
    Array.from({ length: count(2) }, () => Array.from({ length: 1 + count(7) }, position)),
  )
}

/** Every lattice point, the middle between two, and their neighbours in floating point. */
function latticePoints(lon: number, lat: number, unit: number): Points {
  const pairs: [number, number][] = []
  for (let i = -1; i <= 18; i++) {
    for (let j = -1; j <= 18; j++) {
      const [x, y] = [lon + (i / 2) * unit, lat + (j / 2) * unit]
      pairs.push([x, y], [nextAfter(x, 1), y], [nextAfter(x, -1), y])
      pairs.push([x, nextAfter(y, 1)], [x, nextAfter(y, -1)], [x + unit / 7, y + unit / 11])
    }
  }
  return pointsOf(pairs)
}

test.run()
