/** The lease table over the network, and a watch over its checkpoints. */
import { compareExtended, SHARD_END, isSentinel } from '../../src/kinesis/sequence-number.ts'
import type { ExtendedSequenceNumber } from '../../src/kinesis/sequence-number.ts'
import type { Lease } from '../../src/leases/lease.ts'
import type { LeaseStore } from '../../src/leases/lease-store.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import type { Network } from './network.ts'
import type { SimProcess } from './sim-process.ts'

export interface LeaseWatch {
  fail(why: string): void
  /** Plain digits of the shard's progress; '' when there is none yet. */
  progressOf(shardId: string): { sequenceNumber: string; ended: boolean }
  /** Nothing of the shard is left to count. */
  isTrimmed(shardId: string): boolean
}

/** Every write is made in one step by the same code that tests elsewhere trust. */
export class LeaseModel {
  readonly store: MemoryLeaseStore
  readonly #network: Network
  readonly #watch: LeaseWatch

  constructor(network: Network, watch: LeaseWatch) {
    this.#network = network
    this.#watch = watch
    this.store = new MemoryLeaseStore()
  }

  portOf(process: SimProcess): LeaseStore {
    // The memory store does its work before its first await, so at the moment of the call.
    const call = async <T>(what: string, effect: () => Promise<T>): Promise<T> =>
      (await this.#network.call(process, 'leases', what, () => ({ value: effect() }))).value
    return {
      ensureTable: () => call('ensureTable', () => this.store.ensureTable()),
      list: () => call('list leases', () => this.store.list()),
      create: (lease) => call(`create ${lease.leaseKey}`, () => this.store.create(lease)),
      renew: (lease) => call(`renew ${lease.leaseKey}`, () => this.store.renew(lease)),
      take: (lease, workerId) =>
        call(`take ${lease.leaseKey}`, () => this.store.take(lease, workerId)),
      evict: (lease) => call(`evict ${lease.leaseKey}`, () => this.store.evict(lease)),
      checkpoint: (lease, checkpoint) =>
        call(`checkpoint ${lease.leaseKey}`, () => this.#checkpoint(lease, checkpoint)),
      addChildren: (leaseKey, childShardIds) =>
        call(`addChildren ${leaseKey}`, () => this.store.addChildren(leaseKey, childShardIds)),
      remove: (leaseKey) => call(`remove ${leaseKey}`, () => this.store.remove(leaseKey)),
    }
  }

  #checkpoint(lease: Lease, checkpoint: ExtendedSequenceNumber): Promise<'ok' | 'lost'> {
    const before = this.store.rows.get(lease.leaseKey)
    const outcome = this.store.checkpoint(lease, checkpoint)
    const after = this.store.rows.get(lease.leaseKey)
    if (before !== undefined && after !== undefined && before !== after) {
      if (compareExtended(after.checkpoint, before.checkpoint) < 0) {
        this.#watch.fail(
          `the lease checkpoint of ${lease.leaseKey} went back from ` +
            `${before.checkpoint.sequenceNumber} to ${after.checkpoint.sequenceNumber}`,
        )
      }
      this.#checkAgainstProgress(lease.leaseKey, after.checkpoint.sequenceNumber)
    }
    return outcome
  }

  #checkAgainstProgress(shardId: string, checkpoint: string): void {
    const progress = this.#watch.progressOf(shardId)
    const leads =
      checkpoint === SHARD_END.sequenceNumber
        ? !progress.ended && !this.#watch.isTrimmed(shardId)
        : !isSentinel(checkpoint) &&
          (progress.sequenceNumber === '' || BigInt(checkpoint) > BigInt(progress.sequenceNumber))
    if (leads) {
      this.#watch.fail(`the lease checkpoint of ${shardId} leads its progress: ${checkpoint}`)
    }
  }
}
