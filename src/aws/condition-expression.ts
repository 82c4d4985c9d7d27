/** Conditions as DynamoDB condition expressions. */
import type { Condition } from '../counts/table-port.ts'

export interface ConditionExpression {
  ConditionExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues?: Record<string, string | number | boolean>
}

export function conditionExpression(condition: Condition): ConditionExpression {
  const names: Record<string, string> = {}
  const values: Record<string, string | number | boolean> = {}
  const expression = build(condition, names, values)
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
    case 'present':
      names['#pk'] = 'pk'
      return `attribute_${condition.kind === 'absent' ? 'not_' : ''}exists(#pk)`
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
      // DynamoDB refuses parentheses within parentheses that add nothing.
      return parts.length === 1
        ? parts[0]
        : `(${parts.join(condition.kind === 'all' ? ' AND ' : ' OR ')})`
    }
  }
}
