/**
 * Kinesis in memory: shards that split and merge, records in order per shard only, and the quotas.
 * docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html, checked 2026-11.
 */
import type { HashKeyRange } from '../../src/kinesis/hash-key.ts'
import { hashKeyOf, hashKeySlice, rangeContains } from '../../src/kinesis/hash-key.ts'
import type { SubscriptionEvent, SubscriptionPort } from '../../src/kinesis/fan-out.ts'
import type {
  KinesisPort,
  PutEntry,
  PutOutcome,
  ReadPosition,
  ReadReply,
} from '../../src/kinesis/kinesis-port.ts'
import {
  GET_RECORDS_MAX_RECORDS,
  RECORD_MAX_BYTES,
  SHARD_READS_PER_SECOND,
  SHARD_WRITE_BYTES_PER_SECOND,
  SHARD_WRITE_RECORDS_PER_SECOND,
} from '../../src/kinesis/limits.ts'
import { padSequenceNumber } from '../../src/kinesis/sequence-number.ts'
import type { Shard } from '../../src/kinesis/shard.ts'
import type { Random } from '../../src/time/random.ts'
import type { Network } from './network.ts'
import { trouble } from './network.ts'
import type { SimProcess } from './sim-process.ts'
import { SIM_EPOCH } from './sim-process.ts'
import type { Timeline } from './timeline.ts'

export interface ModelRecord {
  shardId: string
  /** Padded. */
  seq: string
  sequenceNumber: string
  partitionKey: string
  data: Uint8Array
  arrivalTime: number
}

export interface ModelShard {
  shardId: string
  parentShardIds: string[]
  range: HashKeyRange
  startingSequenceNumber: string
  closed: boolean
  trimmed: boolean
  records: ModelRecord[]
}

/** Chances of what only Kinesis does wrong. */
export interface KinesisFaults {
  /** An entry of a PutRecords fails, the others do not. */
  partialPut: number
  /** The shard's write limit is a fraction of the real one. */
  tight: boolean
  expireIterator: number
  /** A read brings records that were read before. */
  repeatRead: number
  /** A read brings fewer than there are, or none. */
  shortRead: number
  /** A subscription ends before its time. */
  dropSubscription: number
  /** A subscription says nothing any more, and stays open. */
  stickSubscription: number
  /** Subscribers are never told that a shard has ended; kinesis-local does not. */
  hidesEnds: boolean
}

export const NO_KINESIS_FAULTS: KinesisFaults = {
  partialPut: 0,
  tight: false,
  expireIterator: 0,
  repeatRead: 0,
  shortRead: 0,
  dropSubscription: 0,
  stickSubscription: 0,
  hidesEnds: false,
}

/** One consumer's subscription to one shard; there is one consumer. */
interface Subscription {
  shardId: string
  index: number
  madeAt: number
  over: boolean
  stuck: boolean
}

const ITERATOR_MILLIS = 300_000
const SUBSCRIPTION_MILLIS = 300_000
/** So long a subscription is safe from the next one; after that the next one takes over. */
const SUBSCRIPTION_SAFE_MILLIS = 5_000
const PUSH_MILLIS = 70
const EVENT_RECORDS = 50
const REPLY_MAX_BYTES = 10 * 1024 * 1024
const SEQUENCE_BASE = 49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n

export class KinesisModel {
  readonly shards = new Map<string, ModelShard>()
  faults: KinesisFaults = NO_KINESIS_FAULTS
  /** Told of every record in the order in which they are accepted. */
  onRecord: (record: ModelRecord) => void = () => undefined
  readonly counts = {
    records: 0,
    throttledWrites: 0,
    throttledReads: 0,
    expired: 0,
    reshards: 0,
    subscriptions: 0,
  }
  readonly #timeline: Timeline
  readonly #network: Network
  readonly #random: Random
  readonly #writes = new Map<string, { second: number; records: number; bytes: number }>()
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #reads = new Map<string, { second: number; calls: number }>()
  /** What was listed, and since when: a stale listing is one of these. */
  #listings: { at: number; shards: Shard[] }[] = []
  #sequence = 0

  constructor(timeline: Timeline, network: Network, random: Random, shards: number) {
    this.#timeline = timeline
    this.#network = network
    this.#random = random
    for (let i = 0; i < shards; i++) this.#open(hashKeySlice(i, shards), [])
    this.#changed()
  }

  open(): ModelShard[] {
    return [...this.shards.values()].filter((shard) => !shard.closed)
  }

  split(shardId: string): boolean {
    const shard = this.shards.get(shardId)
    if (shard === undefined || shard.closed || shard.range.start >= shard.range.end) return false
    shard.closed = true
    const { start, end } = shard.range
    const middle = start + ((end - start) * BigInt(1 + Math.floor(this.#random() * 7))) / 8n
    this.#open({ start, end: middle }, [shardId])
    this.#open({ start: middle + 1n, end }, [shardId])
    this.#changed()
    this.counts.reshards++
    return true
  }

  /** Merges two shards whose ranges touch. */
  merge(lowId: string, highId: string): boolean {
    const low = this.shards.get(lowId)
    const high = this.shards.get(highId)
    if (low === undefined || high === undefined || low.closed || high.closed) return false
    if (low.range.end + 1n !== high.range.start) return false
    low.closed = true
    high.closed = true
    this.#open({ start: low.range.start, end: high.range.end }, [lowId, highId])
    this.#changed()
    this.counts.reshards++
    return true
  }

  /** Retention has passed over the whole of a closed shard. */
  trim(shardId: string): void {
    const shard = this.shards.get(shardId)
    if (shard === undefined || !shard.closed) return
    shard.trimmed = true
    this.#changed()
  }

  /** Takes one record as it is, without limits. */
  accept(entry: PutEntry): ModelRecord {
    const hashKey = hashKeyOf(entry.partitionKey)
    const shard = this.open().find(({ range }) => rangeContains(range, hashKey))
    if (shard === undefined) throw new Error('no open shard for a hash key')
    const sequenceNumber = this.#nextSequenceNumber()
    const record: ModelRecord = {
      shardId: shard.shardId,
      seq: padSequenceNumber(sequenceNumber),
      sequenceNumber,
      partitionKey: entry.partitionKey,
      data: entry.data.slice(),
      arrivalTime: SIM_EPOCH + Math.round(this.#timeline.now),
    }
    shard.records.push(record)
    this.counts.records++
    this.onRecord(record)
    return record
  }

  portOf(process: SimProcess): KinesisPort {
    const call = <T>(what: string, effect: () => T): Promise<T> =>
      this.#network.call(process, 'kinesis', what, effect)
    return {
      describe: () =>
        call('describe', () => ({
          name: 'stream',
          creationTime: SIM_EPOCH,
          openShards: this.open().length,
        })),
      listShards: () => call('listShards', () => this.#list()),
      putRecords: (entries) => {
        const sent = entries.map(({ partitionKey, data }) => ({ partitionKey, data: data.slice() }))
        return call(`putRecords of ${sent.length}`, () => this.#put(sent))
      },
      shardIterator: (shardId, from) =>
        call(`shardIterator ${shardId}`, () => this.#iterator(shardId, from)),
      getRecords: (iterator, limit) =>
        call(`getRecords ${iterator.split('|')[0]}`, () => this.#get(iterator, limit)),
    }
  }

  /** Enhanced fan-out; all workers together are one registered consumer. */
  subscriptionsOf(process: SimProcess): SubscriptionPort {
    const call = <T>(what: string, effect: () => T): Promise<T> =>
      this.#network.call(process, 'kinesis', what, effect)
    const push = (subscription: Subscription): Promise<SubscriptionEvent | 'over'> =>
      call(`event of ${subscription.shardId}`, () => this.#event(subscription))
    return {
      subscribe: async (shardId, from, stop) => {
        const subscription = await call(`subscribe ${shardId}`, () =>
          this.#subscribe(shardId, from),
        )
        if (subscription === 'gone') return 'gone'
        return (async function* () {
          while (!stop.aborted) {
            await process.clock.sleep(PUSH_MILLIS, stop)
            const event = await push(subscription)
            if (event === 'over') return
            if (event.records.length > 0 || event.ended) yield event
          }
        })()
      },
    }
  }

  #list(): Shard[] {
    const { now } = this.#timeline
    if (!this.#network.happens(this.#network.rates.kinesis.stale)) {
      return this.#listings.at(-1)?.shards ?? []
    }
    const asOf = now - this.#random() * 8_000
    const stale = this.#listings.findLast(({ at }) => at <= asOf) ?? this.#listings.at(0)
    return stale?.shards ?? []
  }

  #put(entries: readonly PutEntry[]): PutOutcome[] {
    const outcomes: PutOutcome[] = entries.map(() => ({ ok: false, errorCode: 'InternalFailure' }))
    const order = entries.map((_, i) => i)
    // The entries of one call are in no order.
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1))
      const other = order[i]
      order[i] = order[j]
      order[j] = other
    }
    for (const i of order) {
      if (this.#network.happens(this.faults.partialPut)) continue
      const entry = entries[i]
      if (entry.data.length + entry.partitionKey.length > RECORD_MAX_BYTES) {
        throw new Error('a record over 1 MiB')
      }
      if (!this.#mayWrite(entry)) {
        outcomes[i] = { ok: false, errorCode: 'ProvisionedThroughputExceededException' }
        continue
      }
      const { sequenceNumber, shardId } = this.accept(entry)
      outcomes[i] = { ok: true, sequenceNumber, shardId }
    }
    return outcomes
  }

  #mayWrite(entry: PutEntry): boolean {
    const hashKey = hashKeyOf(entry.partitionKey)
    const shard = this.open().find(({ range }) => rangeContains(range, hashKey))
    if (shard === undefined) return false
    const second = Math.floor(this.#timeline.now / 1_000)
    let used = this.#writes.get(shard.shardId)
    if (used?.second !== second) {
      used = { second, records: 0, bytes: 0 }
      this.#writes.set(shard.shardId, used)
    }
    const share = this.faults.tight ? 0.003 : 1
    const bytes = entry.data.length + entry.partitionKey.length
    if (
      used.records > 0 &&
      (used.records + 1 > SHARD_WRITE_RECORDS_PER_SECOND * share ||
        used.bytes + bytes > SHARD_WRITE_BYTES_PER_SECOND * share)
    ) {
      this.counts.throttledWrites++
      return false
    }
    used.records++
    used.bytes += bytes
    return true
  }

  #iterator(shardId: string, from: ReadPosition): string | 'gone' {
    const shard = this.shards.get(shardId)
    if (shard === undefined || shard.trimmed) return 'gone'
    const { records } = shard
    let index = 0
    if (from.type === 'LATEST') index = records.length
    if (from.type === 'AT_TIMESTAMP') {
      while (index < records.length && records[index].arrivalTime < from.timestamp) index++
    }
    if (from.type === 'AFTER_SEQUENCE_NUMBER') {
      const after = padSequenceNumber(from.sequenceNumber)
      while (index < records.length && records[index].seq <= after) index++
    }
    return this.#iteratorAt(shardId, index)
  }

  #subscribe(shardId: string, from: ReadPosition): Subscription | 'gone' {
    const iterator = this.#iterator(shardId, from)
    if (iterator === 'gone') return 'gone'
    const { now } = this.#timeline
    const before = this.#subscriptions.get(shardId)
    if (before !== undefined && !before.over) {
      if (now - before.madeAt < SUBSCRIPTION_SAFE_MILLIS) throw trouble('ResourceInUseException')
      before.over = true
    }
    const index = Number(iterator.split('|')[1])
    const subscription = { shardId, index, madeAt: now, over: false, stuck: false }
    this.#subscriptions.set(shardId, subscription)
    this.counts.subscriptions++
    return subscription
  }

  #event(subscription: Subscription): SubscriptionEvent | 'over' {
    const shard = this.shards.get(subscription.shardId)
    const { now } = this.#timeline
    if (
      shard === undefined ||
      shard.trimmed ||
      subscription.over ||
      now - subscription.madeAt > SUBSCRIPTION_MILLIS ||
      this.#network.happens(this.faults.dropSubscription)
    ) {
      subscription.over = true
      return 'over'
    }
    subscription.stuck ||= this.#network.happens(this.faults.stickSubscription)
    if (subscription.stuck) return { records: [], millisBehindLatest: 0, ended: false }
    const records = shard.records.slice(subscription.index, subscription.index + EVENT_RECORDS)
    subscription.index += records.length
    const behind = shard.records.at(subscription.index)?.arrivalTime
    return {
      records: records.map(({ sequenceNumber, partitionKey, data, arrivalTime }) => {
        return { sequenceNumber, partitionKey, data, arrivalTime }
      }),
      millisBehindLatest: behind === undefined ? 0 : Math.max(0, SIM_EPOCH + now - behind),
      ended: shard.closed && subscription.index === shard.records.length && !this.faults.hidesEnds,
    }
  }

  #iteratorAt(shardId: string, index: number): string {
    return `${shardId}|${index}|${this.#timeline.now}`
  }

  #get(iterator: string, limit: number): ReadReply | 'expired' {
    const [shardId, at, madeAt] = iterator.split('|')
    const shard = this.shards.get(shardId)
    const { now } = this.#timeline
    const { faults } = this
    if (
      shard === undefined ||
      shard.trimmed ||
      now - Number(madeAt) > ITERATOR_MILLIS ||
      this.#network.happens(faults.expireIterator)
    ) {
      this.counts.expired++
      return 'expired'
    }
    this.#countRead(shardId)
    let from = Number(at)
    if (from > 0 && this.#network.happens(faults.repeatRead)) {
      from = Math.max(0, from - 1 - Math.floor(this.#random() * 5))
    }
    let to = Math.min(shard.records.length, from + Math.min(limit, GET_RECORDS_MAX_RECORDS))
    if (this.#network.happens(faults.shortRead)) {
      to = Math.min(to, from + Math.floor(this.#random() * 3))
    }
    let bytes = 0
    const records = []
    for (let i = from; i < to; i++) {
      const { sequenceNumber, partitionKey, data, arrivalTime } = shard.records[i]
      bytes += data.length
      if (bytes > REPLY_MAX_BYTES) break
      records.push({ sequenceNumber, partitionKey, data, arrivalTime })
    }
    const next = from + records.length
    const atEnd = shard.closed && next === shard.records.length
    const behind = shard.records.at(next)?.arrivalTime
    return {
      records,
      ...(!atEnd && { nextIterator: this.#iteratorAt(shardId, next) }),
      millisBehindLatest: behind === undefined ? 0 : Math.max(0, SIM_EPOCH + now - behind),
    }
  }

  #countRead(shardId: string): void {
    const second = Math.floor(this.#timeline.now / 1_000)
    let used = this.#reads.get(shardId)
    if (used?.second !== second) this.#reads.set(shardId, (used = { second, calls: 0 }))
    if (used.calls >= SHARD_READS_PER_SECOND) {
      this.counts.throttledReads++
      throw trouble('more than 5 reads of a shard in a second')
    }
    used.calls++
  }

  #open(range: HashKeyRange, parentShardIds: string[]): void {
    const shardId = `shardId-${String(this.shards.size).padStart(12, '0')}`
    this.shards.set(shardId, {
      shardId,
      parentShardIds,
      range,
      startingSequenceNumber: this.#nextSequenceNumber(),
      closed: false,
      trimmed: false,
      records: [],
    })
  }

  #nextSequenceNumber(): string {
    return String(SEQUENCE_BASE + BigInt(this.#sequence++) * 16n)
  }

  #changed(): void {
    const shards = [...this.shards.values()]
      .filter(({ trimmed }) => !trimmed)
      .map((shard): Shard => {
        const { shardId, parentShardIds, range, startingSequenceNumber, closed } = shard
        return {
          shardId,
          parentShardIds: [...parentShardIds],
          startingHashKey: String(range.start),
          endingHashKey: String(range.end),
          startingSequenceNumber,
          ...(closed && { endingSequenceNumber: shard.records.at(-1)?.sequenceNumber ?? '0' }),
        }
      })
    this.#listings.push({ at: this.#timeline.now, shards })
  }
}
