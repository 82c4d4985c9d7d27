/** Enhanced fan-out over the AWS SDK: a registered consumer of one stream, and its subscriptions. */
import {
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
} from '@aws-sdk/client-kinesis'
import type {
  KinesisClient,
  StartingPosition,
  SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis'
import { HailstreamError, messageOf } from '../errors.ts'
import type { SubscriptionEvent, SubscriptionPort } from '../kinesis/fan-out.ts'
import type { ReadPosition } from '../kinesis/kinesis-port.ts'
import type { Clock } from '../time/clock.ts'
import { recordFrom } from './kinesis-stream.ts'
import { errorName, serviceError } from './service-error.ts'

const POLL_MILLIS = 500
const PATIENCE_MILLIS = 60_000
const MISSING = { code: 'STREAM', fix: 'Run `hailstream init`.' } as const

/** Registers the consumer if it is not there yet, and waits until it may subscribe. Its ARN. */
export async function registerConsumer(
  client: KinesisClient,
  stream: string,
  consumer: string,
  clock: Clock,
): Promise<string> {
  const subject = `Fan-out consumer ${consumer} of stream ${stream}`
  try {
    const described = await client.send(new DescribeStreamSummaryCommand({ StreamName: stream }))
    const StreamARN = described.StreamDescriptionSummary?.StreamARN
    const deadline = clock.monotonicMillis() + PATIENCE_MILLIS
    await client
      .send(new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: consumer }))
      .catch(unless('ResourceInUseException'))
    for (;;) {
      const reply = await client.send(
        new DescribeStreamConsumerCommand({ StreamARN, ConsumerName: consumer }),
      )
      const { ConsumerARN, ConsumerStatus } = reply.ConsumerDescription ?? {}
      if (ConsumerStatus === 'ACTIVE' && ConsumerARN !== undefined) return ConsumerARN
      if (clock.monotonicMillis() > deadline) {
        throw new HailstreamError('STREAM', {
          subject,
          got: `${ConsumerStatus ?? 'no status'} after ${PATIENCE_MILLIS / 1_000} s`,
          expected: 'ACTIVE',
          fix: 'Look at it in the console, then start the worker again.',
        })
      }
      await clock.sleep(POLL_MILLIS)
    }
  } catch (error) {
    if (errorName(error) === 'LimitExceededException') {
      throw new HailstreamError('STREAM', {
        subject,
        got: `LimitExceededException: ${messageOf(error)}`,
        expected: 'room for one more consumer (20 a stream)',
        fix: 'Deregister one that is not needed, or count without --fan-out.',
      })
    }
    throw serviceError(error, subject, MISSING)
  }
}

export class KinesisFanOut implements SubscriptionPort {
  readonly #client: KinesisClient
  readonly #stream: string
  readonly #consumerArn: string

  constructor(client: KinesisClient, stream: string, consumerArn: string) {
    this.#client = client
    this.#stream = stream
    this.#consumerArn = consumerArn
  }

  async subscribe(
    shardId: string,
    from: ReadPosition,
    stop: AbortSignal,
  ): Promise<AsyncIterable<SubscriptionEvent> | 'gone'> {
    const command = new SubscribeToShardCommand({
      ConsumerARN: this.#consumerArn,
      ShardId: shardId,
      StartingPosition: startingPosition(from),
    })
    try {
      const { EventStream } = await this.#client.send(command, { abortSignal: stop })
      if (EventStream === undefined) throw new Error('no events in the reply')
      return this.#events(EventStream)
    } catch (error) {
      if (errorName(error) === 'ResourceNotFoundException' && (await this.#exists())) return 'gone'
      throw this.#error(error, shardId)
    }
  }

  async *#events(
    stream: AsyncIterable<SubscribeToShardEventStream>,
  ): AsyncGenerator<SubscriptionEvent, void, undefined> {
    try {
      for await (const { SubscribeToShardEvent: event } of stream) {
        if (event === undefined) continue
        yield {
          records: (event.Records ?? []).map(recordFrom),
          millisBehindLatest: event.MillisBehindLatest ?? 0,
          ended: event.ContinuationSequenceNumber === undefined || isEnd(event.ChildShards),
        }
      }
    } catch (error) {
      throw this.#broken(error)
    }
  }

  async #exists(): Promise<boolean> {
    const reply = await this.#client.send(
      new DescribeStreamSummaryCommand({ StreamName: this.#stream }),
    )
    return (reply.StreamDescriptionSummary?.OpenShardCount ?? 0) > 0
  }

  #error(error: unknown, shardId: string): HailstreamError {
    const subject = `Subscription to ${shardId} of stream ${this.#stream}`
    // Who had the shard before still holds its subscription; five seconds on it is ours.
    if (errorName(error) === 'ResourceInUseException') return this.#broken(error, subject)
    return serviceError(error, subject, MISSING)
  }

  /** A subscription that broke off can always be made again. */
  #broken(error: unknown, subject = `Subscription to stream ${this.#stream}`): HailstreamError {
    return new HailstreamError(
      'ENDPOINT',
      { subject, got: messageOf(error), expected: 'events' },
      { cause: error, retryable: true },
    )
  }
}

function isEnd(children: readonly unknown[] | undefined): boolean {
  return children !== undefined && children.length > 0
}

function startingPosition(from: ReadPosition): StartingPosition {
  return {
    Type: from.type,
    ...(from.type === 'AT_TIMESTAMP' && { Timestamp: new Date(from.timestamp) }),
    ...(from.type === 'AFTER_SEQUENCE_NUMBER' && { SequenceNumber: from.sequenceNumber }),
  }
}

function unless(name: string): (error: unknown) => void {
  return (error) => {
    if (errorName(error) !== name) throw error
  }
}
