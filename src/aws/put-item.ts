/** A PutItem as the SDK takes it, and the same as it is sent. */
import type { PutItemCommandInput } from '@aws-sdk/client-dynamodb'
import type { Condition, Item } from '../counts/table-port.ts'
import { attributesFrom, attributesJson } from './attribute-values.ts'
import { conditionExpression } from './condition-expression.ts'

export function putInput(
  table: string,
  item: Item,
  condition: Condition | undefined,
): PutItemCommandInput {
  const input = { TableName: table, Item: attributesFrom(item) }
  if (condition === undefined) return input
  const { ExpressionAttributeValues: values, ...expression } = conditionExpression(
    condition,
    item.pk,
  )
  return {
    ...input,
    ...expression,
    ...(values !== undefined && { ExpressionAttributeValues: attributesFrom(values) }),
  }
}

export function putJson(table: string, item: Item, condition: Condition | undefined): string {
  const json = `{"TableName":${JSON.stringify(table)},"Item":${attributesJson(item)}`
  if (condition === undefined) return `${json}}`
  const { ExpressionAttributeValues: values, ...expression } = conditionExpression(
    condition,
    item.pk,
  )
  const typed = values === undefined ? '' : `,"ExpressionAttributeValues":${attributesJson(values)}`
  return `${json},${JSON.stringify(expression).slice(1, -1)}${typed}}`
}
