/**
 * As much of JSONata as the dashboard's root selectors use, for there is no Grafana here: the whole
 * answer, a field of it, and a list made by `$map` or `$each`. Anything else is an error.
 */
export type Row = Record<string, unknown>

const LIST = /^\$(map|each)\((\w+), function\(\$(\w+), \$(\w+)\) \{ \{(.+)\} \}\)$/
const FIELD = /^"(\w+)": (.+)$/

export function rowsOf(selector: string, answer: Row): Row[] {
  if (selector === '') return [answer]
  if (/^\w+$/.test(selector)) return listAt(answer, selector)
  const [, how, name, value, key, fields] = LIST.exec(selector) ?? []
  if (how === 'map') {
    return listAt(answer, name).map((each, i) => rowOf(fields, answer, { [value]: each, [key]: i }))
  }
  if (how === 'each') {
    return Object.entries(answer[name] as Row).map(([id, each]) =>
      rowOf(fields, answer, { [value]: each, [key]: id }),
    )
  }
  throw new Error(`got ${selector}, expected a root selector that this test knows`)
}

/** A column's selector: a field, or a field of a field. */
export function valueAt(row: Row, selector: string): unknown {
  return selector
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Row | undefined)?.[name], row)
}

function listAt<T = Row>(answer: Row, name: string): T[] {
  const list = answer[name]
  if (!Array.isArray(list)) throw new Error(`got no list ${name}, expected one`)
  return list as T[]
}

function rowOf(fields: string, answer: Row, variables: Row): Row {
  return Object.fromEntries(
    fields.split(', ').map((text) => {
      const [, name, expression] = FIELD.exec(text) ?? []
      if (name === undefined) throw new Error(`got ${text}, expected "name": expression`)
      return [name, evaluate(expression, answer, variables)]
    }),
  )
}

/** `$name`, `$name & "text"`, `$name.field`, `list[$name]`. */
function evaluate(expression: string, answer: Row, variables: Row): unknown {
  const element = /^(\w+)\[\$(\w+)\]$/.exec(expression)
  if (element !== null) return listAt(answer, element[1])[Number(variables[element[2]])]
  const [, name, field, text] = /^\$(\w+)(?:\.(\w+))?(?: & "(.*)")?$/.exec(expression) ?? []
  if (name === undefined || !(name in variables)) {
    throw new Error(`got ${expression}, expected one that this test knows`)
  }
  const value = field === undefined ? variables[name] : valueAt(variables[name] as Row, field)
  return text === undefined ? value : `${String(value)}${text}`
}
