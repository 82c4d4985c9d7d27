import * as assert from 'uvu/assert'
import { HeldLeases } from '../../src/leases/held-leases.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'
import { lease } from './leases.ts'

const test = suite('held leases')

const mine = lease('A', { leaseOwner: 'me', leaseCounter: 7 })

/** What becomes of a held lease when a scan shows `row`. */
function seen(row: Partial<typeof mine> | undefined): string {
  const events: string[] = []
  const held = new HeldLeases({
    store: new MemoryLeaseStore(),
    clock: new FakeClock(),
    workerId: 'me',
    failoverTimeMillis: 10_000,
    onLost: (leaseKey) => events.push(leaseKey),
    onEvent: (event) => {
      if (event.type === 'lost') events.push(event.reason)
    },
  })
  held.add(mine, 0)
  held.compareWith(new Map(row === undefined ? [] : [['A', { ...mine, ...row }]]))
  assert.is(held.keys().has('A'), events.length === 0)
  return events.join(' ')
}

test('stay held when a scan shows them as they are, or with a renewal that is under way', () => {
  assert.is(seen({}), '')
  assert.is(seen({ leaseCounter: 8 }), '')
})

test('stay held when a scan shows their row as it was before they were taken', () => {
  assert.is(seen({ leaseCounter: 6, leaseOwner: 'before' }), '')
  assert.is(seen({ leaseCounter: 6, leaseOwner: undefined }), '')
})

test('are lost when a scan shows another owner, or none', () => {
  assert.is(seen({ leaseCounter: 8, leaseOwner: 'thief' }), 'taken A')
  assert.is(seen({ leaseCounter: 8, leaseOwner: undefined }), 'taken A')
})

test('are lost when a hand-over begins, which leaves the counter', () => {
  assert.is(seen({ leaseOwner: 'java', checkpointOwner: 'me' }), 'handed over A')
})

test('are lost when their row is gone', () => {
  assert.is(seen(undefined), 'gone A')
})

test.run()
