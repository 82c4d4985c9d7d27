const MAX_INT32 = 2 ** 31 - 1

/**
 * A number of dollars or miles as an integer of hundredths, half away from zero. It rounds the
 * shortest decimal that reads back as `value`, not its binary expansion, so 1.005 is 101 whether it
 * was written 1.005 in a CSV file or held as a double in a Parquet file. 0 when it is not a number
 * or beyond ±(2^31 − 1).
 */
export function hundredths(value: number): number {
  const size = Math.abs(value) * 100
  if (!(size < MAX_INT32 + 1)) return 0
  const whole = Math.floor(size)
  const rest = size - whole
  // A product below 2^31 and its shortest decimal are both within 3e-7 of the truth: only near a
  // half can they fall on different sides.
  const near = rest > 0.499_999 && rest < 0.500_001
  const rounded = near ? roundText(Math.abs(value)) : rest >= 0.5 ? whole + 1 : whole
  if (rounded > MAX_INT32) return 0
  return value < 0 && rounded !== 0 ? -rounded : rounded
}

/** By the digits of the shortest decimal. A value near a half is never written with an exponent,
 * unless it is near half a hundredth of nothing, which is 0.005 and written as such. */
function roundText(value: number): number {
  const [whole, fraction = ''] = String(value).split('.')
  const digits = fraction.padEnd(3, '0')
  return Number(whole) * 100 + Number(digits.slice(0, 2)) + (digits.charCodeAt(2) >= 53 ? 1 : 0)
}

/** A sum of hundredths, 0 when beyond ±(2^31 − 1). */
export function int32OrZero(sum: number): number {
  return Math.abs(sum) <= MAX_INT32 ? sum : 0
}
