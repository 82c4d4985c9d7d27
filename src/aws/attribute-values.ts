/**
 * Items as DynamoDB writes them, a type beside every value, and back. What `@aws-sdk/lib-dynamodb`
 * does for any object this does for the few types that a table port knows; with the SDK's cache of
 * middleware, which that package does not work with, a put costs half the time (docs/performance.md).
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { textOf } from '../counts/item-values.ts'
import type { Item, Value } from '../counts/table-port.ts'

export type AttributeMap = Record<string, AttributeValue>

/** Attributes without a value are left out. Throws a RangeError for a number that is none. */
export function attributesFrom(values: Readonly<Record<string, Value | undefined>>): AttributeMap {
  const attributes: AttributeMap = {}
  for (const name of Object.keys(values)) {
    const value = values[name]
    if (value !== undefined) attributes[name] = attributeFrom(value)
  }
  return attributes
}

function attributeFrom(value: Value): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value }
    case 'number':
      return { N: numberText(value) }
    case 'boolean':
      return { BOOL: value }
    default:
      if (value === null) return { NULL: true }
      if (value instanceof Uint8Array) return { B: value }
      return isList(value) ? { L: value.map(attributeFrom) } : { M: attributesFrom(value) }
  }
}

/** What is in the table under a primary key of two texts: from the SDK, or from a reply's JSON. */
export function itemFrom(attributes: unknown): Item {
  const { pk, sk, ...others } = valuesFrom(attributes)
  return { pk: textOf(pk), sk: textOf(sk), ...others }
}

function valuesFrom(attributes: unknown): Record<string, Value> {
  const values: Record<string, Value> = {}
  if (!isRecord(attributes)) return values
  for (const name of Object.keys(attributes)) values[name] = valueFrom(attributes[name])
  return values
}

function valueFrom(attribute: unknown): Value {
  if (!isRecord(attribute)) return null
  const { S, N, L, M, BOOL, B } = attribute
  if (typeof S === 'string') return S
  if (typeof N === 'string') return Number(N)
  if (isArray(L)) return L.map(valueFrom)
  if (isRecord(M)) return valuesFrom(M)
  if (typeof BOOL === 'boolean') return BOOL
  if (typeof B === 'string' || B instanceof Uint8Array) return bytesFrom(B)
  // No set is ours; whoever added one to an item of ours gets it back as a list.
  const { SS, NS, BS } = attribute
  if (isArray(SS)) return SS.map(textOfSet)
  if (isArray(NS)) return NS.map(Number)
  if (isArray(BS)) return BS.map(bytesFrom)
  return null
}

function bytesFrom(bytes: unknown): Value {
  if (bytes instanceof Uint8Array) return bytes
  return typeof bytes === 'string' ? new Uint8Array(Buffer.from(bytes, 'base64')) : null
}

const textOfSet = (text: unknown): Value => (typeof text === 'string' ? text : null)

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isArray(value: unknown): value is readonly unknown[] {
  return Array.isArray(value)
}

/** The same attributes as they are sent: JSON, bytes in base64. Throws as `attributesFrom` does. */
export function attributesJson(values: Readonly<Record<string, Value | undefined>>): string {
  let json = '{'
  for (const name of Object.keys(values)) {
    const value = values[name]
    if (value === undefined) continue
    json += `${json.length > 1 ? ',' : ''}${JSON.stringify(name)}:${attributeJson(value)}`
  }
  return `${json}}`
}

function attributeJson(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `{"S":${JSON.stringify(value)}}`
    case 'number':
      return `{"N":"${numberText(value)}"}`
    case 'boolean':
      return `{"BOOL":${value}}`
    default:
      if (value === null) return '{"NULL":true}'
      if (value instanceof Uint8Array) {
        const { buffer, byteOffset, length } = value
        return `{"B":"${Buffer.from(buffer, byteOffset, length).toString('base64')}"}`
      }
      if (isList(value)) return `{"L":[${value.map(attributeJson).join(',')}]}`
      return `{"M":${attributesJson(value)}}`
  }
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`DynamoDB: got ${value}, expected a number`)
  return String(value)
}

function isList(
  value: readonly Value[] | { readonly [name: string]: Value },
): value is readonly Value[] {
  return Array.isArray(value)
}
