import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import { NodeHttpHandler } from '@smithy/node-http-handler'

export interface Endpoints {
  kinesisEndpoint: string
  dynamodbEndpoint: string
}

export interface SdkClients {
  kinesis: KinesisClient
  dynamodb: DynamoDBClient
  /** Closes their connections; a test file does not end before that. */
  destroy(): void
}

/** Clients of the real SDK for an emulated pair: HTTP/1.1, and no retry that hides an error. */
export function sdkClients({ kinesisEndpoint, dynamodbEndpoint }: Endpoints): SdkClients {
  const shared = {
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
    maxAttempts: 1,
  }
  const kinesis = new KinesisClient({
    ...shared,
    endpoint: kinesisEndpoint,
    requestHandler: new NodeHttpHandler({ connectionTimeout: 2_000, requestTimeout: 15_000 }),
  })
  const dynamodb = new DynamoDBClient({ ...shared, endpoint: dynamodbEndpoint })
  return {
    kinesis,
    dynamodb,
    destroy() {
      kinesis.destroy()
      dynamodb.destroy()
    },
  }
}
