/** The windows that the rolling items have. */
import { HailstreamError } from '../errors.ts'
import { DAY_MILLIS, formatDuration, parseDuration } from '../time/units.ts'

const MINUTE_MILLIS = 60_000
const DEFAULT_MINUTES = [5, 15, 30, 60]
/** Each is an item that is written every tick. */
const MOST_WINDOWS = 8

/** `5m,15m,1h` → milliseconds, shortest first, each once; `USAGE`. */
export function parseRollingWindows(text: string): number[] {
  const windows = text.split(',').map((part) => parseDuration(part, '--rolling'))
  const wrong = windows.find(
    (millis) => millis < MINUTE_MILLIS || millis % MINUTE_MILLIS !== 0 || millis > DAY_MILLIS,
  )
  const distinct = [...new Set(windows)].sort((a, b) => a - b)
  if (wrong !== undefined || distinct.length > MOST_WINDOWS) {
    throw new HailstreamError('USAGE', {
      subject: '--rolling',
      got: wrong === undefined ? `${distinct.length} windows` : formatDuration(wrong),
      expected: `at most ${MOST_WINDOWS} windows of whole minutes up to a day, such as 5m,15m,1h`,
    })
  }
  return distinct
}

/** The windows asked for, which must be whole panes; `USAGE`. The usual ones where none are. */
export function rollingWindows(
  asked: readonly number[] | undefined,
  paneMillis: number,
): readonly number[] {
  const isWhole = (millis: number): boolean => millis % paneMillis === 0
  if (asked === undefined) {
    return DEFAULT_MINUTES.map((minutes) => minutes * MINUTE_MILLIS).filter(isWhole)
  }
  const wrong = asked.find((millis) => !isWhole(millis))
  if (wrong === undefined) return asked
  throw new HailstreamError('USAGE', {
    subject: '--rolling',
    got: formatDuration(wrong),
    expected: `a multiple of the pane, ${formatDuration(paneMillis)}`,
  })
}
