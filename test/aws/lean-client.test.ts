import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb'
import * as assert from 'uvu/assert'
import { lean } from '../../src/aws/lean-client.ts'
import { suite } from '../support/suite.ts'

const test = suite('a lean client')

const calls: IncomingHttpHeaders[] = []
const server = createServer((request, response) => {
  calls.push(request.headers)
  request.resume()
  request.once('end', () => response.end('{}'))
})
let endpoint: string

test.before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})

test.after(() => {
  server.closeAllConnections()
  server.close()
})

/** Credentials that are about to expire: each call is signed with new ones. */
function clientOf(region: () => Promise<string>): DynamoDBClient {
  let asked = 0
  return lean(
    new DynamoDBClient({
      endpoint,
      region,
      cacheMiddleware: true,
      maxAttempts: 1,
      credentials: () =>
        Promise.resolve({
          accessKeyId: `AKID${++asked}`,
          secretAccessKey: 'secret',
          expiration: new Date(Date.now() + 1_000),
        }),
    }),
  )
}

const call = (client: DynamoDBClient): Promise<unknown> =>
  client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } }))

test('signs each call with the credentials of the hour, and says who calls', async () => {
  const client = clientOf(() => Promise.resolve('eu-west-1'))
  calls.length = 0
  await call(client)
  await call(client)
  client.destroy()
  const signedBy = calls.map(({ authorization = '' }) =>
    /Credential=(\w+)\/\d+\/(.*?),/.exec(authorization),
  )
  assert.ok(signedBy.every((match) => match?.[2] === 'eu-west-1/dynamodb/aws4_request'))
  assert.is(new Set(signedBy.map((match) => match?.[1])).size, 2)
  assert.equal(
    calls.map((headers) => headers['user-agent']),
    ['hailstream', 'hailstream'],
  )
})

test('that could not sign once can sign the next call', async () => {
  let fails = false
  const client = clientOf(() => {
    if (fails) return Promise.reject(new Error('no region yet'))
    return Promise.resolve('eu-west-1')
  })
  fails = true
  const error = await call(client).catch((thrown: unknown) => thrown)
  assert.match(String(error), 'no region yet')
  fails = false
  await call(client)
  client.destroy()
})

test.run()
