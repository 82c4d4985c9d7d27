/** What went wrong at a service, as an error that a user can act on. */
import { HailstreamError, messageOf } from '../errors.ts'
import type { ErrorCode, ErrorParts } from '../errors.ts'

const RETRYABLE = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'LimitExceededException',
  'InternalFailure',
  'InternalServerError',
  'InternalServerException',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'TimeoutError',
  'RequestTimeout',
  'KMSThrottlingException',
])
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
])
const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND'])
const ACCESS = new Set([
  'CredentialsProviderError',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'AccessDeniedException',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'MissingAuthenticationTokenException',
  'TokenRefreshRequired',
])

export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** `subject` names the service and the thing in it: `Kinesis stream hailstream`. */
export function serviceError(
  error: unknown,
  subject: string,
  missing: { code: ErrorCode; fix: string },
): HailstreamError {
  if (error instanceof HailstreamError) return error
  const name = errorName(error)
  const build = (code: ErrorCode, parts: Omit<ErrorParts, 'subject'>, retryable = false) =>
    new HailstreamError(code, { subject, ...parts }, { cause: error, retryable })
  if (name === 'ResourceNotFoundException') {
    return build(missing.code, { got: 'nothing of that name', expected: 'one', fix: missing.fix })
  }
  if (ACCESS.has(name)) {
    return build('ACCESS', {
      got: `${name}: ${messageOf(error)}`,
      expected: 'credentials that may use it',
      fix: 'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
    })
  }
  if (messageOf(error).startsWith('Region is missing')) {
    return build('ACCESS', {
      got: 'no region',
      expected: 'AWS_REGION',
      fix: 'Set AWS_REGION, or load what `hailstream local --write-env` wrote.',
    })
  }
  if (NETWORK.has(networkCode(error))) {
    const fix = 'Is it running, and is AWS_ENDPOINT_URL_… right? `hailstream local` starts a pair.'
    return build('ENDPOINT', { got: networkCode(error), expected: 'an answer', fix }, true)
  }
  const status = httpStatus(error)
  const retryable = RETRYABLE.has(name) || (status !== undefined && status >= 500)
  return build(
    'ENDPOINT',
    { got: `${name || 'an error'}: ${messageOf(error)}`, expected: 'success' },
    retryable,
  )
}

/** Nothing listens where the service should be: no broken connection, and no passing trouble. */
export function isNobodyThere(error: unknown): boolean {
  return ABSENT.has(networkCode(error instanceof HailstreamError ? error.cause : error))
}

function networkCode(error: unknown): string {
  if (!isObject(error)) return ''
  if (typeof error.code === 'string') return error.code
  if (Array.isArray(error.errors) && error.errors.length > 0) return networkCode(error.errors[0])
  return error.cause === undefined ? '' : networkCode(error.cause)
}

function httpStatus(error: unknown): number | undefined {
  const metadata = isObject(error) ? error.$metadata : undefined
  const status = isObject(metadata) ? metadata.httpStatusCode : undefined
  return typeof status === 'number' ? status : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
