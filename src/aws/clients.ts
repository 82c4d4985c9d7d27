/**
 * SDK clients from the standard AWS environment: region, credentials and endpoints are the SDK's
 * own business. All we add is HTTP/1.1 for Kinesis at a custom endpoint: emulators are slow or wrong
 * over the SDK's default HTTP/2 (measured; localstack/README.md).
 */
import { Agent } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { isEmulated } from './emulated.ts'
import { lean } from './lean-client.ts'

export interface Clients {
  kinesis: KinesisClient
  dynamodb: DynamoDBClient
  /** Where an emulator answers rather than AWS. */
  emulated: { kinesis: boolean; dynamodb: boolean }
  destroy(): void
}

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * It copies whatever is sent and replied, without what is secret, for a logger that nobody has set:
 * two thirds of what a query of large items costs (docs/performance.md).
 */
const LOGGER = 'loggerMiddleware'

export function createClients(environment: Environment = process.env): Clients {
  const shared = environment.AWS_ENDPOINT_URL
  const kinesisEndpoint = environment.AWS_ENDPOINT_URL_KINESIS ?? shared
  const dynamodbEndpoint = environment.AWS_ENDPOINT_URL_DYNAMODB ?? shared
  const said = environment.HAILSTREAM_EMULATED
  const emulated = {
    kinesis: isEmulated(kinesisEndpoint, said),
    dynamodb: isEmulated(dynamodbEndpoint, said),
  }
  const handler = (): NodeHttpHandler =>
    new NodeHttpHandler({
      httpAgent: new Agent({ keepAlive: true, maxSockets: 64 }),
      connectionTimeout: 3_000,
      requestTimeout: 30_000,
      // Without it a request that hangs is only warned about.
      throwOnRequestTimeout: true,
    })
  const identity = identityIn(environment)
  const kinesis = new KinesisClient(
    kinesisEndpoint === undefined
      ? { ...identity, requestHandler: HTTP2, maxAttempts: 5 }
      : { ...identity, endpoint: kinesisEndpoint, requestHandler: handler(), maxAttempts: 3 },
  )
  const dynamodb = lean(
    new DynamoDBClient({
      ...identity,
      requestHandler: handler(),
      maxAttempts: 8,
      // A third of what a put costs is to put its middleware together, and it is always the same.
      cacheMiddleware: true,
      ...(dynamodbEndpoint !== undefined && { endpoint: dynamodbEndpoint }),
    }),
  )
  for (const { middlewareStack } of [kinesis, dynamodb]) middlewareStack.remove(LOGGER)
  return {
    kinesis,
    dynamodb,
    emulated,
    destroy() {
      kinesis.destroy()
      dynamodb.destroy()
    },
  }
}

/**
 * The SDK's own handler of this client and its own setting (disableConcurrentStreams, in its
 * runtimeConfig), with an end to a request that nobody answers. A subscription is never silent for
 * as long: it has an event every few seconds.
 */
export const HTTP2 = { requestTimeout: 30_000, disableConcurrentStreams: true }

/** The process's own environment is read by the SDK itself, profiles and all. */
function identityIn(environment: Environment): {
  region?: string
  credentials?: { accessKeyId: string; secretAccessKey: string }
} {
  const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId } = environment
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment
  if (environment === process.env) return {}
  return {
    ...(region !== undefined && { region }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
  }
}
