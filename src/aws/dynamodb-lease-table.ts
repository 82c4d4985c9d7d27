import type { DynamoDBClient, TableDescription } from '@aws-sdk/client-dynamodb'
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb'
import { HailstreamError } from '../errors.ts'
import type { Clock } from '../time/clock.ts'

/** An emulator takes no time, AWS some 10 s. */
const FIRST_POLL_MILLIS = 25
const MAX_POLL_MILLIS = 1_000
/** KCL's own patience. */
const PATIENCE_MILLIS = 600_000

/**
 * Creates the lease table if there is none and waits until it is active. A table that is there is
 * used as it is, also without the index (KCL before 3.0), as long as its key is `leaseKey`.
 */
export async function ensureLeaseTable(options: {
  client: DynamoDBClient
  tableName: string
  clock: Clock
}): Promise<void> {
  const { client, tableName, clock } = options
  const startedAt = clock.monotonicMillis()
  let pollMillis = FIRST_POLL_MILLIS
  let table = (await describe(client, tableName)) ?? (await create(client, tableName))
  while (table?.TableStatus !== 'ACTIVE' && table?.TableStatus !== 'UPDATING') {
    if (
      clock.monotonicMillis() - startedAt > PATIENCE_MILLIS ||
      table?.TableStatus === 'DELETING'
    ) {
      throw new HailstreamError('TABLE', {
        subject: `Lease table ${tableName}`,
        got: `status ${table?.TableStatus ?? 'missing'}`,
        expected: 'ACTIVE',
        fix: 'Try again when the table is gone or active.',
      })
    }
    await clock.sleep(pollMillis)
    pollMillis = Math.min(MAX_POLL_MILLIS, pollMillis * 2)
    table = await describe(client, tableName)
  }
  const key = (table.KeySchema ?? []).map((part) => part.AttributeName).join(' + ')
  if (key !== 'leaseKey') {
    throw new HailstreamError('TABLE', {
      subject: `Lease table ${tableName}`,
      got: `key ${key}`,
      expected: 'key leaseKey',
      fix: 'Give --application a name that no other table has.',
    })
  }
}

async function describe(
  client: DynamoDBClient,
  tableName: string,
): Promise<TableDescription | undefined> {
  try {
    return (await client.send(new DescribeTableCommand({ TableName: tableName }))).Table
  } catch (thrown) {
    if (thrown instanceof ResourceNotFoundException) return undefined
    throw thrown
  }
}

/**
 * KCL adds its index with UpdateTable when it first starts; declared at once, a Java worker finds it
 * there and need not wait for it.
 */
async function create(
  client: DynamoDBClient,
  tableName: string,
): Promise<TableDescription | undefined> {
  try {
    const { TableDescription: table } = await client.send(
      new CreateTableCommand({
        TableName: tableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'leaseKey', AttributeType: 'S' },
          { AttributeName: 'leaseOwner', AttributeType: 'S' },
        ],
        KeySchema: [{ AttributeName: 'leaseKey', KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: 'LeaseOwnerToLeaseKeyIndex',
            KeySchema: [
              { AttributeName: 'leaseOwner', KeyType: 'HASH' },
              { AttributeName: 'leaseKey', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    )
    return table
  } catch (thrown) {
    // Another worker was faster.
    if (thrown instanceof ResourceInUseException) return undefined
    throw thrown
  }
}
