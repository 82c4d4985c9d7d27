/**
 * PutRecords with a body of our own: the SDK writes base64 byte by byte in JavaScript, into a buffer
 * that grows by doubling (@smithy/core 3, JsonShapeSerializer2), which takes more than making the
 * aggregates does (docs/performance.md). It goes the short way; what fails is the SDK's to try again
 * and to say.
 */
import { PutRecordsCommand } from '@aws-sdk/client-kinesis'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { PutEntry } from '../kinesis/kinesis-port.ts'
import { ShortWay } from './short-way.ts'

/** What became of a record; null in a reply that the SDK has not read stands for nothing. */
export interface PutResult {
  SequenceNumber?: string | null | undefined
  ShardId?: string | null | undefined
  ErrorCode?: string | null | undefined
}

export class PutRecords {
  readonly #client: KinesisClient
  readonly #streamName: string
  readonly #short: ShortWay

  constructor(client: KinesisClient, streamName: string) {
    this.#client = client
    this.#streamName = streamName
    this.#short = new ShortWay(client, 'Kinesis_20131202.PutRecords')
  }

  /** Rejects with the errors of the SDK. */
  async send(entries: readonly PutEntry[]): Promise<readonly PutResult[]> {
    const body = bodyOf(this.#streamName, entries)
    const answer = await this.#short.call(body)
    const reply: unknown = answer?.status === 200 ? JSON.parse(answer.text) : undefined
    return isReply(reply) ? reply.Records : this.#bySdk(body)
  }

  async #bySdk(body: Uint8Array): Promise<readonly PutResult[]> {
    const command = new PutRecordsCommand({ StreamName: this.#streamName, Records: [] })
    command.middlewareStack.add(
      (next) => (args) => {
        if (!hasBody(args.request)) throw new TypeError('PutRecords: got a request without a body')
        args.request.body = body
        return next(args)
      },
      // First of its step: after the SDK's own body was made, before it is measured and signed.
      { name: 'writeRecords', step: 'build', priority: 'high' },
    )
    const { Records = [] } = await this.#client.send(command)
    return Records
  }
}

/** API_PutRecords in docs.aws.amazon.com/kinesis/latest/APIReference. */
function bodyOf(streamName: string, entries: readonly PutEntry[]): Buffer {
  const heads = entries.map(
    ({ partitionKey }) => `{"PartitionKey":${JSON.stringify(partitionKey)},"Data":"`,
  )
  const start = `{"StreamName":${JSON.stringify(streamName)},"Records":[`
  let most = Buffer.byteLength(start) + END.length
  for (const [i, { data }] of entries.entries()) {
    most += Buffer.byteLength(heads[i]) + base64Length(data.length) + AFTER_DATA.length
  }
  const body = Buffer.allocUnsafe(most)
  let at = body.write(start)
  for (const [i, { data }] of entries.entries()) {
    at += body.write(heads[i], at)
    const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64')
    at += body.write(text, at, 'latin1')
    at += body.write(i + 1 < entries.length ? AFTER_DATA : AFTER_LAST, at)
  }
  at += body.write(END, at)
  return body.subarray(0, at)
}

const AFTER_DATA = '"},'
const AFTER_LAST = '"}'
const END = ']}'

function base64Length(bytes: number): number {
  return Math.ceil(bytes / 3) * 4
}

function hasBody(request: unknown): request is { body: unknown } {
  return typeof request === 'object' && request !== null && 'body' in request
}

function isReply(reply: unknown): reply is { Records: readonly PutResult[] } {
  return (
    typeof reply === 'object' &&
    reply !== null &&
    'Records' in reply &&
    Array.isArray(reply.Records)
  )
}
