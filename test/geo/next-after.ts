const value = new Float64Array(1)
const bits = new BigInt64Array(value.buffer)

/** The next number up (`direction` 1) or down (-1) from a finite `x`. */
export function nextAfter(x: number, direction: 1 | -1): number {
  if (x === 0) return direction * Number.MIN_VALUE
  value[0] = x
  bits[0] += x > 0 === direction > 0 ? 1n : -1n
  return value[0]
}
