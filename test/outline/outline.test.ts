import { readFileSync } from 'node:fs'
import * as assert from 'uvu/assert'
import { sampleCityPath } from '../../samples/city-file.ts'
import { parseDistricts } from '../../src/geo/districts.ts'
import type { Districts } from '../../src/geo/districts.ts'
import { centerOf } from '../../src/outline/center.ts'
import { packOutlineOf } from '../../src/outline/outline-file.ts'
import type { OutlineGeometry, Position } from '../../src/outline/outline.ts'
import { outlineBox, packOutline, polygonsOf, readOutline } from '../../src/outline/outline.ts'
import { HAS_SHARED_DATA, NO_SHARED_DATA, sharedPath } from '../geo/shared-data.ts'
import { suite } from '../support/suite.ts'

const test = suite('outlines of districts')

function districtsOf(polygons: readonly Position[][][]): Districts {
  const features = polygons.map((coordinates, i) => ({
    type: 'Feature',
    properties: { id: `d${i}` },
    geometry: { type: 'Polygon', coordinates },
  }))
  return parseDistricts({ type: 'FeatureCollection', features }, 'test', 'id')
}

function read(path: string, id: string): Districts {
  return parseDistricts(JSON.parse(readFileSync(path, 'utf8')), 'test', id)
}

/** Two squares side by side whose common border goes in `teeth` of a decimetre. */
function neighbours(teeth: number): Districts {
  const border = Array.from({ length: teeth + 1 }, (_, i): Position => [
    i % 2 === 0 || i === teeth ? 1 : 1.000001,
    i / teeth,
  ])
  const west = [[0, 0], ...border, [0, 1], [0, 0]]
  const east = [[2, 0], [2, 1], ...border.toReversed(), [2, 0]]
  return districtsOf([[west], [east]])
}

/** Edges of all exterior rings and holes, without direction: how many districts have each. */
function edges(outlines: ReadonlyMap<string, OutlineGeometry>): Map<string, number> {
  const count = new Map<string, number>()
  for (const geometry of outlines.values()) {
    for (const ring of polygonsOf(geometry).flat()) {
      for (let i = 1; i < ring.length; i++) {
        const name = [ring[i - 1].join(), ring[i].join()].sort().join(' ')
        count.set(name, (count.get(name) ?? 0) + 1)
      }
    }
  }
  return count
}

test('keep a common border common: it is simplified once for both sides', () => {
  const outlines = readOutline(packOutline(neighbours(1_000)))
  const positions = [...outlines.values()].flatMap((each) => polygonsOf(each).flat(2))
  assert.ok(positions.length < 100, `${positions.length} positions`)
  const shared = [...edges(outlines).values()].filter((count) => count === 2).length
  assert.ok(shared > 0)
  // Whatever lies between x = 0.5 and x = 1.5 belongs to the border, and to both.
  for (const [name, count] of edges(outlines)) {
    const inner = name
      .split(' ')
      .every((position) => Math.abs(Number(position.split(',')[0]) - 1) < 0.5)
    if (inner) assert.is(count, 2, name)
  }
})

test('keep every district, however small, and its holes', () => {
  const tiny = 1e-5
  const outlines = readOutline(
    packOutline(
      districtsOf([
        [
          [
            [0, 0],
            [10, 0],
            [10, 10],
            [0, 10],
            [0, 0],
          ],
          [
            [2, 2],
            [2, 4],
            [4, 4],
            [4, 2],
            [2, 2],
          ],
        ],
        [
          [
            [20, 20],
            [20 + 40 * tiny, 20],
            [20 + 40 * tiny, 20 + 40 * tiny],
            [20, 20],
          ],
        ],
      ]),
    ),
  )
  assert.equal([...outlines.keys()], ['d0', 'd1'])
  assert.is(polygonsOf(outlines.get('d0') ?? null)[0].length, 2)
})

test('have a place for a label inside, also where the middle is outside', () => {
  const horseshoe: Position[] = [
    [0, 0],
    [9, 0],
    [9, 9],
    [6, 9],
    [6, 3],
    [3, 3],
    [3, 9],
    [0, 9],
    [0, 0],
  ]
  const [lon, lat] = centerOf({ type: 'Polygon', coordinates: [horseshoe] })
  assert.ok((lon > 0 && lon < 3) || (lon > 6 && lon < 9) || lat < 3, `${lon} ${lat}`)
  const two = centerOf({
    type: 'MultiPolygon',
    coordinates: [
      [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 1],
          [0, 0],
        ],
      ],
      [
        [
          [10, 0],
          [14, 0],
          [14, 4],
          [10, 4],
          [10, 0],
        ],
      ],
    ],
  })
  assert.equal(two, [12, 2])
})

test('of the sample city are all there, and small', () => {
  const city = read(sampleCityPath(), 'id')
  const packed = packOutline(city)
  const outlines = readOutline(packed)
  assert.is(outlines.size, city.ids.length)
  assert.ok(packed.length < 30_000, `${packed.length} bytes`)
  const box = outlineBox(outlines.values()) ?? [NaN]
  box.forEach((side, i) => assert.ok(Math.abs(side - city.bbox[i]) < 1e-4))
})

test('are made in a thread, of the file that is counted by and of no other', async () => {
  const path = sampleCityPath()
  const { fingerprint } = read(path, 'id')
  const stop = new AbortController()
  const made = await packOutlineOf({ path, idProperty: 'id', fingerprint }, stop.signal)
  assert.is(readOutline(made?.outline ?? new Uint8Array()).size, 221)
  assert.match(made?.note ?? '', /^Approximate/)
  const other = { path, idProperty: 'id', fingerprint: 'of another file' }
  assert.is(await packOutlineOf(other, stop.signal), undefined)
  const stopped = packOutlineOf({ path, idProperty: 'id', fingerprint }, stop.signal)
  stop.abort()
  assert.is(await stopped, undefined)
})

test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)(
  'of official districts fit an item, and lose none',
  () => {
    const path = sharedPath('districts/taxi_zones.geojson')
    const zones = read(path, 'LocationID')
    const packed = packOutline(zones)
    assert.ok(packed.length <= 200_000, `${packed.length} bytes`)
    assert.is(readOutline(packed).size, 260)
  },
)

test.run()
