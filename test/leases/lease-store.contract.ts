import * as assert from 'uvu/assert'
import { SHARD_END, TRIM_HORIZON } from '../../src/kinesis/sequence-number.ts'
import type { Lease } from '../../src/leases/lease.ts'
import { checkpointed, evicted, renewed, taken, withChildren } from '../../src/leases/lease.ts'
import type { LeaseStore } from '../../src/leases/lease-store.ts'
import type { Suite } from '../support/suite.ts'
import { at, LATER_SEQUENCE_NUMBER, lease, SEQUENCE_NUMBER } from './leases.ts'

/** What every lease store does; `empty` gives a store without rows. */
export function leaseStoreContract(test: Suite, empty: () => Promise<LeaseStore>): void {
  const withRow = async (row: Lease): Promise<LeaseStore> => {
    const store = await empty()
    assert.is(await store.create(row), 'ok')
    return store
  }
  const onlyRow = async (store: LeaseStore): Promise<Lease> => {
    const rows = await store.list()
    assert.is(rows.length, 1)
    return rows[0]
  }
  const fresh = lease('A', { parentShardIds: ['Y', 'Z'] })
  const owned = lease('A', { leaseOwner: 'me', leaseCounter: 7, ownerSwitchesSinceCheckpoint: 2 })
  const prepared = {
    ...owned,
    pendingCheckpoint: at(LATER_SEQUENCE_NUMBER, 3),
    pendingCheckpointState: new Uint8Array([9]),
  }
  const handedOver = lease('A', { leaseOwner: 'new', leaseCounter: 7, checkpointOwner: 'me' })

  test('lists nothing when it is empty', async () => {
    assert.equal(await (await empty()).list(), [])
  })

  for (const row of [fresh, owned, prepared, handedOver]) {
    test(`gives back what was created: counter ${row.leaseCounter}, ${row.leaseOwner}`, async () => {
      assert.equal(await onlyRow(await withRow(row)), row)
    })
  }

  test('creates a lease once and leaves the first as it is', async () => {
    const store = await withRow(owned)
    assert.is(await store.create(fresh), 'exists')
    assert.equal(await onlyRow(store), owned)
  })

  test('renews a lease whose counter is the expected one', async () => {
    const store = await withRow(owned)
    assert.is(await store.renew(owned), 'ok')
    assert.equal(await onlyRow(store), renewed(owned))
  })

  test('takes a renewal whose reply was lost for done, and does it once', async () => {
    const store = await withRow(owned)
    await store.renew(owned)
    assert.is(await store.renew(owned), 'ok')
    assert.equal(await onlyRow(store), renewed(owned))
  })

  test('refuses to renew after two renewals of another process, or when the row is gone', async () => {
    const store = await withRow(renewed(renewed(owned)))
    assert.is(await store.renew(owned), 'lost')
    assert.equal(await onlyRow(store), renewed(renewed(owned)))
    assert.is(await (await empty()).renew(owned), 'lost')
  })

  test('refuses to renew what another worker has taken', async () => {
    const store = await withRow(owned)
    assert.is(await store.take(owned, 'thief'), 'ok')
    assert.is(await store.renew(owned), 'lost')
    assert.equal(await onlyRow(store), taken(owned, 'thief'))
  })

  test('refuses to renew once a hand-over has begun, though the counter is the same', async () => {
    const store = await withRow({ ...owned, leaseOwner: 'new', checkpointOwner: 'me' })
    assert.is(await store.renew(owned), 'lost')
    assert.is((await onlyRow(store)).leaseCounter, 7)
  })

  test('gives a lease that nobody owns to the taker, and counts no switch', async () => {
    const store = await withRow(fresh)
    assert.is(await store.take(fresh, 'me'), 'ok')
    assert.equal(await onlyRow(store), { ...fresh, leaseOwner: 'me', leaseCounter: 1 })
  })

  test('gives an owned lease to the taker, and counts a switch', async () => {
    const store = await withRow(owned)
    assert.is(await store.take(owned, 'thief'), 'ok')
    const row = await onlyRow(store)
    assert.equal(row, taken(owned, 'thief'))
    assert.is(row.ownerSwitchesSinceCheckpoint, 3)
  })

  test('ends a hand-over when the lease is taken', async () => {
    const store = await withRow(handedOver)
    assert.is(await store.take(handedOver, 'thief'), 'ok')
    assert.is((await onlyRow(store)).checkpointOwner, undefined)
  })

  test('refuses a take when the owner has renewed meanwhile', async () => {
    const store = await withRow(owned)
    await store.renew(owned)
    assert.is(await store.take(owned, 'thief'), 'lost')
    assert.equal(await onlyRow(store), renewed(owned))
  })

  test('takes a take whose reply was lost for done, and does it once', async () => {
    const store = await withRow(owned)
    await store.take(owned, 'thief')
    assert.is(await store.take(owned, 'thief'), 'ok')
    assert.equal(await onlyRow(store), taken(owned, 'thief'))
  })

  test('lets exactly one of many takers win', async () => {
    const store = await withRow(fresh)
    const takers = Array.from({ length: 20 }, (_, index) => `worker-${index}`)
    const outcomes = await Promise.all(takers.map((taker) => store.take(fresh, taker)))
    assert.is(outcomes.filter((outcome) => outcome === 'ok').length, 1)
    assert.is((await onlyRow(store)).leaseOwner, takers[outcomes.indexOf('ok')])
    assert.is((await onlyRow(store)).leaseCounter, 1)
  })

  test('removes the owner at an eviction and moves the counter', async () => {
    const store = await withRow(owned)
    assert.is(await store.evict(owned), 'ok')
    assert.equal(await onlyRow(store), evicted(owned))
    assert.is((await onlyRow(store)).leaseOwner, undefined)
  })

  test('evicts whatever the counter is, as long as the owner is the same', async () => {
    const store = await withRow(owned)
    await store.renew(owned)
    assert.is(await store.evict(owned), 'ok')
    assert.is((await onlyRow(store)).leaseCounter, 9)
  })

  test('refuses to evict another owner, a lease without one, or a row that is not there', async () => {
    const store = await withRow(taken(owned, 'thief'))
    assert.is(await store.evict(owned), 'lost')
    assert.is((await onlyRow(store)).leaseOwner, 'thief')
    assert.is(await (await withRow(fresh)).evict(owned), 'lost')
    const nothing = await empty()
    assert.is(await nothing.evict(owned), 'lost')
    assert.is(await nothing.evict(fresh), 'lost')
    assert.equal(await nothing.list(), [])
  })

  test('ends a hand-over at an eviction and leaves the new owner', async () => {
    const store = await withRow(handedOver)
    assert.is(await store.evict({ ...handedOver, checkpointOwner: undefined }), 'lost')
    assert.is(await store.evict(handedOver), 'ok')
    const row = await onlyRow(store)
    assert.equal(row, evicted(handedOver))
    assert.is(row.leaseOwner, 'new')
    assert.is(row.leaseCounter, 8)
  })

  test('moves the checkpoint, counts it as a renewal, and forgets switches and prepared ones', async () => {
    const store = await withRow(prepared)
    assert.is(await store.checkpoint(prepared, at(SEQUENCE_NUMBER, 4)), 'ok')
    const row = await onlyRow(store)
    assert.equal(row, checkpointed(prepared, at(SEQUENCE_NUMBER, 4)))
    assert.equal(row.checkpoint, at(SEQUENCE_NUMBER, 4))
    assert.is(row.leaseCounter, 8)
    assert.is(row.ownerSwitchesSinceCheckpoint, 0)
    assert.is(row.pendingCheckpoint, undefined)
    assert.is(row.pendingCheckpointState, undefined)
  })

  test('refuses a checkpoint of a worker whose lease was taken', async () => {
    const store = await withRow(owned)
    await store.take(owned, 'thief')
    assert.is(await store.checkpoint(owned, at(SEQUENCE_NUMBER)), 'lost')
    assert.equal((await onlyRow(store)).checkpoint, TRIM_HORIZON)
  })

  test('takes a checkpoint whose reply was lost for done, and does it once', async () => {
    const store = await withRow(owned)
    await store.checkpoint(owned, at(SEQUENCE_NUMBER))
    assert.is(await store.checkpoint(owned, at(SEQUENCE_NUMBER)), 'ok')
    assert.is((await onlyRow(store)).leaseCounter, 8)
  })

  test('does not take a renewal for a checkpoint', async () => {
    const store = await withRow(owned)
    await store.renew(owned)
    assert.is(await store.checkpoint(owned, at(SEQUENCE_NUMBER)), 'lost')
    assert.equal((await onlyRow(store)).checkpoint, TRIM_HORIZON)
  })

  test('stores the children together with the end of the shard', async () => {
    const store = await withRow(owned)
    const ending = withChildren(owned, ['C', 'B'])
    assert.is(await store.checkpoint(ending, SHARD_END), 'ok')
    assert.equal(await onlyRow(store), checkpointed(ending, SHARD_END))
    assert.equal((await onlyRow(store)).childShardIds, ['B', 'C'])
  })

  test('keeps the children it knows when a checkpoint brings none', async () => {
    const store = await withRow(withChildren(owned, ['B', 'C']))
    assert.is(await store.checkpoint(owned, at(SEQUENCE_NUMBER)), 'ok')
    assert.equal((await onlyRow(store)).childShardIds, ['B', 'C'])
  })

  test('adds children without moving the counter, and only to a row that is there', async () => {
    const store = await withRow(owned)
    assert.is(await store.addChildren('A', ['B', 'C']), 'ok')
    assert.equal(await onlyRow(store), withChildren(owned, ['B', 'C']))
    assert.is(await store.addChildren('X', ['B', 'C']), 'lost')
    assert.is((await store.list()).length, 1)
  })

  test('removes a row, and does not mind when there is none', async () => {
    const store = await withRow(owned)
    await store.remove('B')
    assert.is((await store.list()).length, 1)
    await store.remove('A')
    await store.remove('A')
    assert.equal(await store.list(), [])
  })
}
