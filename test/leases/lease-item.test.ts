import * as assert from 'uvu/assert'
import type { StoredItem } from '../../src/leases/lease-item.ts'
import { leaseFromItem, leaseToItem } from '../../src/leases/lease-item.ts'
import { suite } from '../support/suite.ts'
import { GOLDEN_ROWS, goldenRow } from './golden-rows.ts'

const test = suite('a lease row')

for (const { what, lease, row } of GOLDEN_ROWS) {
  test(`${what} is written as KCL writes it`, () => {
    assert.equal(leaseToItem(lease), row)
  })

  test(`${what} is read as what it was`, () => {
    assert.equal(leaseFromItem(row), lease)
  })
}

const [{ row: fresh, lease: freshLease }] = GOLDEN_ROWS

test('is no lease when its entity type is another one', () => {
  for (const entityType of [
    'STREAM',
    'LEADER',
    'WORKER_METRIC_STATS',
    'CLIENT_VERSION_MIGRATION',
  ]) {
    const row = { leaseKey: { S: 'Leader' }, entityType: { S: entityType } }
    assert.is(leaseFromItem(row), undefined)
  }
  assert.is(leaseFromItem({ ...fresh, entityType: { N: '1' } }), undefined)
})

test('is a lease without an entity type, as KCL before 3.5 wrote it', () => {
  const row = Object.fromEntries(Object.entries(fresh).filter(([name]) => name !== 'entityType'))
  assert.equal(leaseFromItem(row), freshLease)
})

test('is read without what older KCLs did not know', () => {
  const row: StoredItem = {
    leaseKey: { S: 'shardId-000000000003' },
    leaseCounter: { N: '5' },
    checkpoint: { S: 'TRIM_HORIZON' },
  }
  const lease = leaseFromItem(row)
  assert.is(lease?.startingHashKey, undefined)
  assert.equal(lease?.parentShardIds, [])
  assert.is(lease?.ownerSwitchesSinceCheckpoint, 0)
})

test('is read when its pending state is the number that KCL writes there by mistake', () => {
  const [, , { lease: prepared }] = GOLDEN_ROWS
  const row = goldenRow('the same as PutItem creates it')
  assert.ok(row.pendingCheckpointState?.N, 'a number')
  assert.equal(leaseFromItem(row), { ...prepared, pendingCheckpointState: undefined })
})

test('is read when it has attributes nobody here knows', () => {
  assert.equal(leaseFromItem({ ...fresh, someday: { SS: ['x'] } }), freshLease)
})

test('is refused, by key and attribute, without a usable counter or checkpoint', () => {
  const broken: [StoredItem, RegExp][] = [
    [{ ...fresh, leaseCounter: {} }, /"shardId-000000000003": got leaseCounter \{\}/],
    [
      { ...fresh, leaseCounter: { N: '1.5' } },
      /leaseCounter \{"N":"1.5"\}, expected a whole number/,
    ],
    [{ ...fresh, checkpoint: { S: 'latest' } }, /checkpoint \{"S":"latest"\}/],
    [{ leaseKey: { S: 'x' } }, /Lease row "x": got leaseCounter missing/],
  ]
  for (const [row, message] of broken) assert.throws(() => leaseFromItem(row), message)
})

test.run()
