/**
 * GetRecords without the SDK's own reading of the reply: it checks every record's base64 with a
 * regular expression and revives the JSON, which takes more than counting the trips does
 * (docs/performance.md). Its `base64Decoder` option would do, but its JSON protocol does not ask it
 * (@smithy/core 3, JsonShapeDeserializer). All else is the SDK's: endpoint, signature, retries,
 * errors.
 */
import { isAscii } from 'node:buffer'
import { GetRecordsCommand } from '@aws-sdk/client-kinesis'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import type { KinesisRecord, ReadReply } from '../kinesis/kinesis-port.ts'
import type { Slices } from '../time/slices.ts'

/** API_GetRecords in docs.aws.amazon.com/kinesis/latest/APIReference; times in seconds. */
interface Reply {
  MillisBehindLatest?: number
  NextShardIterator?: string | null
  Records?: {
    ApproximateArrivalTimestamp?: number
    Data?: string
    PartitionKey?: string
    SequenceNumber?: string
  }[]
}

interface HttpReply {
  statusCode: number
  body: AsyncIterable<Uint8Array>
}

export async function getRecords(
  client: KinesisClient,
  iterator: string,
  limit: number,
  slices: Slices,
): Promise<ReadReply> {
  const command = new GetRecordsCommand({ ShardIterator: iterator, Limit: limit })
  let reply: Reply = {}
  command.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      const { response } = result
      // What is not a reply to us is the SDK's to tell.
      if (isReply(response)) {
        const bytes = await bytesOf(response.body)
        // The replies of all shards may come in the same turn.
        while (slices.over) await slices.pause()
        reply = JSON.parse(textOf(bytes)) as Reply
        return { ...result, response: { ...response, body: Buffer.from('{}') } }
      }
      return result
    },
    // Last of its step: what comes back from here is what the SDK's own would read.
    { name: 'readRecords', step: 'deserialize', priority: 'low' },
  )
  await client.send(command)
  const { Records = [], NextShardIterator, MillisBehindLatest } = reply
  return {
    records: Records.map(recordFrom),
    ...(typeof NextShardIterator === 'string' && { nextIterator: NextShardIterator }),
    millisBehindLatest: MillisBehindLatest ?? 0,
  }
}

function recordFrom(record: NonNullable<Reply['Records']>[number]): KinesisRecord {
  return {
    sequenceNumber: record.SequenceNumber ?? '0',
    partitionKey: record.PartitionKey ?? '',
    data: Buffer.from(record.Data ?? '', 'base64'),
    arrivalTime: Math.round((record.ApproximateArrivalTimestamp ?? 0) * 1000),
  }
}

function isReply(response: unknown): response is HttpReply {
  return (
    typeof response === 'object' &&
    response !== null &&
    'statusCode' in response &&
    response.statusCode === 200 &&
    'body' in response
  )
}

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Only a partition key can be other than ASCII, and hardly ever is. */
function textOf(bytes: Buffer): string {
  return bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')
}
