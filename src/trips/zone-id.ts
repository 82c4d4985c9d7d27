import { MAX_ZONE_BYTES } from './trip-record.ts'
import { isMissing } from './trip-values.ts'

/**
 * A zone id as it is counted: trimmed, `264.0` as `264`, empty when missing. Ids are never padded,
 * looked up or otherwise interpreted.
 */
export function zoneId(text: string): string {
  const trimmed = text.trim()
  if (isMissing(trimmed)) return ''
  return /^\d+\.0*$/.test(trimmed) ? trimmed.slice(0, trimmed.indexOf('.')) : trimmed
}

/** Writes zone ids into records, remembering the bytes of those it has seen. */
export class ZoneWriter {
  readonly #seen = new Map<string, Uint8Array>()
  readonly #encoder = new TextEncoder()

  /**
   * Writes the id given as `text` to the 16 bytes at `offset`; as missing, and answers false, when
   * it is too long for a record.
   */
  write(text: string, bytes: Uint8Array, offset: number): boolean {
    let place = this.#seen.get(text)
    if (place === undefined) {
      place = this.#encode(zoneId(text))
      if (this.#seen.size >= 4096) this.#seen.clear()
      this.#seen.set(text, place)
    }
    if (place.length === 0) {
      bytes.fill(0, offset, offset + 1 + MAX_ZONE_BYTES)
      return false
    }
    for (let i = 0; i <= MAX_ZONE_BYTES; i++) bytes[offset + i] = place[i]
    return true
  }

  /** Length and bytes, zero-filled to 16; nothing at all when it is too long. */
  #encode(zone: string): Uint8Array {
    const text = this.#encoder.encode(zone)
    if (text.length > MAX_ZONE_BYTES) return new Uint8Array(0)
    const place = new Uint8Array(1 + MAX_ZONE_BYTES)
    place[0] = text.length
    place.set(text, 1)
    return place
  }
}
