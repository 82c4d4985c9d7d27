/**
 * A sparse year made durable: `npm run bench:flush [-- --json]`.
 *
 * One operation is the whole: 10,000 trips, evenly over 366 days, 2 shards. They are counted by two
 * consumers as a replay at full speed brings them, their partials and progress written to the
 * embedded DynamoDB (a process of its own), and merged until the status says complete: every hour
 * and every day that had a trip. Consumers and merger share one process here, so one core. The feed
 * is in memory; a round has a table of its own.
 *
 * Beside it stands what the emulator takes for the puts alone: the items that were written, with their
 * conditions, 16 at a time, and nothing read, counted or merged.
 */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../src/aws/provision.ts'
import { statusKey } from '../src/counts/keys.ts'
import type { Condition, Item, TablePort } from '../src/counts/table-port.ts'
import { WrittenPartials } from '../src/counts/written-partials.ts'
import { asError } from '../src/errors.ts'
import { Merger } from '../src/merge/merger.ts'
import { EMULATOR_PACE } from '../src/program/pace.ts'
import { systemClock } from '../src/time/clock.ts'
import { startLocalPair } from '../localstack/local-pair.ts'
import { cityCount, countShard } from './city-count.ts'
import { readCities } from './classify/cities.ts'
import { BENCH_RUN, feedOf, feedReader, shardsOf, tripRecords } from './feed.ts'
import { benchOptions, measured } from './report.ts'
import { spreadOf } from './rounds.ts'

const TRIPS = 10_000
const YEAR_MILLIS = 366 * 86_400_000
const SHARDS = 2
const TICK_MILLIS = 250
const PUTS_AT_ONCE = 16

interface Put {
  item: Item
  condition: Condition | undefined
}

/** A round takes half a minute, and they differ little. */
const ROUNDS = 3

const { rounds, print } = benchOptions(ROUNDS)
const [city] = readCities()
const counting = cityCount(city)
const feeds = feedOf(tripRecords(city.places, TRIPS, YEAR_MILLIS), {
  shards: SHARDS,
  aggregateBytes: EMULATOR_PACE.aggregateBytes,
})
const pair = await startLocalPair()
const clients = createClients({ ...process.env, ...pair.environment })
try {
  const whole: number[] = []
  const putsAlone: number[] = []
  for (let round = -1; round < rounds; round++) {
    const puts: Put[] = []
    const table = await tableOf(`bench-${round + 1}`)
    const seconds = await secondsOf(() => countAndMerge(noting(table, puts)))
    if (round < 0) continue
    whole.push(seconds)
    const other = await tableOf(`bench-puts-${round}`)
    putsAlone.push(await secondsOf(() => putAll(other, puts)))
  }
  print(measured('flush', spreadOf(whole), 's'))
  print(measured('flush, its puts alone', spreadOf(putsAlone), 's'))
} finally {
  clients.destroy()
  await pair.stop()
}

async function tableOf(name: string): Promise<DynamodbTable> {
  await ensureCountsTable(clients.dynamodb, name, systemClock)
  return new DynamodbTable(clients.dynamodb, name)
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (performance.now() - startedAt) / 1000
}

/** The table, which keeps what is put into it in `puts`. */
function noting(table: DynamodbTable, puts: Put[]): TablePort {
  return {
    get: (key) => table.get(key),
    getMany: (keys) => table.getMany(keys),
    query: (pk, range) => table.query(pk, range),
    scan: (prefix, attributes) => table.scan(prefix, attributes),
    put: (item, condition) => {
      puts.push({ item, condition })
      return table.put(item, condition)
    },
    delete: (key) => table.delete(key),
  }
}

async function putAll(table: TablePort, puts: readonly Put[]): Promise<void> {
  const waiting = puts.values()
  const putNext = async (): Promise<void> => {
    for (const { item, condition } of waiting) await table.put(item, condition)
  }
  await Promise.all(Array.from({ length: PUTS_AT_ONCE }, putNext))
}

async function countAndMerge(table: TablePort): Promise<void> {
  const { generation } = counting
  const kinesis = feedReader(feeds, EMULATOR_PACE.readLimit)
  const written = new WrittenPartials()
  const merger = new Merger(
    {
      generation,
      tickMillis: TICK_MILLIS,
      rollingMillis: [900_000, 3_600_000],
      concurrency: PUTS_AT_ONCE,
    },
    { table, written, clock: systemClock },
    { merged: new Map(), pending: new Map() },
  )
  let failed: Error | undefined
  const counted = Promise.all(
    shardsOf(SHARDS).map((shard) => countShard(shard, counting, { kinesis, table, written })),
  ).catch((error: unknown) => {
    failed = asError(error)
    return []
  })
  for (;;) {
    if (failed !== undefined) throw failed
    await merger.tick()
    const status = await table.get(statusKey(generation.id, BENCH_RUN))
    if (status?.complete === true) break
    await systemClock.sleep(TICK_MILLIS)
  }
  let trips = 0
  for (const ofShard of await counted) trips += ofShard
  if (trips !== TRIPS) throw new Error(`${trips} of ${TRIPS} trips were counted`)
}
