/**
 * Times as trip files write them. They carry no zone, so none is applied: what a clock on the wall
 * showed becomes milliseconds as if it had been UTC. `Z`, `UTC` and offsets are read over, because
 * publishers append them to local times.
 */

const DAYS_BEFORE_MONTH = Int32Array.of(0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
const DAYS_IN_MONTH = Int32Array.of(31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
const DAYS_TO_1970 = 719_162

/** The first and the last millisecond that count as a readable time: years 0 to 9999. */
export const MIN_TIME = -62_167_219_200_000
export const MAX_TIME = 253_402_300_799_999

const ISO =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)? ?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i
const AMERICAN =
  /^(\d{1,2})\/(\d{1,2})\/(\d{4})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)? ?(AM|PM)?$/i

/**
 * Wall-clock milliseconds of a year 0–9999, month 1–12, day, hour 0–23, minute and second, which
 * must be integers; NaN when there is no such moment.
 */
export function wallClock(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59 || day < 1) return NaN
  const leap = (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0)
  if (day > DAYS_IN_MONTH[month - 1] && !(leap && month === 2 && day === 29)) return NaN
  const before = year - 1
  const days =
    before * 365 +
    (before >> 2) -
    ((before / 100) | 0) +
    ((before / 400) | 0) +
    DAYS_BEFORE_MONTH[month - 1] +
    (leap && month > 2 ? 1 : 0) +
    (day - 1) -
    DAYS_TO_1970
  return days * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000
}

/**
 * Reads `2016-01-01 00:03:45` (or with `T`, without seconds, with a fraction, a date alone) and
 * `1/31/2016 5:03[:45] [PM]`. Fractions are cut to the millisecond. NaN when it is not a time.
 */
export function parseWallClock(text: string): number {
  const trimmed = text.trim()
  const iso = ISO.exec(trimmed)
  if (iso !== null) {
    const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = ''] = iso
    return wallClock(+year, +month, +day, +hour, +minute, +second) + millisOf(fraction)
  }
  const american = AMERICAN.exec(trimmed)
  if (american === null) return NaN
  const [, month, day, year, hour = '', minute = '0', second = '0', fraction = '', half] = american
  const hours = half === undefined ? Number(hour) : hourOfHalf(hour, half)
  return wallClock(+year, +month, +day, hours, +minute, +second) + millisOf(fraction)
}

function millisOf(fraction: string): number {
  return Number(fraction.slice(0, 3).padEnd(3, '0'))
}

/** 24, which no clock shows, for an hour that cannot carry AM or PM. */
function hourOfHalf(hour: string, half: string): number {
  const twelfth = Number(hour)
  if (hour === '' || twelfth < 1 || twelfth > 12) return 24
  return (twelfth % 12) + (half.toUpperCase() === 'PM' ? 12 : 0)
}
