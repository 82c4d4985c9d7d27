/** The Kinesis port over the AWS SDK, for one stream. */
import {
  DescribeStreamSummaryCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import type {
  _Record as SdkRecord,
  KinesisClient,
  Shard as SdkShard,
} from '@aws-sdk/client-kinesis'
import { HailstreamError, messageOf } from '../errors.ts'
import type {
  KinesisPort,
  KinesisRecord,
  PutEntry,
  PutOutcome,
  ReadPosition,
  ReadReply,
  StreamDescription,
} from '../kinesis/kinesis-port.ts'
import type { Shard } from '../kinesis/shard.ts'
import type { Clock } from '../time/clock.ts'
import { systemClock } from '../time/clock.ts'
import type { Slices } from '../time/slices.ts'
import { slicesOf } from '../time/slices.ts'
import { getRecords } from './get-records.ts'
import { PutRecords } from './put-records.ts'
import { Resource } from './resource.ts'
import { errorName } from './service-error.ts'

export class KinesisStream implements KinesisPort {
  readonly #client: KinesisClient
  readonly #name: string
  readonly #fix: string | undefined
  readonly #slices: Slices
  readonly #stream: Resource
  readonly #puts: PutRecords

  /**
   * `fix`: what to do where there is none; left out, the advice for the stream that is counted.
   * `clock`: replies are read in its process's slices.
   */
  constructor(client: KinesisClient, name: string, fix?: string, clock: Clock = systemClock) {
    this.#client = client
    this.#name = name
    this.#fix = fix
    this.#slices = slicesOf(clock)
    this.#puts = new PutRecords(client, name)
    this.#stream = new Resource(`Kinesis stream ${name}`, {
      code: 'STREAM',
      fix: fix ?? 'Run `hailstream init`, or name another stream with --stream.',
    })
  }

  async describe(): Promise<StreamDescription> {
    const { StreamDescriptionSummary: summary } = await this.#stream.call(() =>
      this.#client.send(new DescribeStreamSummaryCommand({ StreamName: this.#name })),
    )
    if (summary?.StreamStatus === 'DELETING') {
      throw new HailstreamError('STREAM', {
        subject: `Kinesis stream ${this.#name}`,
        got: 'a stream that is being deleted',
        expected: 'an active one',
        fix: this.#fix ?? 'Wait until it is gone, then run `hailstream init`.',
      })
    }
    return {
      name: this.#name,
      creationTime: summary?.StreamCreationTimestamp?.getTime() ?? 0,
      openShards: summary?.OpenShardCount ?? 0,
    }
  }

  async listShards(): Promise<Shard[]> {
    const shards: Shard[] = []
    let token: string | undefined
    do {
      const page = await this.#stream.call(() =>
        this.#client.send(
          new ListShardsCommand(
            token === undefined ? { StreamName: this.#name } : { NextToken: token },
          ),
        ),
      )
      for (const shard of page.Shards ?? []) shards.push(shardFrom(shard))
      token = page.NextToken
    } while (token !== undefined)
    return shards
  }

  async putRecords(entries: readonly PutEntry[]): Promise<PutOutcome[]> {
    const results = await this.#stream.call(() => this.#puts.send(entries))
    return results.map(({ ErrorCode: errorCode, SequenceNumber, ShardId }) =>
      // kinesis-local says null of what it has nothing to say of.
      errorCode === undefined || errorCode === null
        ? { ok: true, sequenceNumber: SequenceNumber ?? '', shardId: ShardId ?? '' }
        : { ok: false, errorCode },
    )
  }

  async shardIterator(shardId: string, from: ReadPosition): Promise<string | 'gone'> {
    const command = new GetShardIteratorCommand({
      StreamName: this.#name,
      ShardId: shardId,
      ShardIteratorType: from.type,
      ...(from.type === 'AT_TIMESTAMP' && { Timestamp: new Date(from.timestamp) }),
      ...(from.type === 'AFTER_SEQUENCE_NUMBER' && {
        StartingSequenceNumber: from.sequenceNumber,
      }),
    })
    const reply = await this.#stream
      .callUnless(['ResourceNotFoundException'], 'missing', () => this.#client.send(command))
      .catch((error: unknown) => {
        throw from.type === 'AT_TIMESTAMP' ? this.#orNotYet(error, from.timestamp) : error
      })
    if (reply !== 'missing') return reply.ShardIterator ?? 'gone'
    // The shard, or the whole stream: that fails here.
    await this.describe()
    return 'gone'
  }

  /** Kinesis takes no time that its clock has not reached; ours may be ahead of it by a little. */
  #orNotYet(error: unknown, timestamp: number): unknown {
    const cause = error instanceof HailstreamError ? error.cause : undefined
    if (errorName(cause) !== 'InvalidArgumentException') return error
    return new HailstreamError(
      'ENDPOINT',
      {
        subject: `Kinesis stream ${this.#name}`,
        got: `no start at ${new Date(timestamp).toISOString()}: ${messageOf(cause)}`,
        expected: 'a time that has come',
      },
      { cause, retryable: true },
    )
  }

  async getRecords(iterator: string, limit: number): Promise<ReadReply | 'expired'> {
    // A closed shard may be trimmed away under its iterator; whether it is the shard or the whole
    // stream that is gone shows when a new iterator is asked for.
    const over = ['ExpiredIteratorException', 'ResourceNotFoundException']
    return this.#stream.callUnless(over, 'expired', () =>
      getRecords(this.#client, iterator, limit, this.#slices),
    )
  }
}

export function recordFrom(record: SdkRecord): KinesisRecord {
  return {
    sequenceNumber: record.SequenceNumber ?? '0',
    partitionKey: record.PartitionKey ?? '',
    data: record.Data ?? new Uint8Array(0),
    arrivalTime: record.ApproximateArrivalTimestamp?.getTime() ?? 0,
  }
}

function shardFrom(shard: SdkShard): Shard {
  const ending = shard.SequenceNumberRange?.EndingSequenceNumber
  return {
    shardId: shard.ShardId ?? '',
    parentShardIds: [shard.ParentShardId, shard.AdjacentParentShardId].filter(
      (id) => id !== undefined,
    ),
    startingHashKey: shard.HashKeyRange?.StartingHashKey ?? '0',
    endingHashKey: shard.HashKeyRange?.EndingHashKey ?? '0',
    startingSequenceNumber: shard.SequenceNumberRange?.StartingSequenceNumber ?? '0',
    ...(ending !== undefined && { endingSequenceNumber: ending }),
  }
}
