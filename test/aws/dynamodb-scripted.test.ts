/** What no emulator does: keys that come back unprocessed, time to live, other people's errors. */
import * as assert from 'uvu/assert'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import { systemClock } from '../../src/time/clock.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'
import type { Script, ScriptedKinesis } from './scripted-kinesis.ts'
import { failure, startScriptedKinesis } from './scripted-kinesis.ts'

const test = suite('a table in a DynamoDB that does as it is told')

let scripted: ScriptedKinesis

test.before(async () => {
  scripted = await startScriptedKinesis()
})

test.after(() => scripted.close())

test('waits longer and longer before it asks again for keys that were not processed', async () => {
  const clock = new FakeClock()
  const askedAt: number[] = []
  const key = { pk: { S: 'a' }, sk: { S: 'b' } }
  scripted.play(() => {
    askedAt.push(clock.monotonicMillis())
    const done = askedAt.length > 4
    return {
      body: {
        Responses: { counts: done ? [key] : [] },
        UnprocessedKeys: done ? {} : { counts: { Keys: [key], ConsistentRead: true } },
      },
    }
  })
  const table = new DynamodbTable(scripted.dynamodb, 'counts', { clock, random: () => 1 })
  let found: unknown
  const reading = table.getMany([{ pk: 'a', sk: 'b' }]).then((items) => (found = items))
  while (found === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    if (clock.sleepers > 0) await clock.advanceUntil(() => clock.sleepers === 0, 10_000)
  }
  await reading
  assert.equal(found, [{ pk: 'a', sk: 'b' }])
  const waits = askedAt.slice(1).map((at, i) => at - askedAt[i])
  assert.equal(waits, [50, 100, 200, 400])
})

/** A table that is there, with time to live as given; what was switched on is noted. */
function tableWith(timeToLive: string, switched: unknown[]): Script {
  return (operation, input) => {
    switch (operation) {
      case 'DescribeTable':
        return { body: { Table: { TableStatus: 'ACTIVE', KeySchema: KEYS } } }
      case 'DescribeTimeToLive':
        return { body: { TimeToLiveDescription: { TimeToLiveStatus: timeToLive } } }
      case 'UpdateTimeToLive':
        switched.push(input.TimeToLiveSpecification)
        return { body: {} }
      default:
        return failure('UnknownOperationException', operation)
    }
  }
}

const KEYS = [
  { AttributeName: 'pk', KeyType: 'HASH' },
  { AttributeName: 'sk', KeyType: 'RANGE' },
]

test('gets its time to live from the init that follows one that was cut off', async () => {
  for (const [status, expected] of [
    ['DISABLED', [{ AttributeName: 'expiresAt', Enabled: true }]],
    ['ENABLING', []],
    ['ENABLED', []],
  ] as const) {
    const switched: unknown[] = []
    scripted.play(tableWith(status, switched))
    assert.is(await ensureCountsTable(scripted.dynamodb, 'counts', systemClock), 'found')
    assert.equal(switched, [...expected], status)
  }
})

test('does without time to live where nobody knows of it, and not where it is refused', async () => {
  const refusing =
    (name: string): Script =>
    (operation, input) =>
      operation === 'UpdateTimeToLive' ? failure(name) : tableWith('DISABLED', [])(operation, input)
  scripted.play(refusing('UnknownOperationException'))
  assert.is(await ensureCountsTable(scripted.dynamodb, 'counts', systemClock), 'found')
  scripted.play(refusing('AccessDeniedException'))
  await ensureCountsTable(scripted.dynamodb, 'counts', systemClock).then(
    () => assert.unreachable(),
    (error: unknown) => assert.match(String(error), /DynamoDB table counts: got AccessDenied/),
  )
})

test.run()
