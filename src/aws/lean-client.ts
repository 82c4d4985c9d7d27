/**
 * Makes calls of the SDK's DynamoDB client cheaper: a sparse file is tens of thousands of small ones,
 * and what surrounds a call costs more than the call (docs/performance.md). All that a call means
 * stays the SDK's: its body, endpoint, signature, retries, reply and errors.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'

export function lean(client: DynamoDBClient): DynamoDBClient {
  const { config, middlewareStack } = client
  // Looks for a trace of AWS Lambda.
  middlewareStack.remove('recursionDetectionMiddleware')
  // The SDK puts a long one together for every call.
  middlewareStack.remove('getUserAgentMiddleware')
  middlewareStack.add(
    (next) => (args) => {
      if (hasHeaders(args.request)) args.request.headers['user-agent'] = 'hailstream'
      return next(args)
    },
    { name: 'userAgent', step: 'build' },
  )
  // Region, service and provider of credentials are the client's for good; so is who signs.
  const makeSigner = config.signer
  let signer: ReturnType<typeof makeSigner> | undefined
  config.signer = (scheme) =>
    (signer ??= makeSigner(scheme).catch((error: unknown) => {
      signer = undefined
      throw error
    }))
  return client
}

function hasHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request
}
