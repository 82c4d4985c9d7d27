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
  const expression = build(unwrapped(condition), names, values)
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
      // AND binds more tightly than OR, so parentheses are needed in one case only. DynamoDB refuses
      // those that add nothing, and dynalite's parser takes six times as long over a pair of them.
      const parts = condition.of.map(unwrapped).map((part) => {
        const text = build(part, names, values)
        return condition.kind === 'all' && part.kind === 'any' ? `(${text})` : text
      })
      return parts.join(condition.kind === 'all' ? ' AND ' : ' OR ')
    }
  }
}

/** A list of one condition is that condition. */
function unwrapped(condition: Condition): Condition {
  const isList = condition.kind === 'all' || condition.kind === 'any'
  return isList && condition.of.length === 1 ? unwrapped(condition.of[0]) : condition
}
