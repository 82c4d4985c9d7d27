import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KinesisClient } from '@aws-sdk/client-kinesis'
import * as assert from 'uvu/assert'
import { createClients } from '../../src/aws/clients.ts'
import { suite } from '../support/suite.ts'

const test = suite('the clients of AWS')

const logs = (client: DynamoDBClient | KinesisClient): boolean =>
  client.middlewareStack.identify().some((name) => name.startsWith('loggerMiddleware'))

test('copy nothing for a log that nobody keeps', () => {
  const region = 'us-east-1'
  const clients = createClients({ AWS_REGION: region })
  assert.equal([logs(clients.kinesis), logs(clients.dynamodb)], [false, false])
  clients.destroy()
  // That is what they would do, by a middleware of this name.
  for (const client of [new KinesisClient({ region }), new DynamoDBClient({ region })]) {
    assert.ok(logs(client))
    client.destroy()
  }
})

test.run()
