/**
 * A second opinion on conditions from another DynamoDB than the embedded one, AWS's own DynamoDB
 * Local for one: `HAILSTREAM_WITNESS_DYNAMODB=http://127.0.0.1:8000`. It gets a table and loses it.
 */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { deleteTable, ensureCountsTable } from '../../src/aws/provision.ts'
import { systemClock } from '../../src/time/clock.ts'
import { suite } from '../support/suite.ts'
import { decidesAsHolds } from './random-conditions.ts'

const endpoint = process.env.HAILSTREAM_WITNESS_DYNAMODB
const name = `witness-${process.pid}`

const test = suite('another DynamoDB', { timeoutMillis: 60_000 })
const withEndpoint = test.skipUnless(
  endpoint !== undefined,
  'needs HAILSTREAM_WITNESS_DYNAMODB, the endpoint of one',
)

withEndpoint('decides conditions as `holds` does', async () => {
  const client = new DynamoDBClient({
    ...(endpoint !== undefined && { endpoint }),
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
  })
  try {
    await ensureCountsTable(client, name, systemClock)
    await decidesAsHolds(new DynamodbTable(client, name), 1_000)
  } finally {
    await deleteTable(client, name, systemClock)
    client.destroy()
  }
})

test.run()
