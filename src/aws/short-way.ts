/**
 * The short way of a call that is made over and over. What lies between a call of the SDK and its
 * request costs three times what the request does (docs/performance.md), and a sparse file is tens
 * of thousands of small puts. So a call goes the SDK's way until one was answered, and is watched;
 * those after it go where that one went, with the SDK's own credentials, signature and connections.
 * There are no retries and no errors here: what was not answered as hoped, the SDK calls again.
 */
import { Readable } from 'node:stream'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { KinesisClient } from '@aws-sdk/client-kinesis'

type Signer = Awaited<ReturnType<DynamoDBClient['config']['signer']>>
type Request = Parameters<Signer['sign']>[0]

export interface Answer {
  status: number
  text: string
}

/** Where in the SDK's steps a request is as it will be sent, but for a retry. */
export const WATCHED = { name: 'watch', step: 'finalizeRequest', priority: 'low' } as const

/** Headers that are the same for every call of a kind; the others tell of one call. */
const SAME = new Set(['content-type', 'host', ':authority', 'user-agent', 'x-amz-target'])

export class ShortWay {
  readonly #client: DynamoDBClient | KinesisClient
  #request: Request | undefined
  #signer: Promise<Signer> | undefined

  constructor(client: DynamoDBClient | KinesisClient) {
    this.#client = client
  }

  /** Whether a call was answered yet. */
  get isKnown(): boolean {
    return this.#request !== undefined
  }

  /** A call that was sent so was answered. */
  learn(request: unknown): void {
    if (!isRequest(request)) return
    const same = Object.entries(request.headers).filter(([name]) => SAME.has(name))
    this.#request = { ...request, headers: Object.fromEntries(same) }
  }

  /** Undefined when there was no answer, or no call: the way is not known. */
  async call(body: string | Uint8Array): Promise<Answer | undefined> {
    if (this.#request === undefined) return undefined
    try {
      const request = await this.#signed(this.#request, body)
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
    const request = { ...same, headers: { ...headers, ...length }, body }
    const signingDate = new Date(Date.now() + config.systemClockOffset)
    return signer.sign(request, { signingDate })
  }
}

/** Faster than to iterate over a stream that is one piece as a rule. */
function textOf(stream: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.setEncoding('utf8')
    stream.on('data', (piece: string) => (text += piece))
    stream.once('end', () => resolve(text))
    stream.once('error', reject)
    // A connection that breaks off: whatever came is not the answer.
    stream.once('close', () => reject(new Error('the reply broke off')))
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
