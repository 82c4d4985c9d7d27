import { once } from 'node:events'
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb'
import dynalite from 'dynalite'
import * as assert from 'uvu/assert'
import { DynamoDBLeaseStore } from '../../src/aws/dynamodb-lease-store.ts'
import { HailstreamError } from '../../src/errors.ts'
import { SHARD_END } from '../../src/kinesis/sequence-number.ts'
import { checkpointed, renewed, taken, withChildren } from '../../src/leases/lease.ts'
import { leaseToItem } from '../../src/leases/lease-item.ts'
import { systemClock } from '../../src/time/clock.ts'
import { GOLDEN_ROWS } from '../leases/golden-rows.ts'
import { leaseStoreContract } from '../leases/lease-store.contract.ts'
import { at, lease, SEQUENCE_NUMBER } from '../leases/leases.ts'
import { suite } from '../support/suite.ts'

const test = suite('a lease store in DynamoDB')

const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
let client: DynamoDBClient
let tables = 0

test.before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  client = clientOf(server.address())
})

test.after(async () => {
  client.destroy()
  await new Promise((resolve) => server.close(resolve))
})

function clientOf(address: ReturnType<typeof server.address>, maxAttempts = 1): DynamoDBClient {
  const port = typeof address === 'object' ? address?.port : undefined
  return new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
    maxAttempts,
  })
}

async function emptyTable(): Promise<{ store: DynamoDBLeaseStore; tableName: string }> {
  const tableName = `leases-${tables++}`
  const store = new DynamoDBLeaseStore({ client, tableName, clock: systemClock })
  await store.ensureTable()
  return { store, tableName }
}

async function rawRow(
  tableName: string,
  leaseKey: string,
): Promise<Record<string, AttributeValue> | undefined> {
  const Key = { leaseKey: { S: leaseKey } }
  const command = new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true })
  return (await client.send(command)).Item
}

async function refusal(work: Promise<unknown>): Promise<HailstreamError> {
  try {
    await work
  } catch (error) {
    if (error instanceof HailstreamError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** One table for the whole contract: making one takes longer than all that is done with it. */
let shared: DynamoDBLeaseStore | undefined
leaseStoreContract(test, async () => {
  const store = (shared ??= (await emptyTable()).store)
  for (const { leaseKey } of await store.list()) await store.remove(leaseKey)
  return store
})

for (const { what, lease: golden, row } of GOLDEN_ROWS) {
  test(`${what} stands in the table as KCL writes it`, async () => {
    const { store, tableName } = await emptyTable()
    await store.create(golden)
    assert.equal(await rawRow(tableName, golden.leaseKey), row)
    assert.equal(await store.list(), [golden])
  })
}

test('leaves a row of KCL types behind every update', async () => {
  const { store, tableName } = await emptyTable()
  const fresh = lease('A', { parentShardIds: ['P'] })
  await store.create(fresh)
  await store.take(fresh, 'w1')
  const first = taken(fresh, 'w1')
  assert.equal(await rawRow(tableName, 'A'), leaseToItem(first))
  await store.take(first, 'w2')
  const second = taken(first, 'w2')
  assert.equal(await rawRow(tableName, 'A'), leaseToItem(second))
  await store.renew(second)
  const third = renewed(second)
  assert.equal(await rawRow(tableName, 'A'), leaseToItem(third))
  await store.checkpoint(third, at(SEQUENCE_NUMBER))
  const fourth = checkpointed(third, at(SEQUENCE_NUMBER))
  assert.equal(await rawRow(tableName, 'A'), leaseToItem(fourth))
  const ending = withChildren(fourth, ['B', 'C'])
  await store.checkpoint(ending, SHARD_END)
  const row = await rawRow(tableName, 'A')
  assert.equal(row, leaseToItem(checkpointed(ending, SHARD_END)))
  assert.equal(row?.leaseCounter, { N: '5' })
  assert.equal(row?.childShardIds, { SS: ['B', 'C'] })
})

test('preserves attributes it does not know in every update', async () => {
  const { store, tableName } = await emptyTable()
  const owned = lease('A', { leaseOwner: 'me', leaseCounter: 1 })
  const Item = { ...leaseToItem(owned), someday: { SS: ['x', 'y'] }, throughputKBps: { N: '3.25' } }
  await client.send(new PutItemCommand({ TableName: tableName, Item }))
  assert.is(await store.renew(owned), 'ok')
  assert.is(await store.checkpoint(renewed(owned), at(SEQUENCE_NUMBER)), 'ok')
  assert.is(await store.addChildren('A', ['B']), 'ok')
  assert.is(await store.evict(owned), 'ok')
  const row = await rawRow(tableName, 'A')
  assert.equal(row?.someday, { SS: ['x', 'y'] })
  assert.equal(row?.throughputKBps, { N: '3.25' })
})

test('leaves rows of other kinds out of the list', async () => {
  const { store, tableName } = await emptyTable()
  await store.create(lease('A'))
  for (const entityType of ['LEADER', 'WORKER_METRIC_STATS', 'STREAM']) {
    const Item = { leaseKey: { S: entityType }, entityType: { S: entityType } }
    await client.send(new PutItemCommand({ TableName: tableName, Item }))
  }
  assert.equal(await store.list(), [lease('A')])
})

test('lists every page of a large table', async () => {
  const { store, tableName } = await emptyTable()
  const padding = { S: 'x'.repeat(300_000) }
  const keys = Array.from({ length: 9 }, (_, index) => `shard-${index}`)
  for (const key of keys) {
    const Item = { ...leaseToItem(lease(key)), padding }
    await client.send(new PutItemCommand({ TableName: tableName, Item }))
  }
  const listed = (await store.list()).map(({ leaseKey }) => leaseKey)
  assert.equal(listed.sort(), keys)
})

test("makes the table with KCL's key and index, on demand", async () => {
  const { tableName } = await emptyTable()
  const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }))
  assert.equal(Table?.KeySchema, [{ AttributeName: 'leaseKey', KeyType: 'HASH' }])
  assert.is(Table?.BillingModeSummary?.BillingMode, 'PAY_PER_REQUEST')
  assert.is(Table?.GlobalSecondaryIndexes?.length, 1)
  const index = Table?.GlobalSecondaryIndexes?.[0]
  assert.is(index?.IndexName, 'LeaseOwnerToLeaseKeyIndex')
  assert.equal(index?.KeySchema, [
    { AttributeName: 'leaseOwner', KeyType: 'HASH' },
    { AttributeName: 'leaseKey', KeyType: 'RANGE' },
  ])
  assert.equal(index?.Projection, { ProjectionType: 'KEYS_ONLY' })
  const types = (Table?.AttributeDefinitions ?? []).map(
    ({ AttributeName, AttributeType }) => `${AttributeName} ${AttributeType}`,
  )
  assert.equal(types.sort(), ['leaseKey S', 'leaseOwner S'])
})

test('makes the table once, however many workers start together', async () => {
  const tableName = `leases-${tables++}`
  const stores = Array.from(
    { length: 5 },
    () => new DynamoDBLeaseStore({ client, tableName, clock: systemClock }),
  )
  await Promise.all(stores.map((store) => store.ensureTable()))
  await stores[0].create(lease('A'))
  await stores[1].ensureTable()
  assert.equal(await stores[2].list(), [lease('A')])
})

test('refuses a table with another key', async () => {
  const tableName = `other-${tables++}`
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
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
  const store = new DynamoDBLeaseStore({ client, tableName, clock: systemClock })
  const error = await refusal(store.ensureTable())
  assert.is(error.code, 'TABLE')
  assert.match(error.message, `${tableName}: got key pk + sk, expected key leaseKey.`)
})

test('says that the table is gone', async () => {
  const store = new DynamoDBLeaseStore({ client, tableName: 'nowhere', clock: systemClock })
  for (const work of [store.list(), store.renew(lease('A')), store.remove('A')]) {
    const error = await refusal(work)
    assert.is(error.code, 'TABLE')
    assert.not(error.retryable)
  }
})

test('says that nothing answers, and that it may be tried again', async () => {
  const nobody = new DynamoDBClient({
    endpoint: 'http://127.0.0.1:1',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIDLOCAL', secretAccessKey: 'local' },
    maxAttempts: 1,
  })
  const store = new DynamoDBLeaseStore({ client: nobody, tableName: 'x', clock: systemClock })
  const error = await refusal(store.list())
  assert.is(error.code, 'ENDPOINT')
  assert.ok(error.retryable)
  nobody.destroy()
})

test('recognises its own writes when the SDK repeats them after a lost reply', async () => {
  const { tableName } = await emptyTable()
  const retrying = clientOf(server.address(), 3)
  let repliesToLose = 0
  retrying.middlewareStack.add(
    (next) => async (args) => {
      const reply = await next(args)
      if (repliesToLose-- > 0) throw Object.assign(new Error('lost'), { name: 'TimeoutError' })
      return reply
    },
    { step: 'deserialize', priority: 'high' },
  )
  const store = new DynamoDBLeaseStore({ client: retrying, tableName, clock: systemClock })
  const losing = async <T>(write: () => Promise<T>): Promise<T> => {
    repliesToLose = 1
    const outcome = await write()
    assert.ok(repliesToLose <= 0, 'no reply was lost')
    return outcome
  }
  const fresh = lease('A')
  assert.is(await losing(() => store.create(fresh)), 'exists')
  assert.is(await losing(() => store.take(fresh, 'me')), 'ok')
  const owned = taken(fresh, 'me')
  assert.is(await losing(() => store.renew(owned)), 'ok')
  assert.is(await losing(() => store.checkpoint(renewed(owned), at(SEQUENCE_NUMBER))), 'ok')
  assert.equal(await store.list(), [checkpointed(renewed(owned), at(SEQUENCE_NUMBER))])
  retrying.destroy()
})

test.run()
