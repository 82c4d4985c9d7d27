/** Splits and merges shards of a stream; what a rehearsal of trouble needs, no command. */
import {
  DescribeStreamSummaryCommand,
  MergeShardsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis'
import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { errorName } from './service-error.ts'

export type ReshardRequest =
  | { what: 'split'; shardId: string; newStartingHashKey: string }
  | { what: 'merge'; shardId: string; adjacentShardId: string }

/** `busy` while the stream is still changing, or the shards are not open any more: look again. */
export async function reshard(
  client: KinesisClient,
  stream: string,
  request: ReshardRequest,
): Promise<'done' | 'busy'> {
  const { StreamDescriptionSummary: summary } = await client.send(
    new DescribeStreamSummaryCommand({ StreamName: stream }),
  )
  if (summary?.StreamStatus !== 'ACTIVE') return 'busy'
  try {
    if (request.what === 'split') {
      await client.send(
        new SplitShardCommand({
          StreamName: stream,
          ShardToSplit: request.shardId,
          NewStartingHashKey: request.newStartingHashKey,
        }),
      )
    } else {
      await client.send(
        new MergeShardsCommand({
          StreamName: stream,
          ShardToMerge: request.shardId,
          AdjacentShardToMerge: request.adjacentShardId,
        }),
      )
    }
    return 'done'
  } catch (error) {
    const name = errorName(error)
    if (name === 'ResourceInUseException' || name === 'InvalidArgumentException') return 'busy'
    throw error
  }
}
