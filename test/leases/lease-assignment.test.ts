import * as assert from 'uvu/assert'
import type { Lease } from '../../src/leases/lease.ts'
import { taken } from '../../src/leases/lease.ts'
import type { LeaseView, Observations } from '../../src/leases/lease-assignment.ts'
import { observe, ownedByWorker, planAssignment } from '../../src/leases/lease-assignment.ts'
import { SHARD_END } from '../../src/kinesis/sequence-number.ts'
import { seededRandom } from '../../src/time/random.ts'
import { suite } from '../support/suite.ts'
import { lease } from './leases.ts'

const test = suite('lease assignment')

const FAILOVER = 10_000

/** `{ a: 2, b: 1 }` → leases a0 and a1 of a, b0 of b; `free` ones have no owner. */
function table(loads: Record<string, number>): Lease[] {
  return Object.entries(loads).flatMap(([owner, count]) =>
    Array.from({ length: count }, (_, index) =>
      lease(`${owner}${index}`, { leaseOwner: owner === 'free' ? undefined : owner }),
    ),
  )
}

function view(leases: Lease[], workerId: string, parts: Partial<LeaseView> = {}): LeaseView {
  return {
    leases,
    observations: observe(new Map(), leases, 0),
    held: heldBy(leases, workerId),
    workerId,
    now: 1_000,
    failoverTimeMillis: FAILOVER,
    ...parts,
  }
}

function heldBy(leases: readonly Lease[], workerId: string): Set<string> {
  return new Set(leases.filter((one) => one.leaseOwner === workerId).map((one) => one.leaseKey))
}

const plan = (of: LeaseView, seed = 1) => planAssignment(of, { random: seededRandom(seed) })
const keys = (leases: Lease[]): string[] => leases.map(({ leaseKey }) => leaseKey).sort()

/** loads, me → how many to take, how many to steal from whom. */
const TABLE: [
  what: string,
  loads: Record<string, number>,
  me: string,
  take: number,
  steal: string,
][] = [
  ['a first worker takes all', { free: 4 }, 'me', 4, ''],
  ['a second one takes its half of what is free', { other: 2, free: 6 }, 'me', 4, ''],
  ['and no more than its share', { me: 3, other: 2, free: 3 }, 'me', 1, ''],
  ['nothing, when others should have what is free', { me: 4, other: 2, free: 1 }, 'me', 0, ''],
  ['what is free comes before stealing', { other: 8, free: 1 }, 'me', 1, ''],
  ['one that joins steals half', { other: 10 }, 'me', 0, 'other×5'],
  ['half of an odd number, rounded up for the victim', { other: 9 }, 'me', 0, 'other×4'],
  ['one that joins two steals from both', { a: 6, b: 6 }, 'me', 0, 'a×2 b×2'],
  ['from the one that has most', { a: 7, b: 3, me: 2 }, 'me', 0, 'a×2'],
  ['never from a worker with one lease more', { me: 4, other: 5 }, 'me', 0, ''],
  ['4/3/3 is stable', { me: 3, a: 4, b: 3 }, 'me', 0, ''],
  ['3/4/3 is stable for the one that has most', { a: 3, me: 4, b: 3 }, 'me', 0, ''],
  ['two balanced workers never steal', { me: 5, other: 5 }, 'me', 0, ''],
  ['more workers than leases: the last stays idle', { a: 1, b: 1 }, 'me', 0, ''],
  ['the only lease is left where it is', { other: 1 }, 'me', 0, ''],
  ['two leases of one worker are shared', { other: 2 }, 'me', 0, 'other×1'],
  ['nothing to do with an empty table', {}, 'me', 0, ''],
]

for (const [what, loads, me, take, steal] of TABLE) {
  test(`${JSON.stringify(loads)}: ${what}`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const made = plan(view(table(loads), me), seed)
      assert.is(made.take.length, take)
      const victims = new Map<string, number>()
      for (const { leaseOwner = '' } of made.steal) {
        victims.set(leaseOwner, (victims.get(leaseOwner) ?? 0) + 1)
      }
      const stolen = [...victims].sort().map(([victim, count]) => `${victim}×${count}`)
      assert.is(stolen.join(' '), steal)
    }
  })
}

test('does not count finished leases, and takes none of them', () => {
  const done = table({ other: 6 }).map((one) => ({ ...one, checkpoint: SHARD_END }))
  const leases = [...done, lease('x', { leaseOwner: 'me' }), lease('y'), lease('z')]
  const made = plan(view(leases, 'me'))
  assert.equal(keys(made.take), ['y', 'z'])
  assert.equal([...ownedByWorker(view(leases, 'me')).keys()], ['me'])
})

test('takes nothing and steals nothing when only finished leases are left', () => {
  const leases = table({ other: 4, free: 2 }).map((one) => ({ ...one, checkpoint: SHARD_END }))
  assert.equal(plan(view(leases, 'me')), { take: [], steal: [] })
})

test('calls a lease expired only after its counter stood still for the fail-over time', () => {
  const leases = table({ other: 2 })
  const observations = observe(new Map(), leases, 5_000)
  const expired = (now: number) => keys(plan(view(leases, 'me', { observations, now })).take)
  assert.equal(expired(5_000 + FAILOVER), [])
  assert.equal(expired(5_000 + FAILOVER + 1), ['other0', 'other1'])
})

test('counts no time during which the counter was not seen, or was seen to move', () => {
  const [first] = table({ other: 1 })
  let observations: Observations = new Map()
  for (let now = 0; now <= 60_000; now += 5_000) {
    const leases = [{ ...first, leaseCounter: now / 5_000 }]
    observations = observe(observations, leases, now)
    assert.equal(plan(view(leases, 'me', { observations, now })), { take: [], steal: [] })
  }
  // The lease is not in the table once, then it is back with the counter it had.
  observations = observe(observations, [], 61_000)
  observations = observe(observations, [{ ...first, leaseCounter: 12 }], 62_000)
  assert.equal(observations.get('other0'), { leaseCounter: 12, since: 62_000 })
})

test('takes nothing for expired that it has never observed', () => {
  const leases = table({ other: 3 })
  const blank = view(leases, 'me', { observations: new Map(), now: 1e9 })
  assert.equal(plan(blank).take, [])
})

test('does not count a worker whose leases have all expired', () => {
  const leases = table({ dead: 4, me: 3, other: 3 })
  const observations = new Map(observe(new Map(), leases, 0))
  for (const { leaseKey, leaseOwner } of leases) {
    if (leaseOwner !== 'dead') observations.set(leaseKey, { leaseCounter: 0, since: 12_000 })
  }
  const made = plan(view(leases, 'me', { observations, now: 12_500 }))
  assert.is(made.take.length, 2)
  assert.ok(made.take.every((one) => one.leaseOwner === 'dead'))
})

test('never takes for expired what it holds itself', () => {
  const leases = table({ me: 3 })
  assert.equal(plan(view(leases, 'me', { now: 1e6 })), { take: [], steal: [] })
})

test('takes back at once what has its name but is not held: a take whose reply was lost', () => {
  const leases = table({ me: 2, other: 2 })
  const made = plan(view(leases, 'me', { held: new Set(['me0']) }))
  assert.equal(keys(made.take), ['me1'])
})

test('leaves a lease in the middle of a hand-over alone until that has expired', () => {
  const leases = [
    lease('x', { leaseOwner: 'me', checkpointOwner: 'old' }),
    lease('y', { leaseOwner: 'other', checkpointOwner: 'old' }),
    lease('z', { leaseOwner: 'other', checkpointOwner: 'old' }),
  ]
  const held = new Set<string>()
  assert.equal(plan(view(leases, 'me', { held })), { take: [], steal: [] })
  const later = plan(view(leases, 'me', { held, now: FAILOVER + 1 }))
  assert.equal(keys(later.take), ['x', 'y', 'z'])
})

test('takes what nobody took for three fail-over times first, and beyond its share', () => {
  const leases = table({ me: 4, other: 4, free: 3 })
  const observations = new Map(observe(new Map(), leases, 40_000))
  const since = (leaseKey: string, time: number) =>
    observations.set(leaseKey, { leaseCounter: 0, since: time })
  since('free1', 2_000)
  since('free0', 5_000)
  const made = plan(view(leases, 'me', { observations, now: 41_000 }))
  assert.equal(made.take.map((one) => one.leaseKey).slice(0, 2), ['free1', 'free0'])
  const full = plan(view(table({ me: 9, other: 1, free: 3 }), 'me', { observations, now: 41_000 }))
  assert.equal(keys(full.take), ['free0', 'free1'])
})

test('leaves what it has given up to others until it is very old', () => {
  const leases = table({ free: 2 })
  const options = { shunned: new Set(['free0']), random: seededRandom(1) }
  assert.equal(keys(planAssignment(view(leases, 'me'), options).take), ['free1'])
  const later = view(leases, 'me', { now: 3 * FAILOVER + 1 })
  assert.equal(keys(planAssignment(later, options).take), ['free0', 'free1'])
})

test('spreads what two workers want: different chance, different choice', () => {
  for (const loads of [{ other: 20 }, { other: 10, free: 20 }]) {
    const leases = table(loads)
    const choice = (seed: number): string => {
      const { take, steal } = plan(view(leases, 'me'), seed)
      return keys([...take, ...steal]).join()
    }
    const choices = Array.from({ length: 8 }, (_, seed) => choice(seed))
    assert.ok(new Set(choices).size > 6)
    assert.is(choice(3), choices[3])
  }
})

/** One worker at a time looks at the true table and does what it planned. */
function rounds(leases: Lease[], workers: string[], count: number, seed: number) {
  const random = seededRandom(seed)
  let current = leases
  let moves = 0
  for (let round = 0; round < count; round++) {
    for (const worker of workers) {
      const made = planAssignment(view(current, worker), { random })
      const wanted = new Set([...made.take, ...made.steal].map((one) => one.leaseKey))
      moves += wanted.size
      current = current.map((one) => (wanted.has(one.leaseKey) ? taken(one, worker) : one))
    }
  }
  return { leases: current, moves }
}

test('balances any table to within one lease, and then never moves one again', () => {
  const random = seededRandom(7)
  for (let seed = 0; seed < 300; seed++) {
    const workers = Array.from({ length: 1 + Math.floor(random() * 6) }, (_, i) => `w${i}`)
    const leases = Array.from({ length: Math.floor(random() * 40) }, (_, i) => {
      const owner = random() < 0.3 ? undefined : workers[Math.floor(random() ** 2 * workers.length)]
      return lease(`s${i}`, { leaseOwner: owner })
    })
    const settled = rounds(leases, workers, 4, seed).leases
    const loads = workers.map((worker) => heldBy(settled, worker).size)
    assert.ok(Math.max(...loads) - Math.min(...loads) <= 1, `seed ${seed}: ${loads.join()}`)
    assert.is(
      loads.reduce((sum, load) => sum + load, 0),
      leases.length,
    )
    assert.is(rounds(settled, workers, 3, seed).moves, 0, `seed ${seed} moves`)
  }
})

test('never leaves a victim with less than it takes itself', () => {
  const random = seededRandom(11)
  for (let seed = 0; seed < 300; seed++) {
    const loads = Object.fromEntries(
      ['a', 'b', 'c', 'me'].map((worker) => [worker, Math.floor(random() * 12)]),
    )
    const leases = table(loads)
    const { steal } = plan(view(leases, 'me'), seed)
    if (steal.length === 0) continue
    const live = Object.values(loads).filter((load) => load > 0).length + (loads.me === 0 ? 1 : 0)
    const floor = Math.floor(leases.length / live)
    const mine = loads.me + steal.length
    for (const victim of new Set(steal.map((one) => one.leaseOwner ?? ''))) {
      const left = loads[victim] - steal.filter((one) => one.leaseOwner === victim).length
      assert.ok(left >= floor && left >= mine - 1, `seed ${seed}: ${JSON.stringify(loads)}`)
    }
  }
})

test.run()
