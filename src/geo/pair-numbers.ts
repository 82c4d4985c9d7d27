/** Gives equal pairs of numbers the same small number: 0, 1, 2 … in the order they come. */
export class PairNumbers {
  readonly firsts: Float64Array
  readonly seconds: Float64Array
  size = 0
  /** Open addressing: 1 + the number of the pair, 0 where nothing is. At most half full. */
  private readonly slots: Int32Array
  private readonly key = new Float64Array(2)
  private readonly words = new Int32Array(this.key.buffer)

  /** `capacity`: how many different pairs there can be. */
  constructor(capacity: number) {
    this.firsts = new Float64Array(capacity)
    this.seconds = new Float64Array(capacity)
    this.slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * capacity + 1)))
  }

  numberOf(first: number, second: number): number {
    const { firsts, seconds, slots } = this
    let slot = this.hash(first, second)
    for (;;) {
      slot &= slots.length - 1
      const found = slots[slot] - 1
      if (found < 0) break
      if (firsts[found] === first && seconds[found] === second) return found
      slot++
    }
    firsts[this.size] = first
    seconds[this.size] = second
    slots[slot] = ++this.size
    return this.size - 1
  }

  private hash(first: number, second: number): number {
    // -0 is 0 and has to hash like it.
    this.key[0] = first + 0
    this.key[1] = second + 0
    let hash = 0
    for (let i = 0; i < 4; i++) {
      hash = Math.imul(hash ^ this.words[i], 0x9e3779b1)
      hash ^= hash >>> 15
    }
    return hash
  }
}
