/** Which district a point is in. */
import { buildTable } from './build-table.ts'
import { parseDistricts } from './districts.ts'
import type { Districts } from './districts.ts'
import { locate } from './locate.ts'
import { locateMany } from './locate-many.ts'
import { deserializeIndex, serializeIndex } from './serialize.ts'
import type { Table } from './table.ts'

/**
 * Builds the index of a GeoJSON FeatureCollection. `id` names the property that tells districts
 * apart; without it one is chosen. Throws `HailstreamError` for a file that cannot be used.
 */
export function createDistrictIndex(
  featureCollection: unknown,
  options: { id?: string } = {},
): DistrictIndex {
  return indexDistricts(parseDistricts(featureCollection, 'districts', options.id))
}

export function indexDistricts(districts: Districts): DistrictIndex {
  return new DistrictIndex(districts.ids, districts.fingerprint, buildTable(districts))
}

/** Immutable. Positions are in `ids`; -1 is none. */
export class DistrictIndex {
  readonly ids: readonly string[]
  /** Hexadecimal SHA-256 over ids and geometry. */
  readonly fingerprint: string
  private readonly table: Table

  constructor(ids: readonly string[], fingerprint: string, table: Table) {
    this.ids = ids
    this.fingerprint = fingerprint
    this.table = table
  }

  /** Position in `ids` of the district that holds the point, -1 for none. Takes any number. */
  locate(lon: number, lat: number): number {
    return locate(this.table, lon, lat)
  }

  /**
   * `locate` for many points. Writes to `out` when it is given and allocates nothing then. Throws a
   * RangeError if `lats` or `out` is shorter than `lons`.
   */
  locateMany(
    lons: Float64Array,
    lats: Float64Array,
    out: Int32Array = new Int32Array(lons.length),
  ): Int32Array {
    if (lats.length < lons.length || out.length < lons.length) {
      throw new RangeError(
        `locateMany: got ${lons.length} longitudes, ${lats.length} latitudes and room for ` +
          `${out.length}, expected as many of each`,
      )
    }
    locateMany(this.table, lons, lats, out)
    return out
  }

  /** The index as bytes; some 10 MB for a city. */
  serialize(): Uint8Array<ArrayBuffer> {
    return serializeIndex({ ids: this.ids, fingerprint: this.fingerprint, table: this.table })
  }

  /**
   * The index that was serialized, without building anything. It may share the memory of `bytes`,
   * which must not change any more. Throws `CORRUPT` for other bytes.
   */
  static deserialize(bytes: Uint8Array): DistrictIndex {
    const { ids, fingerprint, table } = deserializeIndex(bytes)
    return new DistrictIndex(ids, fingerprint, table)
  }
}
