/** Walks the fields of a protobuf message; `broken` once something ran past its end. */
export class ProtobufCursor {
  at: number
  broken = false
  readonly #data: Uint8Array
  readonly #end: number

  constructor(data: Uint8Array, start: number, end: number) {
    this.#data = data
    this.at = start
    this.#end = end
  }

  /** An unsigned varint of up to ten bytes; exact up to 2^53. */
  varint(): number {
    let value = 0
    let scale = 1
    for (let i = 0; i < 10; i++) {
      if (this.at >= this.#end) break
      const byte = this.#data[this.at++]
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
    this.broken = true
    return 0
  }

  /** Steps over `length` bytes and returns where they began. */
  skip(length: number): number {
    const from = this.at
    if (length > this.#end - from) this.broken = true
    else this.at = from + length
    return from
  }

  /** Steps over the value that follows `tag`. */
  skipField(tag: number): void {
    const wireType = tag % 8
    if (tag < 8) this.broken = true
    else if (wireType === 0) this.varint()
    else if (wireType === 1) this.skip(8)
    else if (wireType === 2) this.skip(this.varint())
    else if (wireType === 3) this.#skipGroup(tag)
    else if (wireType === 5) this.skip(4)
    else this.broken = true
  }

  /** Without recursion: groups may be nested as deep as there are bytes. */
  #skipGroup(startTag: number): void {
    const open = [startTag]
    while (open.length > 0 && !this.broken) {
      const tag = this.varint()
      if (tag % 8 === 3) open.push(tag)
      else if (tag % 8 !== 4) this.skipField(tag)
      // The tag that ends a group is one above the tag that began it.
      else if (open.pop() !== tag - 1) this.broken = true
    }
  }
}
