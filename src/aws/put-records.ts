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
  /** Memory of bodies that were answered. New memory for each keeps the garbage collector busy. */
  readonly #spare: Buffer[] = []

  constructor(client: KinesisClient, streamName: string) {
    this.#client = client
    this.#streamName = streamName
    this.#short = new ShortWay(client, 'Kinesis_20131202.PutRecords')
  }

  /** Rejects with the errors of the SDK. */
  async send(entries: readonly PutEntry[]): Promise<readonly PutResult[]> {
    const memory = this.#memoryFor(mostBytes(this.#streamName, entries))
    const body = writeBody(this.#streamName, entries, memory)
    const answer = await this.#short.call(body)
    const reply: unknown = answer?.status === 200 ? JSON.parse(answer.text) : undefined
    if (!isReply(reply)) return this.#bySdk(body)
    // Kinesis has all of it: nobody reads it any more.
    if (this.#spare.length < MOST_SPARE) this.#spare.push(memory)
    return reply.Records
  }

  #memoryFor(bytes: number): Buffer {
    const spare = this.#spare.pop()
    return spare !== undefined && spare.length >= bytes ? spare : Buffer.allocUnsafeSlow(bytes)
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
function writeBody(streamName: string, entries: readonly PutEntry[], body: Buffer): Buffer {
  let at = body.write(startOf(streamName))
  for (const [i, { partitionKey, data }] of entries.entries()) {
    at += body.write(headOf(partitionKey), at)
    const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('base64')
    at += body.write(text, at, 'latin1')
    at += body.write(i + 1 < entries.length ? AFTER_DATA : AFTER_LAST, at)
  }
  at += body.write(END, at)
  return body.subarray(0, at)
}

/** The bytes of a body, or a few more. */
function mostBytes(streamName: string, entries: readonly PutEntry[]): number {
  let most = Buffer.byteLength(startOf(streamName)) + END.length
  for (const { partitionKey, data } of entries) {
    most += Buffer.byteLength(headOf(partitionKey)) + base64Length(data.length) + AFTER_DATA.length
  }
  return most
}

const startOf = (streamName: string): string =>
  `{"StreamName":${JSON.stringify(streamName)},"Records":[`
const headOf = (partitionKey: string): string =>
  `{"PartitionKey":${JSON.stringify(partitionKey)},"Data":"`

/** As many puts as are under way at once, at most; a few megabytes. */
const MOST_SPARE = 8
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
