import { once } from 'node:events'
import { createServer } from 'node:http'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { asError } from '../../src/errors.ts'
import { sdkClients } from '../support/sdk.ts'

export interface Reply {
  status?: number
  body: unknown
}

/** What is answered to an operation, such as `GetRecords`, and its input. */
export type Script = (operation: string, input: Record<string, unknown>) => Reply | Promise<Reply>

export interface ScriptedKinesis {
  endpoint: string
  client: KinesisClient
  /** Plays the same script. */
  dynamodb: DynamoDBClient
  /** Replaces the script and forgets the calls. */
  play(script: Script): { operation: string; input: Record<string, unknown> }[]
  close(): Promise<void>
}

/** An HTTP server that answers the real SDK as Kinesis or DynamoDB would, from a script. */
export async function startScriptedKinesis(): Promise<ScriptedKinesis> {
  let script: Script = () => ({ body: {} })
  let calls: { operation: string; input: Record<string, unknown> }[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const target = String(request.headers['x-amz-target'])
      const operation = target.slice(target.indexOf('.') + 1)
      const input = JSON.parse(text) as Record<string, unknown>
      calls.push({ operation, input })
      const answer = async (): Promise<void> => {
        const { status = 200, body } = await script(operation, input)
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        response.end(JSON.stringify(body))
      }
      answer().catch((error: unknown) => response.destroy(asError(error)))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const endpoint = `http://127.0.0.1:${port}`
  const clients = sdkClients({ kinesisEndpoint: endpoint, dynamodbEndpoint: endpoint })
  return {
    endpoint,
    client: clients.kinesis,
    dynamodb: clients.dynamodb,
    play(next) {
      script = next
      calls = []
      return calls
    },
    async close() {
      clients.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export const failure = (name: string, message = 'no', status = 400): Reply => ({
  status,
  body: { __type: name, message },
})
