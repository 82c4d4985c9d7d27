/** Kinesis on AWS is spoken to over HTTP/2, and what fails there has other codes. */
import { once } from 'node:events'
import { constants, createServer } from 'node:http2'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { AddressInfo, Socket } from 'node:net'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import * as assert from 'uvu/assert'
import { HTTP2 } from '../../src/aws/clients.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { isNobodyThere } from '../../src/aws/service-error.ts'
import { isRetryable } from '../../src/time/retry.ts'
import { suite } from '../support/suite.ts'

const test = suite('Kinesis over HTTP/2')

type Trouble = (stream: ServerHttp2Stream, socket: Socket) => void

function clientAt(port: number): KinesisClient {
  return new KinesisClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: HTTP2,
    maxAttempts: 1,
  })
}

/** What two calls come to, at a server that treats every request so. */
async function thrownUnder(trouble: Trouble | 'refused'): Promise<unknown[]> {
  const server = createServer()
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.on('sessionError', () => undefined)
  server.on('stream', (stream) => {
    stream.on('error', () => undefined)
    const socket = [...sockets].at(-1)
    if (trouble !== 'refused' && socket !== undefined) trouble(stream, socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const stop = async (): Promise<void> => {
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  if (trouble === 'refused') await stop()
  const client = clientAt(port)
  const stream = new KinesisStream(client, 's')
  const thrown = [
    await stream.getRecords('iterator', 10).catch((error: unknown) => error),
    await stream.describe().catch((error: unknown) => error),
  ]
  client.destroy()
  if (trouble !== 'refused') await stop()
  return thrown
}

function replyAnd(after: (stream: ServerHttp2Stream, socket: Socket) => void): Trouble {
  return (stream, socket) => {
    stream.respond({ ':status': 200, 'content-type': 'application/x-amz-json-1.1' })
    stream.write('{"Records":[')
    setTimeout(() => after(stream, socket), 20)
  }
}

test('whatever breaks on the way is tried again', async () => {
  const troubles: Record<string, Trouble | 'refused'> = {
    refused: 'refused',
    'socket closed': (_, socket) => socket.destroy(),
    'socket reset': (_, socket) => socket.resetAndDestroy(),
    'session closed': ({ session }) => session?.destroy(),
    'stream cancelled': (stream) => stream.close(constants.NGHTTP2_CANCEL),
    'stream failed': (stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR),
    'stream refused': (stream) => stream.close(constants.NGHTTP2_REFUSED_STREAM),
    'reply cut off': replyAnd((_, socket) => socket.destroy()),
    'reply reset': replyAnd((stream) => stream.close(constants.NGHTTP2_INTERNAL_ERROR)),
  }
  for (const [name, trouble] of Object.entries(troubles)) {
    for (const error of await thrownUnder(trouble)) {
      assert.ok(isRetryable(error), `${name}: ${String(error)}`)
      assert.is(isNobodyThere(error), name === 'refused', `${name}: ${String(error)}`)
    }
  }
})

test('takes records the short way too', async () => {
  const server = createServer()
  const headers: IncomingHttpHeaders[] = []
  server.on('stream', (stream, head) => {
    headers.push(head)
    stream.resume()
    stream.respond({ ':status': 200, 'content-type': 'application/x-amz-json-1.1' })
    stream.end('{"Records":[{"SequenceNumber":"1","ShardId":"s0"}]}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = clientAt((server.address() as AddressInfo).port)
  const stream = new KinesisStream(client, 's')
  for (let put = 1; put <= 2; put++) {
    const outcomes = await stream.putRecords([{ partitionKey: 'a', data: Uint8Array.of(1) }])
    assert.equal(outcomes, [{ ok: true, sequenceNumber: '1', shardId: 's0' }])
  }
  client.destroy()
  server.close()
  await once(server, 'close')
  const [long, short] = headers
  assert.is(headers.length, 2)
  assert.ok(long['amz-sdk-request'] !== undefined)
  assert.is(short['amz-sdk-request'], undefined)
  for (const name of [':authority', ':path', ':method', 'content-type', 'x-amz-target']) {
    assert.is(short[name], long[name], name)
  }
  assert.match(String(short.authorization), /SignedHeaders=[^,]*x-amz-target/)
})

test.run()
