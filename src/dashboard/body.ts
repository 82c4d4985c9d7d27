/** What is sent as an answer: bytes that are encoded, digested and compressed once. */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'

const gzip = promisify(gzipCallback)

/** Below this a compressed answer is not smaller once its headers are counted. */
const WORTH_GZIP_BYTES = 1_024

export class Body {
  readonly type: string
  readonly bytes: Uint8Array
  /** A strong validator: the same bytes have the same one. Quoted, as the header wants it. */
  readonly etag: string
  readonly #compressible: boolean
  #gzipped: Promise<Uint8Array> | undefined

  constructor(type: string, bytes: Uint8Array, options: { compressible?: boolean } = {}) {
    this.type = type
    this.bytes = bytes
    this.#compressible = options.compressible ?? true
    this.etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`
  }

  static json(value: unknown): Body {
    return new Body('application/json; charset=utf-8', Buffer.from(JSON.stringify(value)))
  }

  get worthGzip(): boolean {
    return this.#compressible && this.bytes.length >= WORTH_GZIP_BYTES
  }

  gzipped(): Promise<Uint8Array> {
    this.#gzipped ??= gzip(this.bytes, { level: 6 })
    return this.#gzipped
  }
}

/** Whether an `If-None-Match` header names `etag`; a weak comparison, as RFC 9110 §13.1.2 wants. */
export function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  return ifNoneMatch.split(',').some((each) => {
    const tag = each.trim().replace(/^W\//, '')
    return tag === '*' || tag === etag || tag === `${etag.slice(0, -1)}-gzip"`
  })
}

/** Whether `Accept-Encoding` takes gzip: named, or by `*`, and not with a weight of 0. */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  let byName: boolean | undefined
  let byStar = false
  for (const each of (acceptEncoding ?? '').split(',')) {
    const [name, ...parameters] = each.split(';').map((part) => part.trim().toLowerCase())
    const wanted = !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
    if (name === 'gzip' || name === 'x-gzip') byName = wanted
    else if (name === '*') byStar = wanted
  }
  return byName ?? byStar
}
