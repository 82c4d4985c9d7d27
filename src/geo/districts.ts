/** GeoJSON features → districts: features that share an id become one. */
import { HailstreamError } from '../errors.ts'
import { NONE, idOf, sortIds } from './district-id.ts'
import { fingerprintOf } from './fingerprint.ts'
import { parseGeojson } from './geojson.ts'
import type { PolygonFeature, Ring } from './geojson.ts'
import { chooseIdProperty, chooseNameProperty } from './properties.ts'

/** A part of a district: the exterior ring and the holes, by the even-odd rule. */
export interface DistrictPolygon {
  /** Position of its district in `ids`. */
  district: number
  rings: Ring[]
}

/** West, south, east, north, in degrees. */
export type BoundingBox = [number, number, number, number]

export interface Districts {
  /** In the order of `sortIds`. */
  ids: string[]
  /** One per id; the id itself where the file has no name. */
  names: string[]
  idProperty: string
  /** In file order, which decides overlaps: a point is in the first polygon that holds it. */
  polygons: DistrictPolygon[]
  bbox: BoundingBox
  /** Hexadecimal SHA-256 over ids and geometry. */
  fingerprint: string
  warnings: string[]
}

/**
 * Reads the districts of a FeatureCollection. `idProperty` names the property to use; without it
 * one is chosen (properties.ts). `label` names the file in errors.
 * Throws `USAGE` for an unknown property, `DISTRICTS` for a file that cannot be used.
 */
export function parseDistricts(geojson: unknown, label: string, idProperty?: string): Districts {
  const { features, warnings } = parseGeojson(geojson, label)
  const property = idProperty ?? choose(features, label)
  if (!features.some(({ properties }) => Object.hasOwn(properties, property))) {
    throw unknownProperty(property, features, label)
  }

  const idOfFeature = features.map((feature) => featureId(feature, property, label))
  const named = features.filter((_, i) => idOfFeature[i] !== undefined)
  const nameProperty = chooseNameProperty(
    named.map(({ properties }) => properties),
    property,
  )
  const names = new Map<string, string>()
  for (const [i, { properties }] of features.entries()) {
    const id = idOfFeature[i]
    if (id === undefined || names.has(id)) continue
    names.set(id, nameProperty === undefined ? id : String(properties[nameProperty]))
  }

  const ids = sortIds(names.keys())
  const position = new Map(ids.map((id, i) => [id, i]))
  const polygons = features.flatMap((feature, i) =>
    feature.polygons.map((rings) => ({
      district: position.get(idOfFeature[i] ?? '') ?? -1,
      rings,
    })),
  )
  return {
    ids,
    names: ids.map((id) => names.get(id) ?? id),
    idProperty: property,
    polygons,
    bbox: bboxOf(polygons),
    fingerprint: fingerprintOf(ids, polygons),
    warnings,
  }
}

/** Undefined only for a feature without area: it is no district unless it has an id. */
function featureId(feature: PolygonFeature, property: string, label: string): string | undefined {
  const value = feature.properties[property]
  const id = idOf(value)
  if (id === NONE) {
    throw new HailstreamError('DISTRICTS', {
      subject: `${label}: feature ${feature.number}`,
      got: `the id ${NONE}`,
      expected: `any other id: ${NONE} is the row of the unclassified`,
      fix: 'Rename the district or choose another property with --district-id.',
    })
  }
  if (id === undefined && feature.polygons.length > 0) {
    throw new HailstreamError('DISTRICTS', {
      subject: `${label}: feature ${feature.number}`,
      got: value === undefined ? `no ${property}` : `${property} ${JSON.stringify(value)}`,
      expected: 'an id (text or a number) on every feature',
      fix: 'Choose another property with --district-id.',
    })
  }
  return id
}

function choose(features: readonly PolygonFeature[], label: string): string {
  const usable = features.filter(({ polygons }) => polygons.length > 0)
  const property = chooseIdProperty(usable.map(({ properties }) => properties))
  if (property !== undefined) return property
  throw new HailstreamError('DISTRICTS', {
    subject: label,
    got: `no property that could be an id (there are: ${propertyNames(features)})`,
    expected: 'one that every feature has',
    fix: 'Name one with --district-id.',
  })
}

function unknownProperty(
  property: string,
  features: readonly PolygonFeature[],
  label: string,
): HailstreamError {
  return new HailstreamError('USAGE', {
    subject: '--district-id',
    got: JSON.stringify(property),
    expected: `a property of ${label}: ${propertyNames(features)}`,
  })
}

function propertyNames(features: readonly PolygonFeature[]): string {
  const names = new Set(features.flatMap(({ properties }) => Object.keys(properties)))
  return names.size === 0 ? 'none' : [...names].join(', ')
}

function bboxOf(polygons: readonly DistrictPolygon[]): BoundingBox {
  const bbox: BoundingBox = [Infinity, Infinity, -Infinity, -Infinity]
  for (const { rings } of polygons) {
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        bbox[0] = Math.min(bbox[0], ring[i])
        bbox[1] = Math.min(bbox[1], ring[i + 1])
        bbox[2] = Math.max(bbox[2], ring[i])
        bbox[3] = Math.max(bbox[3], ring[i + 1])
      }
    }
  }
  return bbox
}
