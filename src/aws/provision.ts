/** Makes and removes the stream and the tables; everything here may be repeated. */
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTableCommand,
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
import { HailstreamError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'
import { errorName, serviceError } from './service-error.ts'

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
  return translated(`Kinesis stream ${name}`, async () => {
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
  return translated(`Kinesis stream ${name}`, async () => {
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
  customEndpoint: boolean,
): Promise<'made' | 'found'> {
  return translated(`DynamoDB table ${name}`, async () => {
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
    if (outcome === 'made') {
      const ttl = new UpdateTimeToLiveCommand({
        TableName: name,
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      })
      // No emulator has it; on AWS a failure is a failure.
      await client.send(ttl).catch((error: unknown) => {
        if (!customEndpoint) throw error
      })
    }
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

export async function deleteTable(
  client: DynamoDBClient,
  name: string,
  clock: Clock,
): Promise<'deleted' | 'absent'> {
  return translated(`DynamoDB table ${name}`, async () => {
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
  return translated('DynamoDB', async () => {
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

async function translated<T>(subject: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw serviceError(error, subject, { code: 'STREAM', fix: 'Run `hailstream init`.' })
  }
}
