/** Reads one shard in order: iterators, expiry, pace, and the end of a closed shard. */
import { HailstreamError } from '../errors.ts'
import type { ReadPort, ReadPosition, ReadReply } from '../kinesis/kinesis-port.ts'
import type { Clock } from '../time/clock.ts'
import type { Random } from '../time/random.ts'
import { retrying } from '../time/retry.ts'

export interface ReaderPorts {
  kinesis: ReadPort
  clock: Clock
  random: Random
  onRetry?(error: unknown, attempt: number): void
}

export interface ReaderPace {
  /** How long to wait after a read that brought nothing. */
  idleMillis: number
  /** The least time between two reads of a shard. */
  readMillis: number
  /** Most records of one read. */
  readLimit: number
}

/**
 * Whoever waits for a shard to be counted again waits for its next record too, so a reader that has
 * just begun looks often: so many times, or until there is one.
 */
const EAGER_READS = 10

const NOTHING: ReadReply = { records: [], millisBehindLatest: 0 }

/**
 * What one reply is to hold, about. It is decoded and counted in one piece, and a full reply of 10 MB
 * would hold everything else up for some 100 ms. A shard gives out 2 MB a second in the long run
 * (docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html): four reads take more.
 */
const REPLY_BYTES = 600_000
/** What a record is taken to have before any was read. */
const FIRST_RECORD_BYTES = 30_000

export class ShardReader {
  readonly #shardId: string
  readonly #ports: ReaderPorts
  readonly #pace: ReaderPace
  #position: ReadPosition
  #iterator: string | undefined
  #nextReadAt = 0
  #ended = false
  #gone = false
  #eagerReads = EAGER_READS
  /** Bytes of a record, by the last reply that had any. */
  #recordBytes = FIRST_RECORD_BYTES

  constructor(shardId: string, from: ReadPosition, ports: ReaderPorts, pace: ReaderPace) {
    this.#shardId = shardId
    this.#position = from
    this.#ports = ports
    this.#pace = pace
  }

  /** The shard is closed and its last record was delivered, or it is gone. */
  get ended(): boolean {
    return this.#ended
  }

  /** It ended because it was trimmed away: whether its last record was delivered nobody knows. */
  get gone(): boolean {
    return this.#gone
  }

  /** Waits for its turn and reads; nothing when `interrupted` aborts meanwhile. */
  async next(interrupted: AbortSignal): Promise<ReadReply> {
    const { clock } = this.#ports
    const wait = this.#nextReadAt - clock.monotonicMillis()
    if (wait > 0) await clock.sleep(wait, interrupted)
    if (interrupted.aborted || this.#ended) return NOTHING
    try {
      return await retrying(() => this.#read(), this.#ports, interrupted)
    } catch (error) {
      if (interrupted.aborted) return NOTHING
      throw error
    }
  }

  /** To be called when no more is read. */
  close(): void {
    if (this.#iterator !== undefined) this.#ports.kinesis.release?.(this.#iterator)
    this.#iterator = undefined
  }

  async #read(): Promise<ReadReply> {
    const { kinesis, clock } = this.#ports
    const isNew = this.#iterator === undefined
    if (this.#iterator === undefined) {
      const iterator = await kinesis.shardIterator(this.#shardId, this.#position)
      if (iterator === 'gone') {
        this.#ended = true
        this.#gone = true
        return NOTHING
      }
      this.#iterator = iterator
    }
    const reply = await kinesis.getRecords(this.#iterator, this.#limit())
    if (reply === 'expired') {
      this.#iterator = undefined
      // The next one may be no better, so it is asked for after a pause that grows.
      if (isNew) throw overAtOnce(this.#shardId)
      return this.#read()
    }
    this.#iterator = reply.nextIterator
    this.#ended = reply.nextIterator === undefined
    const last = reply.records.at(-1)
    if (last !== undefined) {
      const { sequenceNumber } = last
      this.#position = { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber }
      const bytes = reply.records.reduce((sum, { data }) => sum + data.length, 0)
      this.#recordBytes = bytes / reply.records.length
    }
    this.#eagerReads = last === undefined ? this.#eagerReads - 1 : 0
    const isIdle = last === undefined && this.#eagerReads <= 0
    const pause = isIdle ? this.#pace.idleMillis : this.#pace.readMillis
    this.#nextReadAt = clock.monotonicMillis() + pause
    return reply
  }

  #limit(): number {
    const wanted = Math.ceil(REPLY_BYTES / Math.max(1, this.#recordBytes))
    return Math.min(wanted, this.#pace.readLimit)
  }
}

function overAtOnce(shardId: string): HailstreamError {
  return new HailstreamError(
    'STREAM',
    {
      subject: `Shard ${shardId}`,
      got: 'an iterator that was over before its first read',
      expected: 'one to read with',
    },
    { retryable: true },
  )
}
