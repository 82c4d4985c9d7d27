/**
 * GeoJSON (RFC 7946, and what older tools write) → polygons: either winding, holes, z coordinates
 * and a legacy `crs` member are all read. Coordinates are checked, never changed.
 */
import { HailstreamError } from '../errors.ts'
import { describeRing } from './ring.ts'

/** A closed or unclosed line of positions: lon, lat, lon, lat … in degrees. */
export type Ring = Float64Array

export interface PolygonFeature {
  /** Position in the file, from 1. */
  number: number
  properties: Readonly<Record<string, unknown>>
  /** Each polygon is its exterior ring and its holes; empty when the feature has no area. */
  polygons: Ring[][]
}

export interface ParsedGeojson {
  features: PolygonFeature[]
  /** What is odd about the file but does not stop it from being used. */
  warnings: string[]
}

/**
 * Reads a FeatureCollection of Polygon, MultiPolygon, or GeometryCollection of them.
 * `label` names the file in errors. Throws `DISTRICTS` for anything without a usable polygon.
 */
export function parseGeojson(geojson: unknown, label: string): ParsedGeojson {
  if (!isObject(geojson) || geojson.type !== 'FeatureCollection') {
    throw new HailstreamError('DISTRICTS', {
      subject: label,
      got: isObject(geojson) ? `type ${JSON.stringify(geojson.type)}` : describe(geojson),
      expected: 'a GeoJSON FeatureCollection',
      fix: 'Convert the file to GeoJSON (ogr2ogr -f GeoJSON out.geojson in.shp).',
    })
  }
  const list: unknown = geojson.features
  if (!Array.isArray(list)) throw unreadable(label, '"features"', describe(list), 'an array')

  const warnings: string[] = []
  const features = list.map((feature: unknown, i) => parseFeature(feature, i + 1, label, warnings))
  if (features.every(({ polygons }) => polygons.length === 0)) {
    throw new HailstreamError('DISTRICTS', {
      subject: label,
      got: features.length === 0 ? 'no features' : `no polygon (features: ${features.length})`,
      expected: 'at least one Polygon or MultiPolygon',
    })
  }
  return { features, warnings }
}

function parseFeature(
  feature: unknown,
  number: number,
  label: string,
  warnings: string[],
): PolygonFeature {
  const where = `feature ${number}`
  if (!isObject(feature)) throw unreadable(label, where, describe(feature), 'a GeoJSON Feature')
  const own = isObject(feature.properties) ? feature.properties : {}
  // RFC 7946 §3.2 lets the id stand beside the properties; a property of that name goes first.
  const properties =
    feature.id === undefined || Object.hasOwn(own, 'id') ? own : { ...own, id: feature.id }
  const polygons: Ring[][] = []
  collectPolygons(feature.geometry, where, label, polygons, warnings)
  if (polygons.length === 0) warnings.push(`${where} has no area: no trip will be found in it`)
  return { number, properties, polygons }
}

function collectPolygons(
  geometry: unknown,
  where: string,
  label: string,
  polygons: Ring[][],
  warnings: string[],
): void {
  if (geometry === null || geometry === undefined) return
  if (!isObject(geometry)) throw unreadable(label, where, describe(geometry), 'a geometry')
  const { type, coordinates, geometries } = geometry
  if (type === 'GeometryCollection') {
    for (const part of arrayOf(geometries, where, label)) {
      collectPolygons(part, where, label, polygons, warnings)
    }
  } else if (type === 'MultiPolygon') {
    for (const part of arrayOf(coordinates, where, label)) {
      addPolygon(part, where, label, polygons, warnings)
    }
  } else if (type === 'Polygon') {
    addPolygon(coordinates, where, label, polygons, warnings)
  } else {
    warnings.push(`${where}: a ${String(type)} has no area and is left out`)
  }
}

function addPolygon(
  coordinates: unknown,
  where: string,
  label: string,
  polygons: Ring[][],
  warnings: string[],
): void {
  const rings: Ring[] = []
  for (const [i, positions] of arrayOf(coordinates, where, label).entries()) {
    const part = polygons.length === 0 ? '' : ` of polygon ${polygons.length + 1}`
    const at = `${where}, ring ${i + 1}${part}`
    const ring = parseRing(arrayOf(positions, at, label), at, label)
    const oddity = describeRing(ring)
    if (oddity !== undefined) warnings.push(`${at} ${oddity}; it is used as it is`)
    if (ring.length > 0) rings.push(ring)
  }
  if (rings.length > 0) polygons.push(rings)
}

function parseRing(positions: readonly unknown[], at: string, label: string): Ring {
  const ring = new Float64Array(positions.length * 2)
  for (const [i, position] of positions.entries()) {
    const [lon, lat] = Array.isArray(position) ? (position as unknown[]) : []
    if (!isFinite(lon) || !isFinite(lat)) {
      throw unreadable(label, at, JSON.stringify(position), 'positions of two finite numbers')
    }
    if (Math.abs(lon) > 180 || Math.abs(lat) > 90) {
      throw new HailstreamError('DISTRICTS', {
        subject: `${label}: ${at}`,
        got: `position ${lon}, ${lat}`,
        expected: 'longitude and latitude in degrees',
        fix: 'Reproject to WGS 84 (ogr2ogr -t_srs EPSG:4326 -f GeoJSON out.geojson in.geojson).',
      })
    }
    ring[2 * i] = lon
    ring[2 * i + 1] = lat
  }
  return ring
}

function arrayOf(value: unknown, where: string, label: string): unknown[] {
  if (!Array.isArray(value)) throw unreadable(label, where, describe(value), 'an array')
  return value
}

function unreadable(label: string, where: string, got: string, expected: string): HailstreamError {
  return new HailstreamError('DISTRICTS', { subject: `${label}: ${where}`, got, expected })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`
}
