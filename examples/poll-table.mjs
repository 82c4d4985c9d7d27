// Polls the counts table with the AWS SDK for JavaScript: node examples/poll-table.mjs [TABLE]
// Region, credentials and, for an emulator, AWS_ENDPOINT_URL_DYNAMODB come from the environment.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from '@aws-sdk/lib-dynamodb'

const TableName = process.argv[2] ?? 'hailstream-counts'
const table = DynamoDBDocumentClient.from(new DynamoDBClient({}))

async function get(pk, sk) {
  return (await table.send(new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true })))
    .Item
}

async function query(pk, options = {}) {
  const command = new QueryCommand({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': pk },
    ConsistentRead: true,
    ...options,
  })
  return (await table.send(command)).Items ?? []
}

const current = await get('current', 'current').catch((error) => {
  console.error(`${TableName}: ${error.name}: ${error.message}`)
  process.exit(1)
})
if (current === undefined) {
  console.error(`Nothing is counted in ${TableName} yet.`)
  process.exit(1)
}
const { generation: G, run: R } = current
console.log('current', G, R)

const { names = [], ids = [] } = (await get('generation', G)) ?? {}
console.log('generation', ids.length, 'districts', ids[0] ?? '', names[0] ?? '')

const status = await get(`status#${G}#${R}`, 'status')
console.log('status', 'asOf', status?.asOf, 'trips', status?.trips, 'complete', status?.complete)

// A window that workers do not write (count --rolling) is not there.
const rolling = await get(`rolling#${G}#${R}`, '15m')
console.log('rolling', rolling?.from, rolling?.to, 'pickups', rolling?.all.pickups)

const routes = await get(`rolling#${G}#${R}`, 'routes-30m')
for (const { origin, destination, trips } of routes?.routes ?? []) {
  console.log('route', origin, destination, trips)
}

const hours = await query(`hour#${G}#${R}`, { ScanIndexForward: false, Limit: 3 })
for (const { sk, all, final } of hours) {
  console.log('hour', sk, 'pickups', all.pickups, 'dropoffs', all.dropoffs, 'final', final)
}

const days = await query(`day#${G}#${R}`, { ScanIndexForward: false, Limit: 1 })
for (const { sk, all } of days) console.log('day', sk, 'pickups', all.pickups, 'fare', all.fare)

for (const { sk, state } of await query('run')) console.log('run', sk, state)
