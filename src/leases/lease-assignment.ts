/**
 * Who should own which lease. Pure: each worker plans for itself from what it has seen in the table,
 * and the table's conditions settle what two workers both want.
 */
import type { Random } from '../time/random.ts'
import type { Lease } from './lease.ts'
import { isFinished } from './lease.ts'

/** The counter a lease had when last seen, and since when it has been that. */
export interface Observation {
  readonly leaseCounter: number
  /** Monotonic ms of this process. */
  readonly since: number
}
export type Observations = ReadonlyMap<string, Observation>

/**
 * What is known after a scan: a counter that has not moved keeps its time. `seenAt` is when the scan
 * ended; no counter in it was read later. Pass no earlier observations to look at all afresh.
 */
export function observe(
  earlier: Observations,
  leases: readonly Lease[],
  seenAt: number,
): Observations {
  const observations = new Map<string, Observation>()
  for (const { leaseKey, leaseCounter } of leases) {
    const known = earlier.get(leaseKey)
    observations.set(
      leaseKey,
      known?.leaseCounter === leaseCounter ? known : { leaseCounter, since: seenAt },
    )
  }
  return observations
}

/** What one worker sees of the table. */
export interface LeaseView {
  /** Every lease of the last scan. */
  leases: readonly Lease[]
  observations: Observations
  /** Keys of the leases this worker holds. */
  held: ReadonlySet<string>
  workerId: string
  /** Monotonic ms at which the last scan began; no counter in it was read earlier. */
  now: number
  failoverTimeMillis: number
}

export interface AssignmentOptions {
  /** Keys of leases this worker has given up and leaves to others for a while. */
  shunned?: ReadonlySet<string>
  random: Random
}

export interface AssignmentPlan {
  /** Leases that nobody owns, in the order in which they should be taken. */
  readonly take: Lease[]
  /** Leases of busier workers. */
  readonly steal: Lease[]
}

/** A lease nobody has taken for this many fail-over times is taken beyond one's share. */
const VERY_OLD = 3

/**
 * Every live worker's share is ⌈leases ÷ live workers⌉, finished leases not counted. A worker below
 * its share takes what is free at once; only when nothing is free it steals, all it lacks, always
 * from whoever has most then, and only from one that has at least two more than itself. So a
 * balanced table stays as it is, and a steal never leaves its victim behind the thief.
 */
export function planAssignment(
  view: LeaseView,
  { shunned, random }: AssignmentOptions,
): AssignmentPlan {
  const owned = ownedByWorker(view)
  const mine = owned.get(view.workerId)?.length ?? 0
  const unfinished = view.leases.filter((lease) => !isFinished(lease))
  const share = Math.ceil(unfinished.length / owned.size)

  const old: Lease[] = []
  const recent: Lease[] = []
  for (const lease of unfinished) {
    if (!isFree(lease, view)) continue
    if (ageOf(lease, view) > VERY_OLD * view.failoverTimeMillis) old.push(lease)
    else if (shunned?.has(lease.leaseKey) !== true) recent.push(lease)
  }
  old.sort((a, b) => ageOf(b, view) - ageOf(a, view))
  const wanted = Math.max(old.length, share - mine)
  const take = [...old, ...shuffled(recent, random)].slice(0, wanted)
  if (take.length > 0) return { take, steal: [] }

  owned.delete(view.workerId)
  return { take, steal: leasesToSteal(owned, mine, share, random) }
}

function leasesToSteal(
  others: ReadonlyMap<string, Lease[]>,
  mine: number,
  share: number,
  random: Random,
): Lease[] {
  // Shuffled, so that two thieves do not want the same leases of the same victim.
  const loads = shuffled([...others.values()], random).map((leases) => shuffled(leases, random))
  const steal: Lease[] = []
  while (mine + steal.length < share) {
    let victim: Lease[] = []
    for (const load of loads) if (load.length > victim.length) victim = load
    if (victim.length - (mine + steal.length) < 2) break
    const lease = victim.pop()
    // One that KCL is handing over right now belongs to two workers; it is left in peace.
    if (lease?.checkpointOwner === undefined && lease !== undefined) steal.push(lease)
  }
  return steal
}

/** The unfinished leases of each live worker: this one, and all that own a lease not expired. */
export function ownedByWorker(view: LeaseView): Map<string, Lease[]> {
  const owned = new Map<string, Lease[]>([[view.workerId, []]])
  for (const lease of view.leases) {
    const owner = view.held.has(lease.leaseKey) ? view.workerId : lease.leaseOwner
    if (owner === undefined || isFinished(lease) || isFree(lease, view)) continue
    const known = owned.get(owner)
    if (known === undefined) owned.set(owner, [lease])
    else known.push(lease)
  }
  return owned
}

/**
 * Unowned, or expired, or this worker's by name only: a take whose reply was lost, or an assignment
 * by a Java leader.
 */
function isFree(lease: Lease, view: LeaseView): boolean {
  if (view.held.has(lease.leaseKey)) return false
  if (lease.leaseOwner === undefined) return true
  if (lease.leaseOwner === view.workerId && lease.checkpointOwner === undefined) return true
  return ageOf(lease, view) > view.failoverTimeMillis
}

/** For how long, at least, the lease's counter has not moved. */
function ageOf(lease: Lease, { observations, now }: LeaseView): number {
  const seen = observations.get(lease.leaseKey)
  return seen?.leaseCounter === lease.leaseCounter ? now - seen.since : 0
}

/** A copy in random order (Fisher–Yates). */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const copy = [...items]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const item = copy[i]
    copy[i] = copy[j]
    copy[j] = item
  }
  return copy
}
