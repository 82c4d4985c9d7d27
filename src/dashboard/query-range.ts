/** The range of time that a request asks for: read, rounded to panes, and bounded. Pure. */
import { DAY_MILLIS, formatDuration, parseDuration, parseEventTime } from '../time/units.ts'
import { spanStart } from '../windows/pane.ts'
import { Problem, quoted } from './problem.ts'

/** Event-time ms, [from, to); both on a boundary of `step`. */
export interface QueryRange {
  from: number
  to: number
  step: number
}

/** What bounds a request where it says nothing. */
export interface KnownSpan {
  from: number
  to: number
}

/** A day of minutes, five days of panes of 5 minutes. */
export const MAX_WINDOWS = 1_440
/** Narrower windows than a day are read from the hours. */
export const MAX_SPAN_OF_HOURS = 31 * DAY_MILLIS

/**
 * Throws `BAD_PARAMETER` for what cannot be read and `RANGE_TOO_LARGE` for more than is answered at
 * once. Times are rounded outwards to the step.
 */
export function readRange(query: URLSearchParams, paneMillis: number, span: KnownSpan): QueryRange {
  const step = readStep(query.get('step'), paneMillis)
  const to = readTime(query, 'to') ?? span.to
  const from = readTime(query, 'from') ?? Math.max(Math.min(span.from, to), to - DAY_MILLIS)
  const range = { from: spanStart(from, step), to: -spanStart(-to, step), step }
  if (from >= to && !(query.get('from') === null && from === to)) {
    throw new Problem('BAD_PARAMETER', 'from is not before to', {
      parameter: 'from',
      expected: 'a time before to',
    })
  }
  const windows = (range.to - range.from) / step
  if (windows > MAX_WINDOWS) {
    throw new Problem('RANGE_TOO_LARGE', `${windows} windows of ${formatDuration(step)}`, {
      parameter: 'step',
      expected: `at most ${MAX_WINDOWS} windows; ask for a shorter range or a wider step`,
    })
  }
  if (step < DAY_MILLIS && range.to - range.from > MAX_SPAN_OF_HOURS) {
    const days = Math.ceil((range.to - range.from) / DAY_MILLIS)
    throw new Problem('RANGE_TOO_LARGE', `${days} days in steps of ${formatDuration(step)}`, {
      parameter: 'from',
      expected: `at most ${MAX_SPAN_OF_HOURS / DAY_MILLIS} days; step=1d goes further`,
    })
  }
  return range
}

function readStep(text: string | null, paneMillis: number): number {
  if (text === null) return paneMillis
  const expected = `a multiple of the pane (${formatDuration(paneMillis)}) that divides a day`
  let step: number
  try {
    step = parseDuration(text, 'step')
  } catch {
    throw new Problem('BAD_PARAMETER', `step ${quoted(text)}`, { parameter: 'step', expected })
  }
  if (!(step > 0) || step % paneMillis !== 0 || DAY_MILLIS % step !== 0) {
    throw new Problem('BAD_PARAMETER', `step ${quoted(text)}`, { parameter: 'step', expected })
  }
  return step
}

function readTime(query: URLSearchParams, name: 'from' | 'to'): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  try {
    return parseEventTime(text, name)
  } catch {
    throw new Problem('BAD_PARAMETER', `${name} ${quoted(text)}`, {
      parameter: name,
      expected: 'a time such as 2016-01-01 or 2016-01-01T07:30:00',
    })
  }
}
