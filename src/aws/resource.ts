/** One thing at a service, a stream or a table: calls to it fail with errors that name it. */
import type { ErrorCode, HailstreamError } from '../errors.ts'
import { errorName, serviceError } from './service-error.ts'

export class Resource {
  readonly #subject: string
  readonly #missing: { code: ErrorCode; fix: string }

  /** `subject`: `Kinesis stream hailstream`. `missing`: what is told where there is no such thing. */
  constructor(subject: string, missing: { code: ErrorCode; fix: string }) {
    this.#subject = subject
    this.#missing = missing
  }

  async call<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send()
    } catch (error) {
      throw this.error(error)
    }
  }

  /** The reply, or `otherwise` where the service answers with an error of one of these names. */
  async callUnless<T, const Other>(
    names: readonly string[],
    otherwise: Other,
    send: () => Promise<T>,
  ): Promise<T | Other> {
    try {
      return await send()
    } catch (error) {
      if (names.includes(errorName(error))) return otherwise
      throw this.error(error)
    }
  }

  /** Whether the condition of a write held. */
  async holds(write: () => Promise<unknown>): Promise<boolean> {
    const reply = this.callUnless(['ConditionalCheckFailedException'], 'refused', write)
    return (await reply) !== 'refused'
  }

  error(error: unknown): HailstreamError {
    return serviceError(error, this.#subject, this.#missing)
  }
}
