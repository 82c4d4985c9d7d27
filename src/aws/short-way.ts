/**
 * The short way of a call that is made over and over. What lies between a call of the SDK and its
 * request costs three times what the request does (docs/performance.md), and a sparse file is tens
 * of thousands of small puts. So a call goes the SDK's way until one was answered, and is watched;
 * those after it go where that one went, with the SDK's own credentials, signature and connections.
 * There are no retries and no errors here: what was not answered as hoped, the SDK calls again.
 */
import { Readable } from 'node:stream'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import type { Clock } from '../time/clock.ts'
import { systemClock } from '../time/clock.ts'
import type { Slices } from '../time/slices.ts'
import { slicesOf } from '../time/slices.ts'

type Signer = Awaited<ReturnType<DynamoDBClient['config']['signer']>>
type Request = Parameters<Signer['sign']>[0]

export interface Answer {
  status: number
  text: string
}

/** Where in the SDK's steps a request is as it will be sent. */
const WATCH = { name: 'watch', step: 'finalizeRequest', priority: 'low' } as const

/** Headers that are the same for every call of a kind; the others tell of one call. */
const SAME = new Set(['content-type', 'host', ':authority', 'user-agent', 'x-amz-target'])

/** What a client's calls that were answered looked like, by the operation they were for. */
const answered = new WeakMap<DynamoDBClient | KinesisClient, Map<string, Request>>()

export class ShortWay {
  readonly #client: DynamoDBClient | KinesisClient
  readonly #operation: string
  readonly #answered: ReadonlyMap<string, Request>
  readonly #clock: Clock
  readonly #slices: Slices
  #signer: Promise<Signer> | undefined

  /** `operation`, as in the header x-amz-target: `DynamoDB_20120810.PutItem`. */
  constructor(
    client: DynamoDBClient | KinesisClient,
    operation: string,
    clock: Clock = systemClock,
  ) {
    this.#client = client
    this.#operation = operation
    this.#clock = clock
    this.#slices = slicesOf(clock)
    this.#answered = answered.get(client) ?? watch(client)
  }

  /** Undefined when there was no answer, or no call: the way is not known. */
  async call(body: string | Uint8Array): Promise<Answer | undefined> {
    const example = this.#answered.get(this.#operation)
    if (example === undefined) return undefined
    try {
      const request = await this.#signed(example, body)
      const reply: unknown = await this.#client.config.requestHandler.handle(request)
      if (!isReply(reply)) return undefined
      const { statusCode, body: stream } = reply.response
      return { status: statusCode, text: await textOf(stream) }
    } catch {
      return undefined
    }
  }

  async #signed({ headers, ...same }: Request, body: string | Uint8Array): Promise<Request> {
    const { config } = this.#client
    // Region and service are the client's for good; its provider is asked for the credentials.
    const signer = await (this.#signer ??= config.signer())
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    // Many calls are made at once as a rule.
    while (this.#slices.over) await this.#slices.pause()
    const request = { ...same, headers: { ...headers, ...length }, body }
    const signingDate = new Date(this.#clock.now() + config.systemClockOffset)
    return signer.sign(request, { signingDate })
  }
}

function watch(client: DynamoDBClient | KinesisClient): Map<string, Request> {
  const requests = new Map<string, Request>()
  answered.set(client, requests)
  const watching =
    <Args extends { request: unknown }, Reply>(next: (args: Args) => Promise<Reply>) =>
    async (args: Args): Promise<Reply> => {
      const reply = await next(args)
      const { request } = args
      if (!isRequest(request)) return reply
      const operation = request.headers['x-amz-target']
      if (operation === undefined || requests.has(operation)) return reply
      const same = Object.entries(request.headers).filter(([name]) => SAME.has(name))
      requests.set(operation, { ...request, headers: Object.fromEntries(same) })
      return reply
    }
  if (client instanceof KinesisClient) client.middlewareStack.add(watching, WATCH)
  else client.middlewareStack.add(watching, WATCH)
  return requests
}

/** Faster than to iterate over a stream that is one piece as a rule. */
function textOf(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.setEncoding('utf8')
    stream.on('data', (piece: string) => (text += piece))
    stream.once('end', () => resolve(text))
    stream.once('error', reject)
    // A connection that broke off: whatever came is not the answer.
    stream.once('close', () => {
      if (!stream.readableEnded) reject(new Error('the reply broke off'))
    })
  })
}

function isRequest(request: unknown): request is Request {
  return typeof request === 'object' && request !== null && 'hostname' in request
}

interface Reply {
  response: { statusCode: number; body: Readable }
}

function isReply(reply: unknown): reply is Reply {
  if (typeof reply !== 'object' || reply === null || !('response' in reply)) return false
  const { response } = reply
  return (
    typeof response === 'object' &&
    response !== null &&
    'body' in response &&
    response.body instanceof Readable
  )
}
