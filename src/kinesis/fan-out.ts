/**
 * Enhanced fan-out behind the two calls of polling: an iterator stands for a subscription to one
 * shard, and a read is its next event. So whoever reads a shard need not know how it is delivered.
 */
import type { Clock } from '../time/clock.ts'
import type { KinesisRecord, ReadPort, ReadPosition, ReadReply } from './kinesis-port.ts'

export interface SubscriptionEvent {
  records: KinesisRecord[]
  millisBehindLatest: number
  /** The shard is closed, and this was its last event. */
  ended: boolean
}

/** SubscribeToShard of one registered consumer. Implemented in src/aws. */
export interface SubscriptionPort {
  /**
   * The events of a shard from `from` on, in order, until the service closes the subscription (after
   * five minutes), the connection breaks (it rejects, retryable), or `stop` aborts. `gone` when the
   * shard is not there.
   */
  subscribe(
    shardId: string,
    from: ReadPosition,
    stop: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionEvent> | 'gone'>
}

export interface FanOutPorts {
  subscriptions: SubscriptionPort
  /** To look at a shard that is quiet. */
  polling: ReadPort
  clock: Clock
  /** How long a shard may bring no record before it is looked at; 10 s unless given. */
  quietMillis?: number
}

interface Subscription {
  shardId: string
  /** After everything that was delivered. */
  position: ReadPosition
  events: AsyncIterator<SubscriptionEvent>
  /** Asked for, and not yet there. */
  next: Promise<IteratorResult<SubscriptionEvent>> | undefined
  millisBehindLatest: number
  heardAt: number
  stop: AbortController
}

/** How long a read waits for an event: the reader has its flushes to do meanwhile. */
const READ_MILLIS = 250
/**
 * A shard that brought no record for so long is looked at by polling once: subscriptions are known
 * to get stuck, and kinesis-local never tells one that its shard has ended.
 */
const QUIET_MILLIS = 10_000

export class FanOut implements ReadPort {
  readonly #ports: FanOutPorts
  readonly #open = new Map<string, Subscription>()
  #opened = 0

  constructor(ports: FanOutPorts) {
    this.#ports = ports
  }

  async shardIterator(shardId: string, from: ReadPosition): Promise<string | 'gone'> {
    const stop = new AbortController()
    const events = await this.#ports.subscriptions.subscribe(shardId, from, stop.signal)
    if (events === 'gone') return 'gone'
    const iterator = `subscription ${this.#opened++} to ${shardId}`
    this.#open.set(iterator, {
      shardId,
      position: from,
      events: events[Symbol.asyncIterator](),
      next: undefined,
      millisBehindLatest: 0,
      heardAt: this.#ports.clock.monotonicMillis(),
      stop,
    })
    return iterator
  }

  /** `expired` when the subscription is over: ask for a new one, from where it came to. */
  async getRecords(iterator: string, limit: number): Promise<ReadReply | 'expired'> {
    const subscription = this.#open.get(iterator)
    if (subscription === undefined) return 'expired'
    try {
      const event = await this.#event(subscription)
      if (event === undefined) return await this.#quiet(iterator, subscription, limit)
      if (event.done === true) {
        this.release(iterator)
        return 'expired'
      }
      const { records, millisBehindLatest, ended } = event.value
      subscription.millisBehindLatest = millisBehindLatest
      const last = records.at(-1)
      if (last === undefined && !ended) return await this.#quiet(iterator, subscription, limit)
      if (last !== undefined) {
        const { sequenceNumber } = last
        subscription.position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber }
        subscription.heardAt = this.#ports.clock.monotonicMillis()
      }
      if (ended) this.release(iterator)
      return { records, millisBehindLatest, ...(!ended && { nextIterator: iterator }) }
    } catch (error) {
      this.release(iterator)
      throw error
    }
  }

  release(iterator: string): void {
    const subscription = this.#open.get(iterator)
    if (subscription === undefined) return
    this.#open.delete(iterator)
    subscription.stop.abort()
    // Nobody waits for what it still had to say, or for the error that breaking it off may be.
    subscription.next?.catch(() => undefined)
    subscription.events.return?.().catch(() => undefined)
  }

  /** The next event, or nothing when none comes in time; it is kept for the next read then. */
  async #event(subscription: Subscription): Promise<IteratorResult<SubscriptionEvent> | undefined> {
    const waited = new AbortController()
    subscription.next ??= subscription.events.next()
    const { next } = subscription
    try {
      const event = await Promise.race([
        next,
        this.#ports.clock.sleep(READ_MILLIS, waited.signal).then(() => undefined),
      ])
      if (event !== undefined) subscription.next = undefined
      return event
    } finally {
      waited.abort()
    }
  }

  async #quiet(
    iterator: string,
    subscription: Subscription,
    limit: number,
  ): Promise<ReadReply | 'expired'> {
    const { polling, clock, quietMillis } = this.#ports
    const { shardId, position, millisBehindLatest } = subscription
    const quiet: ReadReply = { records: [], nextIterator: iterator, millisBehindLatest }
    if (clock.monotonicMillis() - subscription.heardAt < (quietMillis ?? QUIET_MILLIS)) {
      return quiet
    }
    subscription.heardAt = clock.monotonicMillis()
    const look = await polling.shardIterator(shardId, position)
    if (look === 'gone') {
      // Trimmed away is not read to its end: who asks for a new subscription is told which it is.
      this.release(iterator)
      return 'expired'
    }
    const seen = await polling.getRecords(look, limit)
    if (seen === 'expired') return quiet
    if (seen.records.length > 0) {
      // It should have been told of these: it is stuck, or about to; a new one begins with them.
      this.release(iterator)
      return 'expired'
    }
    if (seen.nextIterator !== undefined) return quiet
    this.release(iterator)
    return { records: [], millisBehindLatest: 0 }
  }
}
