/** What tells two sets of districts apart. */
import { createHash } from 'node:crypto'

/**
 * Hexadecimal SHA-256 over what decides a classification: the ids and every coordinate, in file
 * order. Other properties and the layout of the file do not matter.
 */
export function fingerprintOf(
  ids: readonly string[],
  polygons: readonly { district: number; rings: readonly Float64Array[] }[],
): string {
  const hash = createHash('sha256').update(JSON.stringify(ids))
  for (const { district, rings } of polygons) {
    // The lengths keep two polygons from reading like one.
    hash.update(Int32Array.of(district, rings.length, ...rings.map((ring) => ring.length)))
    for (const ring of rings) hash.update(ring)
  }
  return hash.digest('hex')
}
