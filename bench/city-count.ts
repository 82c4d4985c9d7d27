/** Counting feeds by the districts of the first city: consumers as a worker makes them. */
import { makeGeneration, slotsOf } from '../src/counts/generation.ts'
import type { Generation } from '../src/counts/generation.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import type { WrittenPartials } from '../src/counts/written-partials.ts'
import { districtsFrom } from '../src/geo/district-set.ts'
import type { KinesisPort } from '../src/kinesis/kinesis-port.ts'
import type { Shard } from '../src/kinesis/shard.ts'
import type { Locator } from '../src/pipeline/classify.ts'
import { ShardConsumer } from '../src/pipeline/shard-consumer.ts'
import { emptyProgress } from '../src/pipeline/shard-start.ts'
import { WriteBudget } from '../src/pipeline/write-budget.ts'
import { systemClock } from '../src/time/clock.ts'
import { systemRandom } from '../src/time/random.ts'
import type { Collection } from './classify/peers.ts'
import { FEED_START } from './feed.ts'

export interface CityCount {
  generation: Generation
  locator: Locator
}

export function cityCount({ collection, id }: { collection: Collection; id: string }): CityCount {
  const { ids, names, fingerprint, index } = districtsFrom(collection, id)
  const generation = makeGeneration({
    districts: { name: 'bench', ids, names, fingerprint, zones: false },
    paneMillis: 300_000,
    stream: { name: 'bench', creationTime: 1 },
    table: 't',
    application: 'bench',
    startTimestamp: null,
    now: FEED_START,
  })
  return { generation, locator: index }
}

/**
 * Counts a shard from its beginning to its end, reading as often as it can: on AWS a shard is read
 * four times a second. Returns how many trips it counted.
 */
export async function countShard(
  shard: Shard,
  { generation, locator }: CityCount,
  ports: { kinesis: KinesisPort; table: TablePort; written?: WrittenPartials },
): Promise<number> {
  const never = new AbortController().signal
  const consumer = new ShardConsumer(
    shard,
    {
      kind: 'start',
      progress: emptyProgress(shard.shardId),
      from: { type: 'TRIM_HORIZON' },
      gaps: [],
      unbegun: true,
    },
    {
      workerId: 'bench',
      generation,
      slots: slotsOf(generation),
      locator,
      outOfOrdernessMillis: 60_000,
      flushMillis: 1_000,
      cachedBytes: 50_000_000,
      idleMillis: 1_000,
      readMillis: 0,
      readLimit: 10_000,
    },
    {
      ...ports,
      clock: systemClock,
      random: systemRandom,
      budget: new WriteBudget(Infinity, 0),
      keepDeadLetters: () => Promise.reject(new Error('a generated trip was a dead letter')),
    },
  )
  const outcome = await consumer.run(never, never)
  if (outcome !== 'ended') throw new Error(`${shard.shardId}: ${outcome}`)
  return consumer.tripsCounted
}
