import { wallClock } from './wall-clock.ts'

export const COMMA = 44
export const LF = 10
export const CR = 13
export const QUOTE = 34
export const SPACE = 32

const MINUS = 45
const DOT = 46
const COLON = 58
const ZERO = 48

/** Digits that fit an int32 with room for one more. */
const HALF_DIGITS = 9
const ALL_DIGITS = 18

const POWERS = Float64Array.from({ length: ALL_DIGITS + 1 }, (_, power) => Number(`1e${power}`))
/** 2^27 + 1 splits a double into two halves whose products are exact. */
const SPLITTER = 134_217_729
const POWERS_HIGH = POWERS.map(highHalf)
const POWERS_LOW = POWERS.map((power) => power - highHalf(power))

/**
 * Reads the usual spellings of fields straight from bytes, without making strings. A reader method
 * leaves `stop` at the first byte it did not take; when that is not the end of the field, or the
 * answer is NaN where a value was expected, the field is unusual and is to be read as text.
 */
export class CsvFields {
  stop = 0

  /** `2016-01-01 00:03:45`, also with `T`, and with ` UTC` or `Z` behind; else NaN. */
  time(b: Uint8Array, at: number): number {
    this.stop = at
    const y1 = b[at] - ZERO
    const y2 = b[at + 1] - ZERO
    const y3 = b[at + 2] - ZERO
    const y4 = b[at + 3] - ZERO
    const m1 = b[at + 5] - ZERO
    const m2 = b[at + 6] - ZERO
    const d1 = b[at + 8] - ZERO
    const d2 = b[at + 9] - ZERO
    const h1 = b[at + 11] - ZERO
    const h2 = b[at + 12] - ZERO
    const n1 = b[at + 14] - ZERO
    const n2 = b[at + 15] - ZERO
    const s1 = b[at + 17] - ZERO
    const s2 = b[at + 18] - ZERO
    // Negative as soon as one of them is not a digit.
    const low = y1 | y2 | y3 | y4 | m1 | m2 | d1 | d2 | h1 | h2 | n1 | n2 | s1 | s2
    const high =
      (9 - y1) |
      (9 - y2) |
      (9 - y3) |
      (9 - y4) |
      (9 - m1) |
      (9 - m2) |
      (9 - d1) |
      (9 - d2) |
      (9 - h1) |
      (9 - h2) |
      (9 - n1) |
      (9 - n2) |
      (9 - s1) |
      (9 - s2)
    if ((low | high) < 0) return NaN
    if (b[at + 4] !== MINUS || b[at + 7] !== MINUS) return NaN
    if (b[at + 13] !== COLON || b[at + 16] !== COLON) return NaN
    if (b[at + 10] !== SPACE && b[at + 10] !== 84 /* T */) return NaN
    let stop = at + 19
    if (b[stop] === SPACE && b[stop + 1] === 85 && b[stop + 2] === 84 && b[stop + 3] === 67) {
      stop += 4
    } else if (b[stop] === 90 /* Z */) {
      stop++
    }
    this.stop = stop
    return wallClock(
      y1 * 1000 + y2 * 100 + y3 * 10 + y4,
      m1 * 10 + m2,
      d1 * 10 + d2,
      h1 * 10 + h2,
      n1 * 10 + n2,
      s1 * 10 + s2,
    )
  }

  /**
   * A decimal of at most 18 digits, leading zeros included, without an exponent: the same double as
   * `Number(text)`. NaN when there are no digits, or, with `stop` at the start, when it cannot say.
   */
  decimal(b: Uint8Array, at: number): number {
    let i = at
    const negative = b[i] === MINUS
    if (negative) i++
    let high = 0
    let low = 0
    let digits = 0
    let point = -1
    for (;;) {
      const digit = b[i] - ZERO
      if (digit >= 0 && digit <= 9) {
        if (digits < HALF_DIGITS) high = (high * 10 + digit) | 0
        else if (digits < ALL_DIGITS) low = (low * 10 + digit) | 0
        digits++
      } else if (digit === DOT - ZERO && point < 0) {
        point = digits
      } else break
      i++
    }
    this.stop = i
    if (digits === 0) return NaN
    const scale = point < 0 ? 0 : digits - point
    let value: number
    if (digits <= HALF_DIGITS) {
      value = high / POWERS[scale]
    } else if (digits <= 15) {
      value = (high * POWERS[digits - HALF_DIGITS] + low) / POWERS[scale]
    } else {
      value = digits > ALL_DIGITS ? NaN : quotient(high, low, digits - HALF_DIGITS, scale)
      if (value !== value) this.stop = at
    }
    return negative ? -value : value
  }
}

function highHalf(value: number): number {
  const scaled = value * SPLITTER
  return scaled - (scaled - value)
}

/**
 * (high · 10^shift + low) / 10^scale, correctly rounded; NaN in the rare case that this arithmetic
 * cannot tell which of two neighbours is nearer. 0 ≤ high, low < 10^9; shift ≤ 9; scale ≤ 18.
 *
 * The dividend is held exactly as the sum of two doubles. The rounded quotient's exact remainder
 * (product by Dekker 1971, "A floating-point technique for extending the available precision")
 * gives a correction that is good to 2^-52 of itself; when the quotient moved by a little less and
 * by a little more than it rounds to the same double, so does the true one between them.
 */
function quotient(high: number, low: number, shift: number, scale: number): number {
  const upper = (high >>> 15) * POWERS[shift] * 32_768
  const lower = (high & 32_767) * POWERS[shift] + low
  const dividend = upper + lower
  const dividendRest = lower - (dividend - upper)
  const divisor = POWERS[scale]
  const estimate = dividend / divisor

  const a = highHalf(estimate)
  const b = estimate - a
  const c = POWERS_HIGH[scale]
  const d = POWERS_LOW[scale]
  const product = estimate * divisor
  const productRest = a * c - product + a * d + b * c + b * d

  const correction = (dividend - product - productRest + dividendRest) / divisor
  const doubt = Math.abs(correction) * 2 ** -45
  const least = estimate + (correction - doubt)
  return least === estimate + (correction + doubt) ? least : NaN
}
