import { once } from 'node:events'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

export interface InProcessDynamodb {
  client: DynamoDBClient
  /** What makes `createClients` use it. */
  environment: Record<string, string>
  close(): Promise<void>
}

/** dynalite in this process, on a free port of the loopback interface, and a client of it. */
export async function startDynamodb(): Promise<InProcessDynamodb> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const endpoint = `http://127.0.0.1:${port}`
  const region = 'us-east-1'
  const credentials = { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' }
  const client = new DynamoDBClient({ endpoint, region, credentials, maxAttempts: 1 })
  return {
    client,
    environment: {
      AWS_ENDPOINT_URL_KINESIS: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
    async close() {
      client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
