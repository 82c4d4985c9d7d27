import { once } from 'node:events'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'

export interface InProcessDynamodb {
  client: DynamoDBClient
  close(): Promise<void>
}

/** dynalite in this process, on a free port of the loopback interface, and a client of it. */
export async function startDynamodb(): Promise<InProcessDynamodb> {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  return {
    client,
    async close() {
      client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
