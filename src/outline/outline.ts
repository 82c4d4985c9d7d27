/**
 * The outlines of districts, simplified for drawing and packed small enough for one item of the
 * table. Borders are simplified once for both of their sides, so that no gaps open. What is counted
 * never depends on them.
 *
 * Packed: gzip of TopoJSON (github.com/topojson/topojson-specification), object `districts`, whose
 * geometries carry the ids.
 */
import { gunzipSync, gzipSync } from 'node:zlib'
import { feature, quantize } from 'topojson-client'
import { topology } from 'topojson-server'
import { planarTriangleArea, presimplify, simplify } from 'topojson-simplify'
import type { DistrictPolygon, Districts } from '../geo/districts.ts'

export type Position = GeoJSON.Position
export type OutlineGeometry = GeoJSON.Polygon | GeoJSON.MultiPolygon

type Outlines = TopoJSON.Topology<{ districts: TopoJSON.GeometryCollection }>

/** Room for the outlines in an item of 400 KB. */
export const MAX_OUTLINE_BYTES = 300_000
/** More bytes than that draw nothing that can be seen on a screen. */
const ENOUGH_BYTES = 200_000
/** A corner of 20 m by 20 m goes first; then larger ones until the rest fits. */
const FIRST_AREA_M2 = 200
const COARSER = 2.5
/** Steps across the whole width: half a metre for a city. */
const QUANTA = 100_000
const METRES_PER_DEGREE = 111_320
/** Nobody unpacks more than that from a table. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

/** Packs the outlines of `districts`. Throws where even the coarsest are too large for an item. */
export function packOutline(districts: Pick<Districts, 'ids' | 'polygons' | 'bbox'>): Uint8Array {
  const full = topology({ districts: collectionOf(districts) }) as Outlines
  const [, south, , north] = districts.bbox
  const squareMetres =
    METRES_PER_DEGREE ** 2 * Math.max(0.01, Math.cos((((south + north) / 2) * Math.PI) / 180))
  const weighed = presimplify(full, (triangle) => planarTriangleArea(triangle) * squareMetres)
  keepShapes(weighed)
  let packed = new Uint8Array()
  for (let area = FIRST_AREA_M2; area < 1e16; area *= COARSER) {
    packed = new Uint8Array(pack(simplify(weighed, area)))
    if (packed.length <= ENOUGH_BYTES) return packed
  }
  if (packed.length <= MAX_OUTLINE_BYTES) return packed
  throw new RangeError(`outlines of ${packed.length} bytes`)
}

/** District id → what to draw; a district without area is not there. */
export function readOutline(packed: Uint8Array): Map<string, OutlineGeometry> {
  const text = gunzipSync(packed, { maxOutputLength: MAX_UNPACKED_BYTES }).toString('utf8')
  const outlines = JSON.parse(text) as Outlines
  const { features } = feature(outlines, outlines.objects.districts) as GeoJSON.FeatureCollection
  const geometries = new Map<string, OutlineGeometry>()
  for (const { id, geometry } of features) {
    const polygons = polygonsOf(geometry)
      .filter(([exterior]) => !isFlat(exterior))
      .map((rings) => rings.map((ring) => ring.map(([lon, lat]) => [rounded(lon), rounded(lat)])))
    if (id === undefined || polygons.length === 0) continue
    geometries.set(
      String(id),
      polygons.length === 1
        ? { type: 'Polygon', coordinates: polygons[0] }
        : { type: 'MultiPolygon', coordinates: polygons },
    )
  }
  return geometries
}

/** West, south, east, north; undefined where there is nothing. */
export function outlineBox(
  geometries: Iterable<OutlineGeometry>,
): [number, number, number, number] | undefined {
  const box: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const geometry of geometries) {
    for (const [lon, lat] of polygonsOf(geometry).flat(2)) {
      box[0] = Math.min(box[0], lon)
      box[1] = Math.min(box[1], lat)
      box[2] = Math.max(box[2], lon)
      box[3] = Math.max(box[3], lat)
    }
  }
  return box[0] <= box[2] ? box : undefined
}

export function polygonsOf(geometry: GeoJSON.Geometry | null): Position[][][] {
  if (geometry?.type === 'Polygon') return [geometry.coordinates]
  return geometry?.type === 'MultiPolygon' ? geometry.coordinates : []
}

function pack(simplified: Outlines): Uint8Array {
  const quantized = quantize(simplified, QUANTA)
  return gzipSync(JSON.stringify(quantized), { level: 9 })
}

/** One feature a district: its polygons, and its id. */
function collectionOf({
  ids,
  polygons,
}: Pick<Districts, 'ids' | 'polygons'>): GeoJSON.FeatureCollection<GeoJSON.MultiPolygon, null> {
  const byDistrict = new Map<number, DistrictPolygon[]>()
  for (const polygon of polygons) {
    const there = byDistrict.get(polygon.district)
    if (there === undefined) byDistrict.set(polygon.district, [polygon])
    else there.push(polygon)
  }
  return {
    type: 'FeatureCollection',
    features: ids.map((id, i) => ({
      type: 'Feature',
      id,
      properties: null,
      geometry: {
        type: 'MultiPolygon',
        coordinates: (byDistrict.get(i) ?? [])
          .map(({ rings }) => rings.filter((ring) => ring.length >= 6).map(closedRing))
          .filter((rings) => rings.length > 0),
      },
    })),
  }
}

function closedRing(ring: Float64Array): Position[] {
  const positions: Position[] = []
  for (let i = 0; i < ring.length; i += 2) positions.push([ring[i], ring[i + 1]])
  const [first] = positions
  const last = positions[positions.length - 1]
  if (first[0] !== last[0] || first[1] !== last[1]) positions.push([...first])
  return positions
}

/**
 * However coarse: a stretch of border between two corners keeps its most telling point, a ring
 * without corners two, so that no district is simplified to a line.
 */
function keepShapes(weighed: Outlines): void {
  for (const arc of weighed.arcs) {
    const last = arc.length - 1
    const closed = arc[0][0] === arc[last][0] && arc[0][1] === arc[last][1]
    const inner = arc.slice(1, last).sort((a, b) => b[2] - a[2])
    for (const position of inner.slice(0, closed ? 2 : 1)) position[2] = Infinity
  }
}

/** To a decimetre, which keeps the text of it short. */
function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6
}

function isFlat(ring: readonly Position[]): boolean {
  let doubleArea = 0
  const [x0, y0] = ring[0]
  for (let i = 1; i < ring.length; i++) {
    const [ax, ay] = ring[i - 1]
    const [bx, by] = ring[i]
    doubleArea += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0)
  }
  return doubleArea === 0
}
