import type { Shard } from './shard.ts'

/** The few Kinesis calls hailstream makes, for one stream. Implemented in src/aws. */
export interface KinesisPort {
  describe(): Promise<StreamDescription>
  /** All shards the stream still lists, closed ones included, every page. */
  listShards(): Promise<Shard[]>
  /**
   * One PutRecords. The outcomes are in the order of the entries. Rejects when the call as a whole
   * failed, and then any of the entries may or may not have been written.
   */
  putRecords(entries: readonly PutEntry[]): Promise<PutOutcome[]>
  /** `gone` when the shard is not there (trimmed after its end, or never was). */
  shardIterator(shardId: string, from: ReadPosition): Promise<string | 'gone'>
  /** `expired` when the iterator is older than five minutes: ask for a new one. */
  getRecords(iterator: string, limit: number): Promise<ReadReply | 'expired'>
  /** Lets go of what an iterator holds. Polling holds nothing, and needs none. */
  release?(iterator: string): void
}

/** The calls by which one shard is read. */
export type ReadPort = Pick<KinesisPort, 'shardIterator' | 'getRecords' | 'release'>

export interface StreamDescription {
  name: string
  /** Tells apart two streams that had the same name one after the other. Epoch ms. */
  creationTime: number
  openShards: number
}

export interface PutEntry {
  partitionKey: string
  data: Uint8Array
}

export type PutOutcome =
  { ok: true; sequenceNumber: string; shardId: string } | { ok: false; errorCode: string }

export type ReadPosition =
  | { type: 'TRIM_HORIZON' }
  | { type: 'LATEST' }
  | { type: 'AT_TIMESTAMP'; timestamp: number }
  | { type: 'AFTER_SEQUENCE_NUMBER'; sequenceNumber: string }

export interface KinesisRecord {
  /** As the service gives it: a decimal string without padding. */
  sequenceNumber: string
  partitionKey: string
  data: Uint8Array
  /** Wall clock of the service, epoch ms. */
  arrivalTime: number
}

export interface ReadReply {
  records: KinesisRecord[]
  /** Absent at the end of a closed shard. */
  nextIterator?: string
  /** How far behind the tip of the shard this reply is; 0 at the tip. */
  millisBehindLatest: number
}
