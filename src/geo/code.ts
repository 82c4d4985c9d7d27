/**
 * What stands in the table for a cell or a part of one: a district (its position, or `NOWHERE`), or
 * where to look further. Districts are -1 and up, the others -2 and down.
 */

/** In no district. */
export const NOWHERE = -1

/** What a code below `NOWHERE` points to. */
export const LINE = 0 // in `leaves`: one straight border
export const WEDGE = 1 // in `leaves`: two borders that meet
export const MESH = 2 // in `leaves`: any number of borders
export const BLOCK = 3 // in `blocks`: 8 × 8 parts

/** `offset` is a position in `leaves` or `blocks`, below 2^29. */
export function pointer(kind: number, offset: number): number {
  return -2 - ((offset << 2) | kind)
}

/** Whether a code points on; else it is the answer. */
export function isPointer(code: number): boolean {
  return code < NOWHERE
}

export function kindOf(code: number): number {
  return (-2 - code) & 3
}

export function offsetOf(code: number): number {
  return (-2 - code) >> 2
}
