/** The districts a command counts by: a file, or zone ids as they come. */
import { basename } from 'node:path'
import type { CountedDistricts } from '../src/counts/generation.ts'
import { ZONES_ONLY } from '../src/counts/generation.ts'
import type { DistrictSet } from '../src/geo/district-set.ts'
import { readDistricts } from '../src/geo/district-file.ts'
import type { Locator } from '../src/pipeline/classify.ts'
import type { Program } from '../src/program/program.ts'
import { say } from '../src/program/program.ts'

export interface DistrictOptions {
  districts?: string
  districtId?: string
}

export interface ChosenDistricts {
  counted: CountedDistricts
  /** Absent where only zone ids are counted. */
  locator: Locator | undefined
  /** The property that names a district, given or chosen. */
  idProperty: string | undefined
}

/** Reads a district file, and says what was chosen and what is odd about it. */
export async function loadDistricts(
  path: string,
  districtId: string | undefined,
  program: Program,
): Promise<DistrictSet> {
  const set = await readDistricts(path, districtId)
  if (districtId === undefined) {
    say(program, `Districts are told apart by ${set.idProperty}; --district-id chooses another.`)
  }
  for (const warning of set.warnings) say(program, warning)
  return set
}

export async function chooseDistricts(
  options: DistrictOptions,
  program: Program,
): Promise<ChosenDistricts> {
  if (options.districts === undefined)
    return { counted: ZONES_ONLY, locator: undefined, idProperty: undefined }
  const set = await loadDistricts(options.districts, options.districtId, program)
  return {
    counted: {
      name: basename(options.districts).replace(/\.(geo)?json(\.gz)?$/i, ''),
      ids: set.ids,
      names: set.names,
      fingerprint: set.fingerprint,
      zones: set.zones,
    },
    locator: set.index,
    idProperty: set.idProperty,
  }
}
