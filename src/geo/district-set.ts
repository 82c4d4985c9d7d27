/** Districts, read and ready to classify with. */
import { indexDistricts } from './district-index.ts'
import type { DistrictIndex } from './district-index.ts'
import { parseDistricts } from './districts.ts'
import type { BoundingBox } from './districts.ts'

export interface DistrictSet {
  /** In numeric order if all are numbers, else in code-unit order. */
  ids: string[]
  /** One per id: what to show a reader; the id itself where the file has no name. */
  names: string[]
  /** The property the ids come from, given or chosen. */
  idProperty: string
  /** Hexadecimal SHA-256 over ids and geometry. */
  fingerprint: string
  index: DistrictIndex
  /** What is odd about the file, one sentence each. */
  warnings: string[]
  bbox: BoundingBox
  /** Whether the ids are taxi zone LocationIDs, so that the zone ids of trips are these ids. */
  zones: boolean
}

/**
 * Districts of GeoJSON that is already an object, here and now: a large city takes some tenths of a
 * second. `label` names it in errors. Throws as `readDistricts` does.
 */
export function districtsFrom(
  geojson: unknown,
  idProperty?: string,
  label = 'districts',
): DistrictSet {
  const districts = parseDistricts(geojson, label, idProperty)
  const { ids, names, fingerprint, warnings } = districts
  return {
    ids,
    names,
    idProperty: districts.idProperty,
    fingerprint,
    index: indexDistricts(districts),
    warnings,
    bbox: districts.bbox,
    zones: districts.idProperty.toLowerCase().replace(/[_\s-]/g, '') === 'locationid',
  }
}
