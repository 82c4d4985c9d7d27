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

/** Digits that fit an int32. */
const INT_DIGITS = 9

const POWERS = Float64Array.from({ length: 2 * INT_DIGITS + 1 }, (_, power) => Number(`1e${power}`))
/** 2^27 + 1 splits a double into two halves whose products are exact. */
const SPLITTER = 134_217_729
const POWERS_HIGH = POWERS.map(highHalf)
const POWERS_LOW = POWERS.map((power) => power - highHalf(power))

/** The answer of `hundredths` when the field is not plain. */
export const NOT_PLAIN = -(2 ** 31)

/**
 * Reads fields in their usual spelling straight from bytes, without making strings. Each method
 * says whether it could: when not, the field is to be read as text. `stop` is then or otherwise at
 * or before the end of the field. `length` is that of the content of a quoted field (which starts
 * at 0 and has a line feed behind it); -1 for a field that ends at its separator.
 */
export class CsvFields {
  stop = 0
  /** The value read, if any; in an array because a returned double would be put on the heap. */
  readonly value = new Float64Array(1)
  /** The month last seen, and its first midnight and number of days. */
  #month = -1
  #monthStart = 0
  #monthDays = 0

  /** `2016-01-01 00:03:45`, also with `T`, and with ` UTC` or `Z` behind. */
  time(b: Uint8Array, at: number, length: number): boolean {
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
    const highYear = (9 - y1) | (9 - y2) | (9 - y3) | (9 - y4)
    const highDay = (9 - m1) | (9 - m2) | (9 - d1) | (9 - d2)
    const highTime = (2 - h1) | (9 - h2) | (5 - n1) | (9 - n2) | (5 - s1) | (9 - s2)
    if ((low | highYear | highDay | highTime) < 0) return false
    if (b[at + 4] !== MINUS || b[at + 7] !== MINUS) return false
    if (b[at + 13] !== COLON || b[at + 16] !== COLON) return false
    if (b[at + 10] !== SPACE && b[at + 10] !== 84 /* T */) return false
    const month = (y1 * 1000 + y2 * 100 + y3 * 10 + y4) * 100 + m1 * 10 + m2
    if (month !== this.#month && !this.#enterMonth(month)) return false
    const day = d1 * 10 + d2
    const hour = h1 * 10 + h2
    if (day < 1 || day > this.#monthDays || hour > 23) return false
    const second = ((day - 1) * 24 + hour) * 3600 + (n1 * 10 + n2) * 60 + s1 * 10 + s2
    this.value[0] = this.#monthStart + second * 1000
    let stop = at + 19
    if (b[stop] === SPACE && b[stop + 1] === 85 && b[stop + 2] === 84 && b[stop + 3] === 67) {
      stop += 4
    } else if (b[stop] === 90 /* Z */) {
      stop++
    }
    this.stop = stop
    return endsField(b, stop, length)
  }

  #enterMonth(month: number): boolean {
    const year = Math.trunc(month / 100)
    const number = month % 100
    const start = wallClock(year, number, 1, 0, 0, 0)
    if (Number.isNaN(start)) return false
    let days = 28
    while (!Number.isNaN(wallClock(year, number, days + 1, 0, 0, 0))) days++
    this.#month = month
    this.#monthStart = start
    this.#monthDays = days
    return true
  }

  /**
   * A decimal without an exponent, of at most 9 digits before the point and 18 in all: the double
   * that `Number(text)` is; NaN for an empty field.
   */
  decimal(b: Uint8Array, at: number, length: number): boolean {
    const negative = b[at] === MINUS
    const start = negative ? at + 1 : at
    let i = start
    let digit: number
    let high = 0
    let low = 0
    let lowDigits = 0
    let scale = 0
    for (; (digit = b[i] - ZERO) >>> 0 <= 9; i++) high = (high * 10 + digit) | 0
    let digits = i - start
    if (digits > INT_DIGITS) return false
    if (b[i] === DOT) {
      const fraction = ++i
      const full = fraction + INT_DIGITS - digits
      for (; i < full && (digit = b[i] - ZERO) >>> 0 <= 9; i++) high = (high * 10 + digit) | 0
      if (i === full) {
        for (; (digit = b[i] - ZERO) >>> 0 <= 9; i++) low = (low * 10 + digit) | 0
        lowDigits = i - full
        if (lowDigits > INT_DIGITS) return false
      }
      scale = i - fraction
      digits += scale
    }
    if (!endsField(b, i, length)) return false
    this.stop = i
    if (digits === 0) {
      this.value[0] = NaN
      return true
    }
    let value: number
    if (lowDigits === 0) {
      value = high / POWERS[scale]
    } else if (digits <= 15) {
      value = (high * POWERS[lowDigits] + low) / POWERS[scale]
    } else {
      value = quotient(high, low, lowDigits, scale)
      if (value !== value) return false
    }
    this.value[0] = negative ? -value : value
    return true
  }

  /**
   * A decimal with at most 7 digits before the point and 2 behind it, in hundredths; 0 for an empty
   * field. `NOT_PLAIN` for anything else.
   */
  hundredths(b: Uint8Array, at: number, length: number): number {
    const negative = b[at] === MINUS
    const start = negative ? at + 1 : at
    let i = start
    let digit: number
    let value = 0
    for (; (digit = b[i] - ZERO) >>> 0 <= 9; i++) value = (value * 10 + digit) | 0
    if (i - start > 7) return NOT_PLAIN
    value *= 100
    if (b[i] === DOT) {
      if ((digit = b[++i] - ZERO) >>> 0 <= 9) {
        value += digit * 10
        if ((digit = b[++i] - ZERO) >>> 0 <= 9) {
          value += digit
          i++
        }
      }
    }
    if (!endsField(b, i, length)) return NOT_PLAIN
    this.stop = i
    return negative ? 0 - value : value
  }
}

/** Whether a field ends at `stop`. */
export function endsField(b: Uint8Array, stop: number, length: number): boolean {
  if (length >= 0) return stop === length
  const byte = b[stop]
  return byte === COMMA || byte === LF || (byte === CR && b[stop + 1] === LF)
}

/** The trimmed text of a field: up to `length` where that is given, else to its separator. */
export function fieldText(source: Buffer, at: number, length: number): string {
  let end = length
  if (end < 0) {
    end = at
    while (source[end] !== COMMA && source[end] !== LF) end++
  }
  return source.toString('utf8', at, end).trim()
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
