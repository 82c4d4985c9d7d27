/** Which records each worker was given, seen from between the workers and Kinesis. */
import type { KinesisRelay } from '../../test/support/kinesis-relay.ts'
import { startKinesisRelay } from '../../test/support/kinesis-relay.ts'

export class Deliveries {
  /** How often each record was delivered since the last `forget`, to whomever. */
  readonly #times = new Map<string, number>()

  /** An endpoint for one worker; every record that a read of it brings is noted. */
  relay(upstream: string): Promise<KinesisRelay> {
    const shardOf = new Map<string, string>()
    return startKinesisRelay(upstream, async ({ operation, input }, forward) => {
      const reply = await forward(input)
      if (operation === 'GetShardIterator') {
        shardOf.set(String(reply.body.ShardIterator), String(input.ShardId))
      }
      if (operation === 'GetRecords') {
        const iterator = String(input.ShardIterator)
        const shard = shardOf.get(iterator) ?? 'a shard nobody asked for'
        shardOf.delete(iterator)
        shardOf.set(String(reply.body.NextShardIterator), shard)
        for (const sequenceNumber of sequenceNumbersOf(reply.body.Records)) {
          const record = `${shard} ${sequenceNumber}`
          this.#times.set(record, (this.#times.get(record) ?? 0) + 1)
        }
      }
      return reply
    })
  }

  forget(): void {
    this.#times.clear()
  }

  /** Records that were delivered, and deliveries beyond the first of each. */
  count(): { records: number; again: number } {
    let again = 0
    for (const times of this.#times.values()) again += times - 1
    return { records: this.#times.size, again }
  }
}

function sequenceNumbersOf(records: unknown): string[] {
  if (!Array.isArray(records)) return []
  return records.map((record: { SequenceNumber?: unknown }) => String(record.SequenceNumber))
}
