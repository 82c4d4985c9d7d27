/** Why a request is not answered with what it asked for. */

/** As the API names them (docs/openapi.json). */
export type ProblemCode =
  | 'NOT_FOUND'
  | 'NOT_YET'
  | 'UNKNOWN_WINDOW'
  | 'UNKNOWN_DISTRICT'
  | 'BAD_PARAMETER'
  | 'RANGE_TOO_LARGE'
  | 'METHOD_NOT_ALLOWED'
  | 'TOO_LARGE'
  | 'BAD_REQUEST'
  | 'TOO_MANY_STREAMS'
  | 'TOO_BUSY'
  | 'TABLE_UNAVAILABLE'
  | 'INTERNAL'

const STATUS: Readonly<Record<ProblemCode, number>> = {
  NOT_FOUND: 404,
  NOT_YET: 404,
  UNKNOWN_WINDOW: 404,
  UNKNOWN_DISTRICT: 404,
  BAD_PARAMETER: 400,
  RANGE_TOO_LARGE: 400,
  METHOD_NOT_ALLOWED: 405,
  TOO_LARGE: 431,
  BAD_REQUEST: 400,
  TOO_MANY_STREAMS: 503,
  TOO_BUSY: 503,
  TABLE_UNAVAILABLE: 503,
  INTERNAL: 500,
}

/** Seconds after which a client that was turned away may come again. */
const RETRY_AFTER = '2'

/** Thrown by whatever answers a request; told to the client as JSON, without stack or path. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly parameter: string | undefined
  readonly expected: string | undefined

  constructor(
    code: ProblemCode,
    message: string,
    details: { parameter?: string; expected?: string } = {},
  ) {
    super(message)
    this.code = code
    this.parameter = details.parameter
    this.expected = details.expected
  }

  get status(): number {
    return STATUS[this.code]
  }

  get headers(): Record<string, string> {
    if (this.status === 503) return { 'retry-after': RETRY_AFTER }
    return this.status === 405 ? { allow: 'GET, HEAD' } : {}
  }

  toJSON(): unknown {
    return {
      error: {
        code: this.code,
        message: this.message,
        ...(this.parameter !== undefined && { parameter: this.parameter }),
        ...(this.expected !== undefined && { expected: this.expected }),
      },
    }
  }
}

/** A value from a request as a message may repeat it: short, and on one line. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}
