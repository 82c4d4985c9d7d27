import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import * as assert from 'uvu/assert'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { lean } from '../../src/aws/lean-client.ts'
import { grows } from '../../src/counts/table-port.ts'
import type { Condition, Item } from '../../src/counts/table-port.ts'
import { HailstreamError } from '../../src/errors.ts'
import { suite } from '../support/suite.ts'

const test = suite('the short way of a call')

interface Call {
  headers: IncomingHttpHeaders
  body: string
}
type Answer = (response: ServerResponse, call: number) => void

const SECRET = 'wJalrXUtnFEMI'
const calls: Call[] = []
let answer: Answer
let client: DynamoDBClient
let table: DynamodbTable

const ok: Answer = (response) => response.end('{}')
const failing =
  (name: string, status = 400, message = 'no'): Answer =>
  (response) => {
    response.statusCode = status
    response.end(JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message }))
  }

const server = createServer((request, response) => {
  let body = ''
  request.on('data', (chunk: Buffer) => (body += chunk.toString()))
  request.on('end', () => {
    calls.push({ headers: request.headers, body })
    answer(response, calls.length)
  })
})

test.before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

/** A client that has called nothing yet. */
function newClient(): DynamoDBClient {
  const address = server.address()
  return lean(
    new DynamoDBClient({
      endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'AKID', secretAccessKey: SECRET },
      cacheMiddleware: true,
      maxAttempts: 3,
    }),
  )
}

test.before.each(async () => {
  client = newClient()
  table = new DynamodbTable(client, 'counts')
  answer = ok
  await table.put({ pk: 'first', sk: '1' })
  calls.length = 0
})

test.after.each(() => client.destroy())

test.after(() => {
  server.closeAllConnections()
  server.close()
})

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function isSigned({ headers, body }: Call): boolean {
  const { authorization = '' } = headers
  const parts = /Credential=AKID\/([^,]*), SignedHeaders=([^,]*), Signature=(\w+)/.exec(
    authorization,
  )
  if (parts === null) return false
  const [, scope, names, signature] = parts
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const named = names.split(';').map((name) => `${name}:${String(headers[name])}\n`)
  const canonical = `POST\n/\n\n${named.join('')}\n${names}\n${sha256(body)}`
  const text = `AWS4-HMAC-SHA256\n${String(headers['x-amz-date'])}\n${scope}\n${sha256(canonical)}`
  let key: string | Buffer = `AWS4${SECRET}`
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  const isOurs = createHmac('sha256', key).update(text).digest('hex') === signature
  return isOurs && scope.endsWith('/eu-west-1/dynamodb/aws4_request') && names.includes('host')
}

const ITEMS: [Item, Condition | undefined][] = [
  [{ pk: 'a "b" \\ \u2028 🚕', sk: '' }, undefined],
  [{ pk: 'a', sk: 'b', n: -12.5, m: 1e21, yes: true, nothing: null }, { kind: 'absent' }],
  [
    { pk: 'a', sk: 'b', bytes: Uint8Array.of(0, 1, 255), none: new Uint8Array() },
    grows('seq', 'x'),
  ],
  [
    { pk: 'a', sk: 'b', list: [1, [], {}, ['x', { 'y z': false }]], map: { '08:30': { n: [0] } } },
    { kind: 'all', of: [grows('"q"', 7), { kind: 'equal', attribute: 'ended', value: true }] },
  ],
]

test('sends what the SDK sends, signed, to where the SDK sent the first one', async () => {
  for (const [item, condition] of ITEMS) {
    calls.length = 0
    const other = newClient()
    for (let put = 0; put < 2; put++) {
      await new DynamodbTable(other, 'counts').put(item, condition)
    }
    other.destroy()
    const [long, short] = calls
    assert.is(calls.length, 2)
    assert.ok(isSigned(long))
    assert.ok(isSigned(short))
    assert.equal(JSON.parse(short.body), JSON.parse(long.body))
    for (const name of ['host', 'content-type', 'x-amz-target', 'user-agent']) {
      assert.is(short.headers[name], long.headers[name], name)
    }
    // It is the short way, and not the SDK's once more.
    assert.ok(long.headers['amz-sdk-request'] !== undefined)
    assert.is(short.headers['amz-sdk-request'], undefined)
  }
})

test('a signature is of the body that it is for', async () => {
  await table.put({ pk: 'a', sk: 'b' })
  assert.not(isSigned({ ...calls[0], body: calls[0].body.replace('b', 'c') }))
})

test('says after one call that the condition did not hold', async () => {
  answer = failing('ConditionalCheckFailedException')
  assert.is(await table.put({ pk: 'a', sk: 'b' }, { kind: 'absent' }), 'refused')
  assert.is(calls.length, 1)
})

test('leaves it to the SDK to try again, whatever went wrong', async () => {
  const troubles: Answer[] = [
    failing('InternalServerError', 500),
    failing('ProvisionedThroughputExceededException'),
    (response) => response.destroy(),
    (response) => {
      response.writeHead(200, { 'content-length': 100 })
      response.write('{', () => response.destroy())
    },
  ]
  for (const trouble of troubles) {
    calls.length = 0
    answer = (response, call) => (call < 3 ? trouble : ok)(response, call)
    assert.is(await table.put({ pk: 'a', sk: 'b' }), 'ok')
    assert.equal(
      calls.map(({ headers }) => headers['amz-sdk-request']),
      [undefined, 'attempt=1; max=3', 'attempt=2; max=3'],
    )
  }
})

test('fails with the error of the SDK, which names the item that is too large', async () => {
  answer = failing('ValidationException', 400, 'Item size has exceeded the maximum allowed size')
  const error = await table.put({ pk: 'a', sk: 'b' }).catch((thrown: unknown) => thrown)
  assert.instance(error, HailstreamError)
  assert.match(String(error), 'DynamoDB table counts, item a b')
  assert.is(calls.length, 2)
})

test('takes the long way until one put was answered', async () => {
  const fresh = newClient()
  const other = new DynamodbTable(fresh, 'counts')
  answer = failing('AccessDeniedException')
  await other.put({ pk: 'a', sk: 'b' }).then(assert.unreachable, () => undefined)
  answer = ok
  await other.put({ pk: 'a', sk: 'b' })
  await other.put({ pk: 'a', sk: 'b' })
  fresh.destroy()
  const sdk = calls.map(({ headers }) => headers['amz-sdk-request'] !== undefined)
  assert.equal(sdk, [true, true, false])
})

test('reads the same items by either way, and asks for them alike', async () => {
  const sent = {
    pk: { S: 'a' },
    sk: { S: 'b' },
    text: { S: 'Zürich 🚕' },
    number: { N: '-12.5' },
    yes: { BOOL: true },
    nothing: { NULL: true },
    bytes: { B: 'AAH/' },
    none: { B: '' },
    list: { L: [{ N: '1' }, { L: [] }, { M: { three: { N: '3' } } }, { B: 'AQ==' }] },
    sets: { L: [{ SS: ['x'] }, { NS: ['1', '2'] }, { BS: ['AQ=='] }] },
  }
  const item = {
    pk: 'a',
    sk: 'b',
    text: 'Zürich 🚕',
    number: -12.5,
    yes: true,
    nothing: null,
    bytes: Uint8Array.of(0, 1, 255),
    none: new Uint8Array(),
    list: [1, [], { three: 3 }, Uint8Array.of(1)],
    sets: [['x'], [1, 2], [Uint8Array.of(1)]],
  }
  answer = (response, call) => {
    const target = String(calls[call - 1].headers['x-amz-target'])
    const isLast =
      calls.filter(({ headers }) => headers['x-amz-target'] === target).length % 2 === 0
    const start = { pk: { S: 'a' }, sk: { S: 'b' } }
    const replies: Record<string, unknown> = {
      GetItem: { Item: sent, ConsumedCapacity: null },
      Query: { Items: [sent], LastEvaluatedKey: isLast ? null : start },
      BatchGetItem: { Responses: { counts: [sent] }, UnprocessedKeys: null },
    }
    response.end(JSON.stringify(replies[target.slice(target.indexOf('.') + 1)]))
  }
  const key = { pk: 'a', sk: 'b' }
  const fresh = newClient()
  const reading = new DynamodbTable(fresh, 'counts')
  const ways: Call[][] = []
  for (let way = 0; way < 2; way++) {
    calls.length = 0
    assert.equal(await reading.get(key), item)
    assert.equal(await reading.getMany([key]), [item])
    assert.equal(await reading.query('a', { from: '0', to: '9' }), [item, item])
    ways.push(calls.slice())
  }
  fresh.destroy()
  const [long, short] = ways
  assert.equal(
    short.map(({ body }) => JSON.parse(body) as unknown),
    long.map(({ body }) => JSON.parse(body) as unknown),
  )
  const isSdk = ({ headers }: Call): boolean => headers['amz-sdk-request'] !== undefined
  // The second page of the first query goes the short way already.
  assert.equal(long.map(isSdk), [true, true, true, false])
  assert.equal(short.map(isSdk), [false, false, false, false])
})

test('leaves it to the SDK to say what went wrong with a read', async () => {
  answer = (response) => response.end('{"Item":{"pk":{"S":"a"},"sk":{"S":"b"}}}')
  await table.get({ pk: 'a', sk: 'b' })
  answer = failing('ResourceNotFoundException')
  const error = await table.get({ pk: 'a', sk: 'b' }).catch((thrown: unknown) => thrown)
  assert.instance(error, HailstreamError)
  assert.match(String(error), 'DynamoDB table counts: got nothing of that name')
  answer = (response) => response.end('{"Item":{"pk"')
  const cut = await table.get({ pk: 'a', sk: 'b' }).catch((thrown: unknown) => thrown)
  assert.match(String(cut), 'a reply that breaks off')
})

test.run()
