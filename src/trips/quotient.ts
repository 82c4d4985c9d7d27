/** Division by powers of ten, rounded as `Number` rounds. */

/** Up to 10^18, as doubles, which are exact. */
export const POWERS_OF_TEN = Float64Array.from({ length: 19 }, (_, power) => Number(`1e${power}`))

/** 2^27 + 1 splits a double into two halves whose products are exact. */
const SPLITTER = 134_217_729
const POWERS = POWERS_OF_TEN
const POWERS_HIGH = POWERS.map(highHalf)
const POWERS_LOW = POWERS.map((power) => power - highHalf(power))

/**
 * (upper + lower) / 10^scale, correctly rounded; NaN in the rare case that this arithmetic cannot
 * tell which of two neighbours is nearer. 0 ≤ lower < 10^8; `upper` is 0 or not below `lower`;
 * scale ≤ 18.
 *
 * The dividend is held exactly as the sum of two doubles. The rounded quotient's exact remainder
 * (product by Dekker 1971, "A floating-point technique for extending the available precision")
 * gives a correction that is good to 2^-52 of itself; when the quotient moved by a little less and
 * by a little more than it rounds to the same double, so does the true one between them.
 */
export function quotient(upper: number, lower: number, scale: number): number {
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

function highHalf(value: number): number {
  const scaled = value * SPLITTER
  return scaled - (scaled - value)
}
