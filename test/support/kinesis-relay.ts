/**
 * Stands between a process and an emulated Kinesis, speaks its JSON protocol, and lets whoever
 * started it see every call, or answer it otherwise than Kinesis would.
 */
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'

export interface RelayedCall {
  /** `PutRecords`, `GetRecords`, … */
  operation: string
  input: Record<string, unknown>
}

export interface RelayedReply {
  status: number
  body: Record<string, unknown>
}

/** `forward` asks Kinesis, with the input that was sent or another one, as often as it is called. */
export type Relay = (
  call: RelayedCall,
  forward: (input: Record<string, unknown>) => Promise<RelayedReply>,
) => Promise<RelayedReply>

export interface KinesisRelay {
  endpoint: string
  close(): Promise<void>
}

/** Listens on a free port of the loopback interface. */
export async function startKinesisRelay(upstream: string, relay: Relay): Promise<KinesisRelay> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const server = createServer((incoming, response) => {
    const target = String(incoming.headers['x-amz-target'])
    const operation = target.slice(target.indexOf('.') + 1)
    const forward = (input: Record<string, unknown>): Promise<RelayedReply> =>
      ask(upstream, incoming, input, agent)
    jsonOf(incoming)
      .then((input) => relay({ operation, input }, forward))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' })
        response.end(JSON.stringify(body))
      })
      .catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${portOf(server)}`,
    async close() {
      server.closeAllConnections()
      agent.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function portOf(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}

async function jsonOf(message: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

/** The headers go along, the signature too: emulators do not check it. */
async function ask(
  upstream: string,
  original: IncomingMessage,
  input: Record<string, unknown>,
  agent: Agent,
): Promise<RelayedReply> {
  const body = Buffer.from(JSON.stringify(input))
  const headers = { ...original.headers, 'content-length': String(body.length) }
  const sent = request(`${upstream}/`, { method: 'POST', headers, agent })
  sent.end(body)
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: reply.statusCode ?? 500, body: await jsonOf(reply) }
}
