/**
 * Numbers in their usual spelling, straight from bytes, without making strings. Each reader writes
 * the value at `target` of `out` (a double that is returned would be put on the heap) and answers
 * where the field ends; or -1, having written nothing, when it is to be read as text. `length` is
 * that of the content of a quoted field; -1 for a field that ends at its separator. Four bytes
 * behind the field are looked at.
 *
 * Digits are taken four at a time, as one little-endian word, which needs no branch for each.
 */
import { endsField } from './csv-bytes.ts'
import { POWERS_OF_TEN, quotient } from './quotient.ts'

const POWERS = POWERS_OF_TEN
/** For what is left of a word. */
const SMALL_POWERS = Int32Array.of(1, 10, 100, 1000)
const MINUS = 45
const DOT = 46
const ZERO = 48
/** '0' four times: a word XOR this is below 10 in just the bytes that are digits. */
const ZEROS = 0x30303030

/** Integers below it are exact as doubles. */
const EXACT = 2 ** 53
/** With one digit more, a whole number from here on may not fit an int32. */
const MAX_WHOLE = 1e8
/** Below it, a whole number followed by 16 decimals is exact as the sum of two doubles. */
const MAX_LONG_WHOLE = 200

/**
 * A decimal without an exponent, of at most 16 digits behind the point: the double that
 * `Number(text)` is; NaN for an empty field.
 */
export function decimal(
  b: DataView,
  at: number,
  length: number,
  out: DataView,
  target: number,
): number {
  const negative = b.getUint8(at) === MINUS
  const start = negative ? at + 1 : at
  let i = start
  let whole = 0
  for (let digit: number; (digit = b.getUint8(i) - ZERO) >>> 0 <= 9; i++) {
    if (whole >= MAX_WHOLE) return -1
    whole = whole * 10 + digit
  }
  // The first 8 decimals, the next 8, and how many they are.
  let high = 0
  let low = 0
  let scale = 0
  let digits = i - start
  if (b.getUint8(i) === DOT) {
    const point = i++
    let x = b.getInt32(i, true) ^ ZEROS
    let others = nonDigits(x)
    let words = 0
    while (others === 0) {
      if (words < 2) high = high * 10_000 + fourDigits(x)
      else if (words < 4) low = low * 10_000 + fourDigits(x)
      else return -1
      words++
      i += 4
      x = b.getInt32(i, true) ^ ZEROS
      others = nonDigits(x)
    }
    const rest = restBits(others)
    const count = digitCount(rest)
    if (words < 2) high = high * SMALL_POWERS[count] + leadingDigits(x, rest)
    else low = low * SMALL_POWERS[count] + leadingDigits(x, rest)
    i += count
    scale = i - point - 1
    if (scale > 16) return -1
    digits += scale
  }
  if (!endsField(b, i, length)) return -1
  const upper = whole * POWERS[scale] + high * POWERS[scale > 8 ? scale - 8 : 0]
  const all = upper + low
  let value: number
  if (all < EXACT) {
    value = digits === 0 ? NaN : all / POWERS[scale]
  } else {
    // All decimals of a small number, say of degrees, are 16 digits or more.
    if (whole >= MAX_LONG_WHOLE) return -1
    value = quotient(upper, low, scale)
    if (value !== value) return -1
  }
  if (negative) value = -value
  out.setFloat64(target, value, true)
  return i
}

/**
 * A decimal with at most 7 digits before the point and 2 behind it: an int32, in hundredths; 0 for
 * an empty field.
 */
export function hundredths(
  b: DataView,
  at: number,
  length: number,
  out: DataView,
  target: number,
): number {
  const negative = b.getUint8(at) === MINUS
  let i = negative ? at + 1 : at
  let x = b.getInt32(i, true) ^ ZEROS
  let others = nonDigits(x)
  let value = 0
  if (others === 0) {
    value = fourDigits(x)
    i += 4
    x = b.getInt32(i, true) ^ ZEROS
    others = nonDigits(x)
    if (others === 0) return -1
  }
  let rest = restBits(others)
  let count = digitCount(rest)
  value = (value * SMALL_POWERS[count] + leadingDigits(x, rest)) * 100
  i += count
  if (b.getUint8(i) === DOT) {
    i++
    x = b.getInt32(i, true) ^ ZEROS
    others = nonDigits(x)
    if (others === 0) return -1
    rest = restBits(others)
    count = digitCount(rest)
    if (count > 2) return -1
    const decimals = x & ((1 << (8 * count)) - 1)
    value += (decimals & 0xff) * 10 + (decimals >>> 8)
    i += count
  }
  if (!endsField(b, i, length)) return -1
  if (negative) value = 0 - value
  out.setInt32(target, value, true)
  return i
}

/** The highest bit of each byte of `x` (a word XOR `ZEROS`) that is no digit, up to the first. */
function nonDigits(x: number): number {
  return ((x + 0x76767676) | x) & 0x80808080
}

/** How many bits of a word the first non-digit and, less 8, what follows are: 0, 8, 16 or 24. */
function restBits(others: number): number {
  return Math.clz32(others & -others)
}

/** How many digits there are before that rest: 0 … 3. */
function digitCount(rest: number): number {
  return 3 - (rest >>> 3)
}

/** The number that those digits are; 0 when there is none. */
function leadingDigits(x: number, rest: number): number {
  return fourDigits((x << 8) << rest)
}

function fourDigits(x: number): number {
  const pairs = (Math.imul(x, 10) + (x >>> 8)) & 0x00ff00ff
  return (Math.imul(pairs, 100) + (pairs >>> 16)) & 0xffff
}
