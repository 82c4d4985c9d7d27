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

/** `Item size has exceeded the maximum allowed size`, of an update `Item size to update has …`. */
const TOO_LARGE = /^Item size .*exceeded/

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
  const network = networkCode(error)
  if (network !== undefined) {
    const fix = 'Is it running, and is AWS_ENDPOINT_URL_… right? `hailstream local` starts a pair.'
    return build('ENDPOINT', { got: network, expected: 'an answer', fix }, true)
  }
  if (name === 'SyntaxError') {
    return build('ENDPOINT', { got: 'a reply that breaks off', expected: 'a whole one' }, true)
  }
  if (name === 'ValidationException' && TOO_LARGE.test(messageOf(error))) {
    return build('ITEM_SIZE', {
      got: 'an item that is too large',
      expected: 'at most 400 KB, which is all that DynamoDB takes',
      fix: 'Count by fewer zones or districts, or in a longer --pane.',
    })
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
  return codesOf(error).some((code) => ABSENT.has(code))
}

/**
 * What broke between us and the service. Kinesis is spoken to over HTTP/2, whose streams fail with a
 * code of their own and mostly with the socket's as the cause; the latter says more.
 */
function networkCode(error: unknown): string | undefined {
  const codes = codesOf(error)
  return (
    codes.find((code) => NETWORK.has(code)) ?? codes.find((code) => code.startsWith('ERR_HTTP2_'))
  )
}

/** The codes of an error and of whatever is behind it, outermost first. */
function codesOf(error: unknown): string[] {
  if (!isObject(error)) return []
  const { code, cause, errors } = error
  const behind = [...(Array.isArray(errors) ? (errors as unknown[]) : []), cause]
  return [...(typeof code === 'string' ? [code] : []), ...behind.flatMap(codesOf)]
}

function httpStatus(error: unknown): number | undefined {
  const metadata = isObject(error) ? error.$metadata : undefined
  const status = isObject(metadata) ? metadata.httpStatusCode : undefined
  return typeof status === 'number' ? status : undefined
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
