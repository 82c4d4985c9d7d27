/** A source of numbers in [0, 1), passed in wherever chance is needed. */
export type Random = () => number

export const systemRandom: Random = () =>
  globalThis.crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32

/**
 * A repeatable source: the same seed gives the same numbers on every machine.
 * Algorithm: sfc32 by Chris Doty-Humphrey (PractRand, public domain).
 */
export function seededRandom(seed: number): Random {
  let a = 0x9e3779b9 | 0
  let b = 0x243f6a88 | 0
  let c = seed | 0
  let counter = 1
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return (t >>> 0) / 2 ** 32
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
