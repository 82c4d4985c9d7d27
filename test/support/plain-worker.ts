/** Workers and consumers of the city of the simulation, with nothing special about them but what is said. */
import type { Generation } from '../../src/counts/generation.ts'
import { makeGeneration, slotsOf } from '../../src/counts/generation.ts'
import type { KinesisPort } from '../../src/kinesis/kinesis-port.ts'
import { MemoryLeaseStore } from '../../src/leases/memory-lease-store.ts'
import type { ConsumerPorts, ConsumerSettings } from '../../src/pipeline/shard-consumer.ts'
import { ShardConsumer } from '../../src/pipeline/shard-consumer.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'
import type { WorkerPorts, WorkerSettings } from '../../src/pipeline/worker.ts'
import { Worker } from '../../src/pipeline/worker.ts'
import { WriteBudget } from '../../src/pipeline/write-budget.ts'
import { seededRandom } from '../../src/time/random.ts'
import { CITY, LOCATOR } from '../simulation/city.ts'
import type { FakeClock } from './fake-clock.ts'
import { MemoryTable } from './memory-table.ts'
import { shardOf } from './canned-stream.ts'

export function plainGeneration(
  changes: Partial<Parameters<typeof makeGeneration>[0]> = {},
): Generation {
  return makeGeneration({
    districts: CITY,
    paneMillis: 300_000,
    stream: { name: 's', creationTime: 0 },
    table: 't',
    application: 'a',
    startTimestamp: null,
    now: 1,
    ...changes,
  })
}

type Around<P extends { kinesis: KinesisPort }> = Partial<P> & { kinesis: KinesisPort } & {
  clock: FakeClock
}

export function plainWorker(
  settings: Partial<WorkerSettings> & { generation: Generation },
  ports: Around<WorkerPorts>,
): Worker {
  return new Worker(
    {
      ...plainConsuming(settings.generation),
      failoverMillis: 10_000,
      checkpointMillis: 10_000,
      writeUnits: Infinity,
      mergeUnits: Infinity,
      mergeMillis: 1_000,
      rollingMillis: [],
      ...settings,
    },
    { leases: new MemoryLeaseStore(), onEvent: () => undefined, ...plainPorts(), ...ports },
  )
}

/** Of a shard that was never counted, from its first record on. */
export function plainConsumer(
  settings: Partial<ConsumerSettings> & { generation: Generation },
  ports: Around<ConsumerPorts>,
): ShardConsumer {
  const shardId = 'shard-0'
  return new ShardConsumer(
    shardOf(shardId),
    {
      kind: 'start',
      progress: emptyProgress(shardId),
      from: { type: 'TRIM_HORIZON' },
      gaps: [],
      unbegun: true,
    },
    { ...plainConsuming(settings.generation), ...settings },
    { budget: new WriteBudget(Infinity, 0), ...plainPorts(), ...ports },
  )
}

function plainConsuming(generation: Generation): ConsumerSettings {
  return {
    workerId: 'w',
    generation,
    slots: slotsOf(generation),
    locator: LOCATOR,
    outOfOrdernessMillis: 0,
    flushMillis: 1_000,
    idleMillis: 400,
    readMillis: 100,
    readLimit: 10,
    cachedBytes: 100_000,
  }
}

function plainPorts(): Pick<ConsumerPorts, 'table' | 'random' | 'keepDeadLetters'> {
  return {
    table: new MemoryTable(),
    random: seededRandom(1),
    keepDeadLetters: () => Promise.resolve(),
  }
}
