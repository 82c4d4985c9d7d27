/** Makes and removes the stream and the tables; everything here may be repeated. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTablesCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb'
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
} from '@aws-sdk/client-kinesis'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { EXPIRES_AT } from '../counts/keys.ts'
import { HailstreamError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import { Resource } from './resource.ts'
import { errorName } from './service-error.ts'

const POLL_MILLIS = 250
const PATIENCE_MILLIS = 600_000

export type ShardPlan = { kind: 'provisioned'; shards: number } | { kind: 'on-demand' }

/** `made` or `found`, once the stream is active. */
export async function ensureStream(
  client: KinesisClient,
  name: string,
  plan: ShardPlan,
  clock: Clock,
): Promise<'made' | 'found'> {
  return stream(name).call(async () => {
    let outcome: 'made' | 'found' = 'found'
    await until(clock, `Kinesis stream ${name}`, async () => {
      return (await streamStatus(client, name)) !== 'DELETING'
    })
    if ((await streamStatus(client, name)) === undefined) {
      outcome = 'made'
      await client
        .send(
          new CreateStreamCommand({
            StreamName: name,
            ...(plan.kind === 'provisioned'
              ? { ShardCount: plan.shards }
              : { StreamModeDetails: { StreamMode: 'ON_DEMAND' } }),
          }),
        )
        .catch(ignore('ResourceInUseException'))
    }
    await until(clock, `Kinesis stream ${name}`, async () => {
      return (await streamStatus(client, name)) === 'ACTIVE'
    })
    return outcome
  })
}

/** Waits until the stream is gone, so that its name is free again. */
export async function deleteStream(
  client: KinesisClient,
  name: string,
  clock: Clock,
): Promise<'deleted' | 'absent'> {
  return stream(name).call(async () => {
    if ((await streamStatus(client, name)) === undefined) return 'absent'
    await client
      .send(new DeleteStreamCommand({ StreamName: name, EnforceConsumerDeletion: true }))
      .catch(ignore('ResourceNotFoundException'))
    await until(clock, `Kinesis stream ${name}`, async () => {
      return (await streamStatus(client, name)) === undefined
    })
    return 'deleted'
  })
}

async function streamStatus(client: KinesisClient, name: string): Promise<string | undefined> {
  try {
    const reply = await client.send(new DescribeStreamSummaryCommand({ StreamName: name }))
    return reply.StreamDescriptionSummary?.StreamStatus
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return undefined
    throw error
  }
}

/** The counts table: `pk` + `sk`, on demand, `expiresAt` as time to live where that exists. */
export async function ensureCountsTable(
  client: DynamoDBClient,
  name: string,
  clock: Clock,
): Promise<'made' | 'found'> {
  return table(name).call(async () => {
    let outcome: 'made' | 'found' = 'found'
    await until(clock, `DynamoDB table ${name}`, async () => {
      return (await tableStatus(client, name)) !== 'DELETING'
    })
    if ((await tableStatus(client, name)) === undefined) {
      outcome = 'made'
      await client
        .send(
          new CreateTableCommand({
            TableName: name,
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [
              { AttributeName: 'pk', AttributeType: 'S' },
              { AttributeName: 'sk', AttributeType: 'S' },
            ],
            KeySchema: [
              { AttributeName: 'pk', KeyType: 'HASH' },
              { AttributeName: 'sk', KeyType: 'RANGE' },
            ],
          }),
        )
        .catch(ignore('ResourceInUseException'))
    }
    await until(clock, `DynamoDB table ${name}`, async () => {
      return (await tableStatus(client, name)) === 'ACTIVE'
    })
    if (outcome === 'found') await checkKeys(client, name)
    await expire(client, name)
    return outcome
  })
}

/** Somebody else's table of that name is not written to. */
async function checkKeys(client: DynamoDBClient, name: string): Promise<void> {
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: name }))
  const keys = (table?.KeySchema ?? []).map((key) => key.AttributeName)
  if (keys.join(' ') === 'pk sk') return
  throw new HailstreamError('TABLE', {
    subject: `DynamoDB table ${name}`,
    got: `a table with the key ${keys.join(' + ')}`,
    expected: 'one with pk + sk',
    fix: 'It is not a counts table of hailstream: name another with --table.',
  })
}

/**
 * Looked after every time: an earlier `init` may have been cut off in between. An emulator that does
 * not know of it keeps everything.
 */
async function expire(client: DynamoDBClient, name: string): Promise<void> {
  const timeToLive = async (): Promise<void> => {
    const reply = await client.send(new DescribeTimeToLiveCommand({ TableName: name }))
    if (reply.TimeToLiveDescription?.TimeToLiveStatus !== 'DISABLED') return
    const TimeToLiveSpecification = { AttributeName: EXPIRES_AT, Enabled: true }
    await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }))
  }
  await timeToLive().catch(ignore('UnknownOperationException'))
}

export async function deleteTable(
  client: DynamoDBClient,
  name: string,
  clock: Clock,
): Promise<'deleted' | 'absent'> {
  return table(name).call(async () => {
    if ((await tableStatus(client, name)) === undefined) return 'absent'
    await client
      .send(new DeleteTableCommand({ TableName: name }))
      .catch(ignore('ResourceNotFoundException'))
    await until(clock, `DynamoDB table ${name}`, async () => {
      return (await tableStatus(client, name)) === undefined
    })
    return 'deleted'
  })
}

/** Names of the tables that begin with `prefix`. */
export async function listTables(client: DynamoDBClient, prefix: string): Promise<string[]> {
  return new Resource('DynamoDB', MISSING).call(async () => {
    const names: string[] = []
    let start: string | undefined
    do {
      const page = await client.send(
        new ListTablesCommand(start === undefined ? {} : { ExclusiveStartTableName: start }),
      )
      names.push(...(page.TableNames ?? []).filter((name) => name.startsWith(prefix)))
      start = page.LastEvaluatedTableName
    } while (start !== undefined)
    return names
  })
}

async function tableStatus(client: DynamoDBClient, name: string): Promise<string | undefined> {
  try {
    const reply = await client.send(new DescribeTableCommand({ TableName: name }))
    return reply.Table?.TableStatus
  } catch (error) {
    if (errorName(error) === 'ResourceNotFoundException') return undefined
    throw error
  }
}

async function until(clock: Clock, subject: string, done: () => Promise<boolean>): Promise<void> {
  const deadline = clock.monotonicMillis() + PATIENCE_MILLIS
  while (!(await done())) {
    if (clock.monotonicMillis() > deadline) {
      throw new HailstreamError('ENDPOINT', {
        subject,
        got: `no change in ${PATIENCE_MILLIS / 60_000} minutes`,
        expected: 'it to be ready',
        fix: 'Look at it in the console, then repeat the command.',
      })
    }
    await clock.sleep(POLL_MILLIS)
  }
}

function ignore(name: string): (error: unknown) => void {
  return (error) => {
    if (errorName(error) !== name) throw error
  }
}

const MISSING = { code: 'STREAM', fix: 'Run `hailstream init`.' } as const

const stream = (name: string): Resource => new Resource(`Kinesis stream ${name}`, MISSING)
const table = (name: string): Resource => new Resource(`DynamoDB table ${name}`, MISSING)
