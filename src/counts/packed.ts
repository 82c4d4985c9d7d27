/**
 * Varints for packed partials: unsigned LEB128, exact up to 2^53, and zigzag for signed values,
 * exact up to ±2^52.
 */
const encoder = new TextEncoder()
// An id keeps a byte order mark that it begins with.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

export class PackedWriter {
  #bytes = new Uint8Array(1024)
  #at = 0

  unsigned(value: number): void {
    if (this.#at + 10 > this.#bytes.length) this.#grow(10)
    let rest = value
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.#bytes[this.#at++] = (rest % 128) | 0x80
    this.#bytes[this.#at++] = rest
  }

  signed(value: number): void {
    this.unsigned(value >= 0 ? value * 2 : -value * 2 - 1)
  }

  text(value: string): void {
    const bytes = encoder.encode(value)
    this.unsigned(bytes.length)
    if (this.#at + bytes.length > this.#bytes.length) this.#grow(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }

  #grow(least: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + least))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

/** Reads what `PackedWriter` wrote; throws a RangeError past the end. */
export class PackedReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  unsigned(): number {
    let value = 0
    let scale = 1
    for (;;) {
      if (this.#at >= this.#bytes.length) throw new RangeError('packed counts end too early')
      const byte = this.#bytes[this.#at++]
      value += (byte & 0x7f) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  signed(): number {
    const value = this.unsigned()
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  text(): string {
    const length = this.unsigned()
    if (length > this.#bytes.length - this.#at) throw new RangeError('packed counts end too early')
    const text = decoder.decode(this.#bytes.subarray(this.#at, this.#at + length))
    this.#at += length
    return text
  }
}
