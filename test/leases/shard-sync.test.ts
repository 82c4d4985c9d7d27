import * as assert from 'uvu/assert'
import type { Shard } from '../../src/kinesis/shard.ts'
import { LATEST, SHARD_END, TRIM_HORIZON } from '../../src/kinesis/sequence-number.ts'
import type { Lease } from '../../src/leases/lease.ts'
import { newLease } from '../../src/leases/lease.ts'
import type { InitialPosition } from '../../src/leases/shard-sync.ts'
import { planShardSync } from '../../src/leases/shard-sync.ts'
import { suite } from '../support/suite.ts'
import { at, SEQUENCE_NUMBER } from './leases.ts'
import { mergedStream, openShards, shard, splitStream, splitThenMergedStream } from './shards.ts'

const test = suite('shard sync')

/** Waves of `key:checkpoint`. */
function created(
  shards: Shard[],
  leases: Lease[],
  initialPosition: InitialPosition = 'TRIM_HORIZON',
): string[][] {
  return planShardSync(shards, leases, initialPosition).create.map((wave) =>
    wave.map(({ leaseKey, checkpoint }) => `${leaseKey}:${checkpoint.sequenceNumber}`),
  )
}

function removed(shards: Shard[], leases: Lease[]): string[] {
  return planShardSync(shards, leases, 'TRIM_HORIZON').remove
}

const find = (shards: Shard[], shardId: string): Shard => {
  const found = shards.find((candidate) => candidate.shardId === shardId)
  if (found === undefined) throw new Error(`no ${shardId}`)
  return found
}
const begun = (one: Shard): Lease => newLease(one, at(SEQUENCE_NUMBER))
const fresh = (one: Shard): Lease => newLease(one, TRIM_HORIZON)
const finished = (one: Shard): Lease => newLease(one, SHARD_END)

// --- an empty table

test('leases every open shard of a stream without history', () => {
  const shards = openShards(3)
  for (const position of ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] as const) {
    const all = shards.map(({ shardId }) => `${shardId}:${position}`)
    assert.equal(created(shards, [], position), [all])
  }
})

test('makes leases that know their shard', () => {
  const [wave] = planShardSync([shard('C', { parents: ['B', 'A'] })], [], 'LATEST').create
  assert.equal(wave, [
    {
      leaseKey: 'C',
      leaseOwner: undefined,
      leaseCounter: 0,
      ownerSwitchesSinceCheckpoint: 0,
      checkpoint: LATEST,
      pendingCheckpoint: undefined,
      pendingCheckpointState: undefined,
      parentShardIds: ['A', 'B'],
      childShardIds: [],
      startingHashKey: '0',
      endingHashKey: '340282366920938463463374607431768211455',
      throughputKBps: undefined,
      checkpointOwner: undefined,
    },
  ])
})

test('from TRIM_HORIZON leases closed shards too, parents in an earlier wave', () => {
  assert.equal(created(splitThenMergedStream().reverse(), []), [
    ['A:TRIM_HORIZON'],
    ['C:TRIM_HORIZON', 'B:TRIM_HORIZON'],
    ['D:TRIM_HORIZON'],
  ])
})

test('from AT_TIMESTAMP leases closed shards too: the time may lie in any of them', () => {
  assert.equal(created(splitStream(), [], 'AT_TIMESTAMP'), [
    ['A:AT_TIMESTAMP'],
    ['B:AT_TIMESTAMP', 'C:AT_TIMESTAMP'],
  ])
})

test('from LATEST leases the open shards only', () => {
  assert.equal(created(splitStream(), [], 'LATEST'), [['B:LATEST', 'C:LATEST']])
  assert.equal(created(splitThenMergedStream(), [], 'LATEST'), [['D:LATEST']])
})

test('leases the children of a parent that was trimmed away', () => {
  const [, b, c] = splitStream()
  assert.equal(created([b, c], []), [['B:TRIM_HORIZON', 'C:TRIM_HORIZON']])
})

test('creates nothing for a stream that lists nothing', () => {
  assert.equal(planShardSync([], [], 'LATEST'), { create: [], addChildren: [], remove: [] })
})

// --- a table with leases

test('changes nothing while every shard has its lease', () => {
  for (const shards of [splitStream(), mergedStream(), splitThenMergedStream()]) {
    assert.equal(created(shards, shards.map(begun)), [])
    assert.equal(created(shards, shards.map(begun), 'LATEST'), [])
  }
})

for (const position of ['TRIM_HORIZON', 'LATEST'] as const) {
  test(`reads the children of a split from their first record, started from ${position}`, () => {
    const shards = splitStream()
    for (const parent of [fresh(shards[0]), begun(shards[0]), finished(shards[0])]) {
      assert.equal(created(shards, [parent], position), [['B:TRIM_HORIZON', 'C:TRIM_HORIZON']])
    }
  })

  test(`reads the child of a merge from its first record, started from ${position}`, () => {
    const shards = mergedStream()
    const parents = [finished(shards[0]), begun(shards[1])]
    assert.equal(created(shards, parents, position), [['C:TRIM_HORIZON']])
  })

  test(`catches up with a split that was merged since, started from ${position}`, () => {
    const shards = splitThenMergedStream()
    assert.equal(created(shards, [begun(shards[0])], position), [
      ['B:TRIM_HORIZON', 'C:TRIM_HORIZON'],
      ['D:TRIM_HORIZON'],
    ])
  })
}

test('leaves children at AT_TIMESTAMP when the application started from a time', () => {
  const shards = splitStream()
  assert.equal(created(shards, [begun(shards[0])], 'AT_TIMESTAMP'), [
    ['B:AT_TIMESTAMP', 'C:AT_TIMESTAMP'],
  ])
})

test('completes a first start that was cut off, from TRIM_HORIZON', () => {
  const shards = splitStream()
  assert.equal(created(shards, [fresh(shards[0]), fresh(shards[1])]), [['C:TRIM_HORIZON']])
  const open = openShards(3)
  assert.equal(created(open, [fresh(open[1])]), [
    ['shard-000:TRIM_HORIZON', 'shard-002:TRIM_HORIZON'],
  ])
})

test('completes a first start that was cut off, from LATEST', () => {
  const open = openShards(3)
  const first = newLease(open[1], LATEST)
  assert.equal(created(open, [first], 'LATEST'), [['shard-000:LATEST', 'shard-002:LATEST']])
  const [a, b, c] = splitStream()
  assert.equal(created([a, b, c], [newLease(b, LATEST)], 'LATEST'), [['C:LATEST']])
})

test('does not lease again what was finished and removed', () => {
  const shards = splitThenMergedStream()
  for (const position of ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] as const) {
    assert.equal(created(shards, [begun(shards[3])], position), [])
    assert.equal(created(shards, [finished(shards[1]), begun(shards[3])], position), [])
    assert.equal(created(splitStream(), [begun(shards[1]), begun(shards[2])], position), [])
  }
})

test('does not lease what was closed before an application started from LATEST', () => {
  const [a, b, c, d] = splitThenMergedStream()
  const reopened = { ...c }
  delete reopened.endingSequenceNumber
  assert.equal(created([a, b, c, d], [newLease(d, LATEST)], 'LATEST'), [])
  // C was open when the application started, B and A were not.
  assert.equal(created([a, b, reopened], [newLease(reopened, LATEST)], 'LATEST'), [])
})

test('reads from its first record a shard whose parent was trimmed away unleased', () => {
  // A was leased; while nobody ran, it was split into B and C, B into D and E; A and B are gone.
  const leases = [begun(shard('A'))]
  const shards = [
    shard('C', { parents: ['A'], range: [40, 100] }),
    shard('D', { parents: ['B'], range: [0, 20] }),
    shard('E', { parents: ['B'], range: [20, 40] }),
  ]
  assert.equal(created(shards, leases, 'LATEST'), [
    ['C:TRIM_HORIZON', 'D:TRIM_HORIZON', 'E:TRIM_HORIZON'],
  ])
})

test('knows by lineage what comes after a lease without hash keys', () => {
  const old = { ...begun(shard('A')), startingHashKey: undefined, endingHashKey: undefined }
  const [, b, c] = splitStream()
  const d = shard('D', { parents: ['B'], range: [0, 40] })
  assert.equal(created([b, c, d], [old], 'LATEST'), [
    ['B:TRIM_HORIZON', 'C:TRIM_HORIZON'],
    ['D:TRIM_HORIZON'],
  ])
})

// --- children of finished leases

test('names the children of a finished lease that does not know them', () => {
  const shards = splitStream()
  const plan = planShardSync(shards, shards.map(finished), 'TRIM_HORIZON')
  assert.equal(plan.addChildren, [{ leaseKey: 'A', childShardIds: ['B', 'C'] }])
  const known = { ...finished(shards[0]), childShardIds: ['B', 'C'] }
  assert.equal(planShardSync(shards, [known], 'TRIM_HORIZON').addChildren, [])
  assert.equal(planShardSync(shards, [begun(shards[0])], 'TRIM_HORIZON').addChildren, [])
})

// --- removal

test('removes a finished parent when all of its children have begun', () => {
  const shards = splitStream()
  const [a, b, c] = shards
  assert.equal(removed(shards, [finished(a), begun(b), begun(c)]), ['A'])
  assert.equal(removed(shards, [finished(a), begun(b), finished(c)]), ['A'])
})

test('keeps a finished parent while a child has not begun, or has no lease yet', () => {
  const shards = splitStream()
  const [a, b, c] = shards
  assert.equal(removed(shards, [finished(a), begun(b), fresh(c)]), [])
  assert.equal(removed(shards, [finished(a), begun(b), newLease(c, LATEST)]), [])
  assert.equal(removed(shards, [finished(a), begun(b)]), [])
  assert.equal(removed(shards, [finished(a)]), [])
})

test('keeps a parent that is not finished, whatever its children say', () => {
  const shards = splitStream()
  const [a, b, c] = shards
  assert.equal(removed(shards, [begun(a), begun(b), begun(c)]), [])
})

test('keeps a finished lease while the lease of its own parent is there', () => {
  const shards = splitThenMergedStream()
  const [a, b, c, d] = shards
  assert.equal(removed(shards, [finished(a), finished(b), finished(c), begun(d)]), ['A'])
  assert.equal(removed(shards, [finished(b), finished(c), begun(d)]), ['B', 'C'])
})

test('keeps both parents of a merge until the child has begun', () => {
  const shards = mergedStream()
  const [a, b, c] = shards
  assert.equal(removed(shards, [finished(a), finished(b), fresh(c)]), [])
  assert.equal(removed(shards, [finished(a), begun(b), begun(c)]), ['A'])
  assert.equal(removed(shards, [finished(a), finished(b), begun(c)]), ['A', 'B'])
})

test('keeps a finished lease whose children it names but nobody lists yet', () => {
  const [a] = splitStream()
  const lease = { ...finished(a), childShardIds: ['B', 'C'] }
  assert.equal(removed([a], [lease]), [])
  assert.equal(removed([a], [finished(a)]), [])
})

test('removes a finished lease when shard and children were trimmed away', () => {
  const [a, b] = splitThenMergedStream()
  const d = shard('D', { parents: ['B', 'C'] })
  assert.equal(removed([d], [{ ...finished(a), childShardIds: ['B', 'C'] }, begun(d)]), ['A'])
  assert.equal(removed([d], [finished(b), begun(d)]), ['B'])
  assert.equal(removed([openShards(1)[0]], [finished(a)]), ['A'])
})

test('goes from a leased parent to its leased grandchildren without a step that loses a range', () => {
  const shards = splitThenMergedStream()
  let leases: Lease[] = []
  const step = (): string[] => {
    const plan = planShardSync(shards, leases, 'TRIM_HORIZON')
    leases = [...leases, ...plan.create.flat()].filter(
      ({ leaseKey }) => !plan.remove.includes(leaseKey),
    )
    return leases.map(({ leaseKey }) => leaseKey).sort()
  }
  const mark = (leaseKey: string, make: (one: Shard) => Lease): void => {
    leases = leases.map((one) => (one.leaseKey === leaseKey ? make(find(shards, leaseKey)) : one))
  }
  assert.equal(step(), ['A', 'B', 'C', 'D'])
  mark('A', finished)
  assert.equal(step(), ['A', 'B', 'C', 'D'])
  mark('B', begun)
  assert.equal(step(), ['A', 'B', 'C', 'D'])
  mark('C', begun)
  assert.equal(step(), ['B', 'C', 'D'])
  mark('B', finished)
  mark('C', finished)
  assert.equal(step(), ['B', 'C', 'D'])
  mark('D', begun)
  assert.equal(step(), ['D'])
  assert.equal(step(), ['D'])
})

test.run()
