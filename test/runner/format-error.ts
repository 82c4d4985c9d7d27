import { inspect } from 'node:util'

/**
 * An error as the runner prints it: message, difference, stack without Node's own frames, and the
 * same for every cause.
 */
export function formatError(error: unknown, depth = 0): string {
  if (!(error instanceof Error)) return inspect(error)
  const lines = [`${String(error.name)}: ${error.message}`]
  if ('details' in error && typeof error.details === 'string' && error.details !== '') {
    lines.push(...error.details.split('\n'))
  } else if ('actual' in error && 'expected' in error) {
    lines.push(`got      ${inspect(error.actual)}`, `expected ${inspect(error.expected)}`)
  }
  lines.push(...ownFrames(error.stack ?? ''))
  if (error instanceof AggregateError) {
    for (const each of error.errors) lines.push(`holds ${formatError(each, depth + 1)}`)
  }
  if (error.cause !== undefined && depth < 5) {
    lines.push(`caused by ${formatError(error.cause, depth + 1)}`)
  }
  return lines.join('\n')
}

function ownFrames(stack: string): string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !/node:|node_modules\/uvu\//.test(line))
    .filter((line) => !/\btest\/(support\/suite|runner\/run-file)\.(ts|js)/.test(line))
    .map((line) => `  ${line.trim()}`)
}
