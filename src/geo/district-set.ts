/** A district file, read and ready to classify with. */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { HailstreamError, messageOf } from '../errors.ts'
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
 * Reads a GeoJSON file, gzipped or not. Throws `HailstreamError`: `DISTRICTS` for a file that
 * cannot be used, `USAGE` for an `idProperty` that it does not have.
 */
export async function readDistricts(path: string, idProperty?: string): Promise<DistrictSet> {
  const label = basename(path)
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new HailstreamError(
      'DISTRICTS',
      { subject: label, got: reasonOf(cause), expected: 'a GeoJSON file that can be read' },
      { cause },
    )
  })
  return districtsFrom(parseJson(bytes, label), idProperty, label)
}

/** The same for GeoJSON that is already an object; `label` names it in errors. */
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

function parseJson(bytes: Buffer, label: string): unknown {
  const isGzip = bytes.length > 1 && bytes[0] === 0x1f && bytes[1] === 0x8b
  try {
    const text = (isGzip ? gunzipSync(bytes) : bytes).toString('utf8').replace(/^\uFEFF/, '')
    if (text.trim() === '') throw new Error('an empty file')
    return JSON.parse(text)
  } catch (cause) {
    throw new HailstreamError(
      'DISTRICTS',
      { subject: label, got: messageOf(cause), expected: 'GeoJSON' },
      { cause },
    )
  }
}

/** The system's words without the path, which they would repeat in full. */
function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'ENOENT') return 'no such file'
  if (code === 'EISDIR') return 'a folder'
  if (code === 'EACCES') return 'a file that may not be read'
  return typeof code === 'string' ? code : messageOf(cause)
}
