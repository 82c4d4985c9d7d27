/**
 * The short way of a PutItem. What lies between a call of the SDK and its request costs three times
 * what the request does (docs/performance.md), and a sparse file is tens of thousands of small puts.
 * So the first put into a table goes the SDK's way and is watched; those after it go where it went,
 * with the SDK's own credentials, signature and connections. Only an answer that says how the put
 * ended counts: after anything else the SDK makes the put again, with its retries and errors.
 */
import { Readable } from 'node:stream'
import { PutItemCommand } from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient, PutItemCommandInput } from '@aws-sdk/client-dynamodb'

type Signer = Awaited<ReturnType<DynamoDBClient['config']['signer']>>
type Request = Parameters<Signer['sign']>[0]

/** Headers that are the same for every put; the others tell of one call. */
const SAME = new Set(['content-type', 'host', 'user-agent', 'x-amz-target'])
const REFUSED = /"__type":"[^"]*ConditionalCheckFailedException"/

export class ShortPut {
  readonly #client: DynamoDBClient
  #request: Request | undefined

  constructor(client: DynamoDBClient) {
    this.#client = client
  }

  /** The SDK's way; rejects as it does. Where the first one goes is remembered. */
  async long(input: PutItemCommandInput): Promise<void> {
    const put = new PutItemCommand(input)
    if (this.#request !== undefined) {
      await this.#client.send(put)
      return
    }
    let seen: Request | undefined
    put.middlewareStack.add(
      (next) => (args) => {
        if (isRequest(args.request)) seen = args.request
        return next(args)
      },
      { name: 'watchPut', step: 'finalizeRequest', priority: 'low' },
    )
    // With options: otherwise the SDK keeps the steps of this command for all those to come.
    await this.#client.send(put, {})
    if (seen === undefined) return
    const same = Object.entries(seen.headers).filter(([name]) => SAME.has(name))
    this.#request = { ...seen, headers: Object.fromEntries(same) }
  }

  /** `body`: the input as JSON. Undefined when it is not known whether the put happened. */
  async short(body: string): Promise<'ok' | 'refused' | undefined> {
    if (this.#request === undefined) return undefined
    try {
      const reply: unknown = await this.#client.config.requestHandler.handle(
        await this.#signed(this.#request, body),
      )
      if (!isReply(reply)) return undefined
      const { statusCode, body: answer } = reply.response
      const text = await textOf(answer)
      if (statusCode === 200) return 'ok'
      return statusCode === 400 && REFUSED.test(text) ? 'refused' : undefined
    } catch {
      return undefined
    }
  }

  async #signed({ headers, ...request }: Request, body: string): Promise<Request> {
    const { signer, systemClockOffset } = this.#client.config
    const signature = await signer()
    const signingDate = new Date(Date.now() + systemClockOffset)
    const length = { 'content-length': String(Buffer.byteLength(body)) }
    return signature.sign({ ...request, headers: { ...headers, ...length }, body }, { signingDate })
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
