/** Clients for the eyes of the gate: made here, so that nothing of the product stands in between. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export interface OwnClients {
  kinesis: KinesisClient
  dynamodb: DynamoDBClient
  destroy(): void
}

/** From an AWS environment; what it does not say is found as the SDK finds it, profiles and all. */
export function ownClients(environment: Readonly<Record<string, string | undefined>>): OwnClients {
  const { AWS_REGION: region, AWS_ENDPOINT_URL: shared } = environment
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment
  const { AWS_SESSION_TOKEN: sessionToken } = environment
  const common = {
    ...(region !== undefined && { region }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: {
          accessKeyId,
          secretAccessKey,
          ...(sessionToken !== undefined && { sessionToken }),
        },
      }),
  }
  const at = (endpoint: string | undefined) => endpoint !== undefined && { endpoint }
  const kinesis = new KinesisClient({
    ...common,
    ...at(environment.AWS_ENDPOINT_URL_KINESIS ?? shared),
    requestHandler: new NodeHttpHandler({ requestTimeout: 30_000 }),
  })
  const dynamodb = new DynamoDBClient({
    ...common,
    ...at(environment.AWS_ENDPOINT_URL_DYNAMODB ?? shared),
  })
  return {
    kinesis,
    dynamodb,
    destroy() {
      kinesis.destroy()
      dynamodb.destroy()
    },
  }
}
