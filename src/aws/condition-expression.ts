/**
 * Conditions as DynamoDB condition expressions. Comparisons say all but `present`: one with an
 * attribute that is not there holds for `<>` and `NOT`, and for nothing else. The function
 * `attribute_not_exists` says the same, but dynalite takes four times as long to parse it: 0.48 ms for
 * a small put, and not 0.37 (docs/performance.md).
 */
import type { Condition } from '../counts/table-port.ts'

export interface ConditionExpression {
  ConditionExpression: string
  ExpressionAttributeNames: Record<string, string>
  ExpressionAttributeValues?: Record<string, string | number | boolean>
}

/** `pk` is the key of the item that is put. */
export function conditionExpression(condition: Condition, pk: string): ConditionExpression {
  const names: Record<string, string> = {}
  const values: Record<string, string | number | boolean> = {}
  const expression = build(unwrapped(condition), pk, names, values)
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  }
}

function build(
  condition: Condition,
  pk: string,
  names: Record<string, string>,
  values: Record<string, string | number | boolean>,
): string {
  const compared = (attribute: string, by: string, to: string | number | boolean): string => {
    const value = `:v${Object.keys(values).length}`
    names[`#${attribute}`] = attribute
    values[value] = to
    return `#${attribute} ${by} ${value}`
  }
  switch (condition.kind) {
    case 'present':
      names['#pk'] = 'pk'
      return 'attribute_exists(#pk)'
    case 'absent':
      return compared('pk', '<>', pk)
    case 'equal':
      return compared(condition.attribute, '=', condition.value)
    case 'below':
      return `NOT ${compared(condition.attribute, '>=', condition.value)}`
    case 'all':
    case 'any': {
      // AND binds more tightly than OR, so parentheses are needed in one case only. DynamoDB refuses
      // those that add nothing, and dynalite's parser takes six times as long over a pair of them.
      const parts = condition.of.map(unwrapped).map((part) => {
        const text = build(part, pk, names, values)
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
