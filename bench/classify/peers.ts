/** What people use today, each the way its own documentation shows. */
import booleanPointInPolygon from '@turf/boolean-point-in-polygon'
import Flatbush from 'flatbush'
import type { Feature, FeatureCollection, MultiPolygon, Polygon, Position } from 'geojson'
import PolygonLookup from 'polygon-lookup'
import whichPolygon from 'which-polygon'

export type Collection = FeatureCollection<Polygon | MultiPolygon, Record<string, unknown>>

export interface Peer {
  name: string
  /** The id of a district at a place, undefined for none. */
  locate(lon: number, lat: number): unknown
}

export function peersFor(collection: Collection, id: string): Peer[] {
  return [
    viaWhichPolygon(collection, id),
    viaFlatbush(collection, id),
    viaTurf(collection, id),
    viaPolygonLookup(collection, id),
  ]
}

function viaWhichPolygon(collection: Collection, id: string): Peer {
  const query = whichPolygon(collection)
  return { name: 'which-polygon', locate: (lon, lat) => query([lon, lat])?.[id] }
}

/** With a bounding box on each feature, which it looks at first. */
function viaTurf(collection: Collection, id: string): Peer {
  const features = collection.features.map((feature) => ({ ...feature, bbox: bboxOf(feature) }))
  return {
    name: '@turf/boolean-point-in-polygon',
    locate(lon, lat) {
      const point = [lon, lat]
      return features.find((feature) => booleanPointInPolygon(point, feature))?.properties[id]
    },
  }
}

function viaPolygonLookup(collection: Collection, id: string): Peer {
  // It changes what it is given.
  const lookup = new PolygonLookup(structuredClone(collection))
  return {
    name: 'polygon-lookup',
    locate: (lon, lat) => lookup.search(lon, lat)?.properties[id],
  }
}

/** The best that npm offers in parts: an index of boxes, and a ray through typed arrays. */
function viaFlatbush(collection: Collection, id: string): Peer {
  const polygons = collection.features.flatMap((feature) =>
    polygonsOf(feature).map((rings) => ({
      id: feature.properties[id],
      rings: rings.map((ring) => Float64Array.from(ring.flatMap(([x, y]) => [x, y]))),
      bbox: bboxOfRings(rings),
    })),
  )
  const boxes = new Flatbush(polygons.length)
  for (const { bbox } of polygons) boxes.add(...bbox)
  boxes.finish()
  return {
    name: 'flatbush + ray cast',
    locate(lon, lat) {
      for (const hit of boxes.search(lon, lat, lon, lat)) {
        if (isInside(polygons[hit].rings, lon, lat)) return polygons[hit].id
      }
      return undefined
    },
  }
}

function isInside(rings: readonly Float64Array[], x: number, y: number): boolean {
  let inside = false
  for (const ring of rings) {
    let ax = ring[ring.length - 2]
    let ay = ring[ring.length - 1]
    for (let i = 0; i < ring.length; i += 2) {
      const bx = ring[i]
      const by = ring[i + 1]
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
      ax = bx
      ay = by
    }
  }
  return inside
}

function polygonsOf({ geometry }: Feature<Polygon | MultiPolygon>): Position[][][] {
  return geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
}

function bboxOf(feature: Feature<Polygon | MultiPolygon>): [number, number, number, number] {
  return bboxOfRings(polygonsOf(feature).flat())
}

function bboxOfRings(rings: Position[][]): [number, number, number, number] {
  const bbox: [number, number, number, number] = [Infinity, Infinity, -Infinity, -Infinity]
  for (const [x, y] of rings.flat()) {
    bbox[0] = Math.min(bbox[0], x)
    bbox[1] = Math.min(bbox[1], y)
    bbox[2] = Math.max(bbox[2], x)
    bbox[3] = Math.max(bbox[3], y)
  }
  return bbox
}
