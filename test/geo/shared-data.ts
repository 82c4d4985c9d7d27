/** The real files beside the repository; tests that need them skip where they are absent. */
import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'

/** Tests run from the root of the repository. */
const ROOT = resolve('../shared/data')

export const HAS_SHARED_DATA = existsSync(ROOT)
export const NO_SHARED_DATA = '../shared/data is absent'

export function sharedPath(name: string): string {
  return `${ROOT}/${name}`
}

export function readSharedJson(name: string): unknown {
  return JSON.parse(readFileSync(sharedPath(name), 'utf8'))
}

const parsed = new Map<string, Record<string, string>[]>()

/** Rows of a `.csv.gz` by column name, all as text; each file is read once. */
export function readSharedCsv(name: string): Record<string, string>[] {
  const rows =
    parsed.get(name) ?? parse(gunzipSync(readFileSync(sharedPath(name))), { columns: true })
  parsed.set(name, rows)
  return rows
}

/** The lines of a small `.csv` below its header. */
export function readSharedLines(name: string): string[] {
  return readFileSync(sharedPath(name), 'utf8').trimEnd().split('\n').slice(1)
}

export const DISTRICT_FILES = [
  { layer: 'cd', file: 'districts/community_districts.geojson', id: 'BoroCD' },
  { layer: 'borough', file: 'districts/boroughs.geojson', id: 'BoroName' },
  { layer: 'zone', file: 'districts/taxi_zones.geojson', id: 'LocationID' },
  { layer: 'nta2020', file: 'districts/nta2020_24c.geojson', id: 'NTA2020' },
] as const
