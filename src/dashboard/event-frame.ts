/**
 * Server-sent events as they go out: encoded once, and compressed once, for all who listen. Each
 * frame is compressed by itself and ends on a whole byte, by zlib's sync flush, so whatever frames a
 * listener gets, one after another, are one gzip stream; only its checksum is the listener's own.
 */
import type { ServerResponse } from 'node:http'
import { constants, crc32, deflateRawSync } from 'node:zlib'

/** RFC 1952 §2.3: deflate, no flags, no time, no system in particular. */
const GZIP_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff)
/** RFC 1951 §3.2.6: a last block with nothing in it. */
const LAST_BLOCK = Uint8Array.of(0x03, 0x00)

export class EventFrame {
  /** Two frames with the same key tell the same. */
  readonly key: string
  readonly bytes: Uint8Array
  #zipped: Uint8Array | undefined

  private constructor(key: string, bytes: Uint8Array) {
    this.key = key
    this.bytes = bytes
  }

  /** JSON has no line breaks outside of strings, and escapes them inside. */
  static of(event: string, json: Uint8Array | string, key = ''): EventFrame {
    const data = typeof json === 'string' ? Buffer.from(json) : json
    const head = Buffer.from(`event: ${event}\ndata: `)
    return new EventFrame(key, Buffer.concat([head, data, Buffer.from('\n\n')]))
  }

  /** How long a browser waits before it comes again. */
  static retry(millis: number): EventFrame {
    return new EventFrame('', Buffer.from(`retry: ${millis}\n\n`))
  }

  get zipped(): Uint8Array {
    this.#zipped ??= deflateRawSync(this.bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    return this.#zipped
  }
}

/** What a listener is sent, as it is or as one gzip stream. */
export class FrameWriter {
  readonly #response: ServerResponse
  readonly #zip: boolean
  #checksum = 0
  #length = 0

  /** Sends the headers. */
  constructor(response: ServerResponse, zip: boolean, headers: Record<string, string>) {
    this.#response = response
    this.#zip = zip
    response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream; charset=utf-8',
      vary: 'accept-encoding',
      ...(zip && { 'content-encoding': 'gzip' }),
    })
    if (zip) response.write(GZIP_HEADER)
  }

  /** Bytes that its reader has not taken yet. */
  get waitingBytes(): number {
    return this.#response.writableLength
  }

  write(frame: EventFrame): void {
    if (!this.#zip) {
      this.#response.write(frame.bytes)
      return
    }
    this.#checksum = crc32(frame.bytes, this.#checksum)
    this.#length += frame.bytes.length
    this.#response.write(frame.zipped)
  }

  end(frame: EventFrame): void {
    this.write(frame)
    if (this.#zip) {
      const trailer = Buffer.alloc(8)
      trailer.writeUInt32LE(this.#checksum, 0)
      trailer.writeUInt32LE(this.#length % 2 ** 32, 4)
      this.#response.write(LAST_BLOCK)
      this.#response.write(trailer)
    }
    this.#response.end()
  }

  /** Drops a reader that does not keep up. */
  destroy(): void {
    this.#response.destroy()
  }
}
