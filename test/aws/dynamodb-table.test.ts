import * as assert from 'uvu/assert'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { deleteTable, ensureCountsTable, listTables } from '../../src/aws/provision.ts'
import type { Condition, Item, Value } from '../../src/counts/table-port.ts'
import { grows, holds } from '../../src/counts/table-port.ts'
import { HailstreamError } from '../../src/errors.ts'
import { systemClock } from '../../src/time/clock.ts'
import { suite } from '../support/suite.ts'
import type { InProcessDynamodb } from './in-process-dynamodb.ts'
import { startDynamodb } from './in-process-dynamodb.ts'
import { decidesAsHolds } from './random-conditions.ts'

const test = suite('a counts table in DynamoDB')

let dynamodb: InProcessDynamodb
let table: DynamodbTable

test.before(async () => {
  dynamodb = await startDynamodb()
  await ensureCountsTable(dynamodb.client, 'counts', systemClock)
  table = new DynamodbTable(dynamodb.client, 'counts')
})

test.after(() => dynamodb.close())

async function collect(pages: AsyncIterable<Item[]>): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of pages) items.push(...page)
  return items
}

test('is made once, found again, listed and deleted', async () => {
  const { client } = dynamodb
  assert.is(await ensureCountsTable(client, 'other', systemClock), 'made')
  assert.is(await ensureCountsTable(client, 'other', systemClock), 'found')
  assert.equal(await listTables(client, 'o'), ['other'])
  assert.is(await deleteTable(client, 'other', systemClock), 'deleted')
  assert.is(await deleteTable(client, 'other', systemClock), 'absent')
  assert.equal(await listTables(client, 'o'), [])
})

test('gives back what was put, type for type', async () => {
  const item: Item = {
    pk: 'types',
    sk: 'a',
    empty: '',
    text: 'Zürich 🚕',
    number: -12.5,
    large: 2 ** 53 - 1,
    yes: true,
    nothing: null,
    bytes: Uint8Array.of(0, 1, 255),
    list: [1, 'two', [], { three: 3 }],
    map: { '2016-01-01 #?': { deep: [null] }, empty: {} },
  }
  assert.is(await table.put(item), 'ok')
  assert.equal(await table.get({ pk: 'types', sk: 'a' }), item)
  assert.is(await table.get({ pk: 'types', sk: 'b' }), undefined)
})

test('refuses a number that DynamoDB has no way to write', async () => {
  for (const number of [NaN, Infinity, -Infinity]) {
    let error: unknown
    await table.put({ pk: 'types', sk: 'x', list: [number] }).catch((cause: unknown) => {
      error = cause
    })
    assert.match(String(error), `got ${number}, expected a number`)
  }
  assert.is(await table.get({ pk: 'types', sk: 'x' }), undefined)
})

test('replaces an item whole, and deletes it', async () => {
  await table.put({ pk: 'whole', sk: 'a', old: 1 })
  await table.put({ pk: 'whole', sk: 'a', new: 2 })
  assert.equal(await table.get({ pk: 'whole', sk: 'a' }), { pk: 'whole', sk: 'a', new: 2 })
  await table.delete({ pk: 'whole', sk: 'a' })
  await table.delete({ pk: 'whole', sk: 'a' })
  assert.is(await table.get({ pk: 'whole', sk: 'a' }), undefined)
})

test('gets many more items than one call may ask for', async () => {
  const keys = Array.from({ length: 130 }, (_, i) => ({ pk: `many${i % 7}`, sk: `s${i}` }))
  await Promise.all(keys.slice(0, 115).map((key, i) => table.put({ ...key, i })))
  const found = await table.getMany(keys)
  assert.is(found.length, 115)
  const sum = found.reduce((total, { i }) => total + Number(i), 0)
  assert.is(sum, (114 * 115) / 2)
  assert.equal(await table.getMany([]), [])
})

test('queries a range with both ends, page after page, in order', async () => {
  const blob = 'x'.repeat(200_000)
  const hours = Array.from({ length: 12 }, (_, i) => `2016-01-01T${String(i).padStart(2, '0')}`)
  for (const sk of hours) await table.put({ pk: 'range', sk, blob })
  await table.put({ pk: 'range2', sk: hours[3] })
  const query = async (range?: { from?: string; to?: string }): Promise<string[]> =>
    (await table.query('range', range)).map(({ sk }) => sk)
  assert.equal(await query(), hours)
  assert.equal(await query({ from: hours[4] }), hours.slice(4))
  assert.equal(await query({ to: hours[4] }), hours.slice(0, 5))
  assert.equal(await query({ from: hours[2], to: hours[4] }), hours.slice(2, 5))
  assert.equal(await query({ from: '2016-01-02' }), [])
})

test('scans by prefix, with all attributes or some', async () => {
  for (const pk of ['scan#1', 'scan#2', 'scam']) await table.put({ pk, sk: 's', seq: pk, more: 1 })
  const all = await collect(table.scan('scan#'))
  assert.equal(all.map(({ pk }) => pk).sort(), ['scan#1', 'scan#2'])
  assert.is(all[0].more, 1)
  const some = await collect(table.scan('scan#', ['seq']))
  assert.equal(Object.keys(some[0]).sort(), ['pk', 'seq', 'sk'])
  const keys = await collect(table.scan('scan#', []))
  assert.equal(Object.keys(keys[0]).sort(), ['pk', 'sk'])
})

test('writes under a condition or not at all', async () => {
  const key = { pk: 'condition', sk: 'a' }
  assert.is(await table.put({ ...key, seq: '02' }, grows('seq', '02')), 'ok')
  assert.is(await table.put({ ...key, seq: '02' }, grows('seq', '02')), 'refused')
  assert.is(await table.put({ ...key, seq: '01' }, grows('seq', '01')), 'refused')
  assert.is((await table.get(key))?.seq, '02')
  assert.is(await table.put({ ...key, seq: '03' }, grows('seq', '03')), 'ok')
})

test('takes a value of another type for none at all', async () => {
  const pairs: [Value, string | number][] = [
    ['0', 1],
    [0, '1'],
    ['', 1],
    [null, 1],
    [false, 1],
    [[0], 1],
    [0, 1],
    ['0', '1'],
    ['10', '9'],
    [10, 9],
  ]
  for (const [there, value] of pairs) {
    const item = { pk: 'types', sk: JSON.stringify([there, value]), there }
    await table.put(item)
    const condition: Condition = { kind: 'below', attribute: 'there', value }
    const outcome = await table.put({ pk: item.pk, sk: item.sk }, condition)
    assert.is(outcome, holds(condition, item) ? 'ok' : 'refused', item.sk)
  }
})

test('decides conditions as `holds` does, whatever they are made of', () =>
  decidesAsHolds(table, 140))

test('names an item that is too large', async () => {
  const item = { pk: 'hour#g#r', sk: '2016-01-01T00', text: 'x'.repeat(400 * 1024) }
  await table.put(item).then(
    () => assert.unreachable(),
    (error: unknown) => {
      assert.ok(error instanceof HailstreamError && error.code === 'ITEM_SIZE')
      assert.match(error.message, /, item hour#g#r 2016-01-01T00: got an item that is too large/)
    },
  )
})

test('says what to do where there is no such table', async () => {
  const missing = new DynamodbTable(dynamodb.client, 'nowhere')
  const key = { pk: 'a', sk: 'b' }
  for (const call of [
    () => missing.get(key),
    () => missing.getMany([key]),
    () => missing.query('a'),
    () => missing.put(key),
    () => missing.delete(key),
    () => collect(missing.scan('a')),
  ]) {
    await call().then(
      () => assert.unreachable(),
      (error: unknown) => {
        assert.ok(error instanceof Error)
        assert.is(
          error.message,
          'DynamoDB table nowhere: got nothing of that name, expected one. ' +
            'Run `hailstream init`, or name another table with --table.',
        )
      },
    )
  }
})

test.run()
