/** Reads attributes of items: what is absent or of another type is empty, never a surprise. */
import type { Value } from './table-port.ts'

export type Attributes = Record<string, Value>

export function textOf(value: Value | undefined): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

export function numberOf(value: Value | undefined): number {
  return typeof value === 'number' ? value : 0
}

export function listOf(value: Value | undefined): readonly Value[] {
  return isList(value) ? value : []
}

export function attributesOf(value: Value | undefined): Readonly<Attributes> {
  return isMap(value) ? value : {}
}

function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value)
}

function isMap(value: Value | undefined): value is Readonly<Attributes> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  )
}
