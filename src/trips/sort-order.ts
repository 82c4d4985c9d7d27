const DIGIT_BITS = 11
const BUCKETS = 1 << DIGIT_BITS
/** Keys that are sorted before as many buckets are empty. */
const FEW = 48

/**
 * The order that sorts `keys` (integers whose span is below 2^53): the indexes of the keys, least
 * first, equal keys in their given order. Undefined when they are in order already.
 *
 * A least-significant-digit radix sort on the distance from the least key; a digit that is the same
 * in all keys is passed over.
 */
export function sortOrder(keys: Float64Array): Uint32Array | undefined {
  const count = keys.length
  let least = Infinity
  let most = -Infinity
  let sorted = true
  for (let i = 0; i < count; i++) {
    const key = keys[i]
    if (key < least) least = key
    if (key < most) sorted = false
    else most = key
  }
  if (sorted) return undefined
  if (count <= FEW) return orderOfFew(keys)

  let from = new Uint32Array(count)
  let to = new Uint32Array(count)
  for (let i = 0; i < count; i++) from[i] = i
  const digits = new Uint16Array(count)
  const starts = new Uint32Array(BUCKETS)
  for (let unit = 1; unit <= most - least; unit *= BUCKETS) {
    // Exact, as a power of two is, and faster than to divide.
    const perUnit = 1 / unit
    for (let i = 0; i < count; i++) digits[i] = ((keys[i] - least) * perUnit) & (BUCKETS - 1)
    if (!findStarts(digits, starts)) continue
    for (let i = 0; i < count; i++) {
      const index = from[i]
      to[starts[digits[index]]++] = index
    }
    ;[from, to] = [to, from]
  }
  return from
}

function orderOfFew(keys: Float64Array): Uint32Array {
  const order = new Uint32Array(keys.length)
  for (let i = 1; i < keys.length; i++) {
    let place = i
    for (; place > 0 && keys[order[place - 1]] > keys[i]; place--) order[place] = order[place - 1]
    order[place] = i
  }
  return order
}

/** Turns `starts` into the place of each digit's first key; false when all keys share one digit. */
function findStarts(digits: Uint16Array, starts: Uint32Array): boolean {
  starts.fill(0)
  for (let i = 0; i < digits.length; i++) starts[digits[i]]++
  if (starts[digits[0]] === digits.length) return false
  let start = 0
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const size = starts[bucket]
    starts[bucket] = start
    start += size
  }
  return true
}
