import { connect } from 'node:net'
import {
  CreateTableCommand,
  DescribeTableCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis'
import type { LocalPair } from '../../localstack/local-pair.ts'
import { isRunning } from '../runner/process-group.ts'
import { eventually } from './eventually.ts'

const SHARD = 'shardId-000000000000'

/** A stream of one shard; resolves when it is active. */
export async function createStream(kinesis: KinesisClient, name: string): Promise<void> {
  await kinesis.send(new CreateStreamCommand({ StreamName: name, ShardCount: 1 }))
  await eventually(`stream ${name} to be active`, async () => {
    const { StreamDescriptionSummary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: name }),
    )
    return StreamDescriptionSummary?.StreamStatus === 'ACTIVE'
  })
}

export async function putText(kinesis: KinesisClient, stream: string, text: string): Promise<void> {
  const Data = Buffer.from(text)
  await kinesis.send(new PutRecordCommand({ StreamName: stream, PartitionKey: 'p', Data }))
}

/** What the stream's shard holds, from its beginning. */
export async function readTexts(kinesis: KinesisClient, stream: string): Promise<string[]> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: SHARD,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  )
  const { Records = [] } = await kinesis.send(new GetRecordsCommand({ ShardIterator }))
  return Records.map(({ Data = new Uint8Array() }) => Buffer.from(Data).toString('utf8'))
}

/** A table of items that have nothing but a string `pk`; resolves when it is active. */
export async function createTable(dynamodb: DynamoDBClient, name: string): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  )
  await eventually(`table ${name} to be active`, async () => {
    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName: name }))
    return Table?.TableStatus === 'ACTIVE'
  })
}

/** Fails when the item is there already. */
export function putOnce(dynamodb: DynamoDBClient, table: string, pk: string): Promise<unknown> {
  return dynamodb.send(
    new PutItemCommand({
      TableName: table,
      Item: { pk: { S: pk } },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  )
}

/** True when something listens there. */
export function accepts(endpoint: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(endpoint).port) })
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** True when neither process runs and neither port is open. */
export async function isGone(
  pair: Pick<LocalPair, 'pids' | 'kinesisEndpoint' | 'dynamodbEndpoint'>,
): Promise<boolean> {
  return (
    !pair.pids.some(isRunning) &&
    !(await accepts(pair.kinesisEndpoint)) &&
    !(await accepts(pair.dynamodbEndpoint))
  )
}
