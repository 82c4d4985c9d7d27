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

/** What is in the table under a primary key of two texts. */
export function itemFrom(attributes: AttributeMap): Item {
  const { pk, sk, ...others } = valuesFrom(attributes)
  return { pk: textOf(pk), sk: textOf(sk), ...others }
}

function valuesFrom(attributes: AttributeMap): Record<string, Value> {
  const values: Record<string, Value> = {}
  for (const name of Object.keys(attributes)) values[name] = valueFrom(attributes[name])
  return values
}

function valueFrom(attribute: AttributeValue): Value {
  if (attribute.S !== undefined) return attribute.S
  if (attribute.N !== undefined) return Number(attribute.N)
  if (attribute.L !== undefined) return attribute.L.map(valueFrom)
  if (attribute.M !== undefined) return valuesFrom(attribute.M)
  if (attribute.BOOL !== undefined) return attribute.BOOL
  if (attribute.B !== undefined) return attribute.B
  // No set is ours; whoever added one to an item of ours gets it back as a list.
  if (attribute.SS !== undefined) return attribute.SS
  if (attribute.NS !== undefined) return attribute.NS.map(Number)
  if (attribute.BS !== undefined) return attribute.BS
  return null
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
