/** Conditions as DynamoDB condition expressions. */
import type { Condition } from '../counts/table-port.ts'

export interface ConditionExpression {
  ConditionExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues?: Record<string, string | number | boolean>
}

export function conditionExpression(condition: Condition): ConditionExpression {
  const names: Record<string, string> = { '#pk': 'pk' }
  const values: Record<string, string | number | boolean> = {}
  const expression = build(condition, names, values)
  if (!expression.includes('#pk')) delete names['#pk']
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  }
}

function build(
  condition: Condition,
  names: Record<string, string>,
  values: Record<string, string | number | boolean>,
): string {
  switch (condition.kind) {
    case 'absent':
      return 'attribute_not_exists(#pk)'
    case 'present':
      return 'attribute_exists(#pk)'
    case 'equal':
    case 'less': {
      const name = `#${condition.attribute}`
      const value = `:v${Object.keys(values).length}`
      names[name] = condition.attribute
      values[value] = condition.value
      return `${name} ${condition.kind === 'equal' ? '=' : '<'} ${value}`
    }
    case 'all':
    case 'any': {
      const parts = condition.of.map((part) => build(part, names, values))
      return `(${parts.join(condition.kind === 'all' ? ' AND ' : ' OR ')})`
    }
  }
}
