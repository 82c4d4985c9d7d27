import type { Value } from '../counts/table-port.ts'

/** Of an object, a list or a string that the engine makes. */
const OBJECT_BYTES = 48

/** About what a value takes in memory. A list of numbers is not looked at number by number. */
export function bytesInMemory(value: Value | undefined): number {
  if (typeof value === 'string') return OBJECT_BYTES + value.length
  if (value instanceof Uint8Array) return OBJECT_BYTES + value.length
  if (typeof value !== 'object' || value === null) return 8
  if (Array.isArray(value)) {
    const parts = value as readonly Value[]
    if (parts.length === 0 || typeof parts[0] === 'number') return OBJECT_BYTES + 8 * parts.length
    return parts.reduce<number>((sum, part) => sum + 8 + bytesInMemory(part), OBJECT_BYTES)
  }
  let bytes = OBJECT_BYTES
  for (const part of Object.values(value)) bytes += 16 + bytesInMemory(part)
  return bytes
}
