/**
 * One measurement of growth in a process of its own, so that its memory is its own too:
 * `step.js KIND SIZE` sends `{ micros, megabytes }` to whoever forked it.
 */
import { Readable } from 'node:stream'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import { ShardCounter } from '../../src/counts/shard-counter.ts'
import { createDistrictIndex } from '../../src/geo/district-index.ts'
import type { KinesisRecord } from '../../src/kinesis/kinesis-port.ts'
import { classify } from '../../src/pipeline/classify.ts'
import { Decoder } from '../../src/pipeline/decode.ts'
import { emptyProgress } from '../../src/pipeline/shard-start.ts'
import { seededRandom } from '../../src/time/random.ts'
import { openTrips } from '../../src/trips/trip-source.ts'
import { chooseGeometry } from '../../src/windows/pane.ts'
import { MemoryTable } from '../../test/support/memory-table.ts'
import { cityCount, countShard } from '../city-count.ts'
import { readCities } from '../classify/cities.ts'
import { uniformPoints } from '../classify/points.ts'
import { yellowCsv } from '../csv/yellow.ts'
import { feedOf, feedReader, shardsOf, tripRecords, WHOLE_RANGE } from '../feed.ts'
import { BOX, gridOfDistricts } from './grid-of-districts.ts'

export const KINDS = ['shards', 'districts', 'rows'] as const
export type Kind = (typeof KINDS)[number]

export interface Cost {
  /** CPU microseconds a trip, all threads of the process. */
  micros: number
  /** Largest resident set. */
  megabytes: number
}

const TRIPS = 600_000
const PASSES = 3
const RECORDS_PER_READ = 40

const [kind, size] = [process.argv[2] as Kind, Number(process.argv[3])]
const micros = await { shards: shardsCost, districts: districtsCost, rows: rowsCost }[kind](size)
const megabytes = process.resourceUsage().maxRSS / 1024
process.send?.({ micros, megabytes } satisfies Cost)

/** Feeds of `shards` shards in memory, each counted by a consumer of its own, all in one process. */
async function shardsCost(shards: number): Promise<number> {
  const [city] = readCities()
  const counting = cityCount(city)
  const kinesis = feedReader(feedOf(tripRecords(city.places, TRIPS), { shards }), RECORDS_PER_READ)
  return costOf(TRIPS, async () => {
    const table = new MemoryTable()
    await Promise.all(
      shardsOf(shards).map((shard) => countShard(shard, counting, { kinesis, table })),
    )
  })
}

/** Decoding, classifying and counting alone: more than a few hundred districts are too many for items. */
async function districtsCost(districts: number): Promise<number> {
  const index = createDistrictIndex(gridOfDistricts(districts), { id: 'id' })
  const places = uniformPoints(BOX, 200_000, seededRandom(5))
  const [feed] = feedOf(tripRecords(places, TRIPS))
  return costOf(TRIPS, () => {
    countFeed(feed, index)
    return Promise.resolve()
  })
}

function countFeed(feed: KinesisRecord[], index: ReturnType<typeof createDistrictIndex>): void {
  const slots = new DistrictSlots(index.ids, false)
  const decoder = new Decoder(slots, WHOLE_RANGE)
  const counter = new ShardCounter({
    generation: 'bench',
    geometry: chooseGeometry(300_000, index.ids.length),
    slots,
    progress: emptyProgress('shard'),
    outOfOrdernessMillis: 60_000,
    fromBeginning: true,
  })
  for (let at = 0; at < feed.length; at += RECORDS_PER_READ) {
    const batch = classify(decoder.decode(feed.slice(at, at + RECORDS_PER_READ)), index)
    for (const ref of counter.missingBlocks(batch)) counter.install(ref)
    counter.absorb(batch)
  }
  if (counter.tripsCounted !== TRIPS) throw new Error(`${counter.tripsCounted} of ${TRIPS} trips`)
}

/** CSV in no order, read, sorted (through temporary files where 128 MiB do not do) and read again. */
async function rowsCost(rows: number): Promise<number> {
  const block = yellowCsv(10_000, seededRandom(1))
  const header = block.subarray(0, block.indexOf('\n') + 1)
  const body = block.subarray(header.length)
  const read = async (): Promise<void> => {
    const source = await openTrips({
      files: ['-'],
      order: 'pickup',
      stdin: Readable.from(chunks(header, body, rows / 10_000)),
    })
    let trips = 0
    for await (const slab of source.slabs()) trips += slab.count
    await source.close()
    if (trips !== rows) throw new Error(`${trips} of ${rows} trips`)
  }
  // A small input is over before the code is compiled; a very large one is read once.
  const passes = Math.max(1, Math.ceil(1_000_000 / rows))
  return costOf(
    rows * passes,
    async () => {
      for (let pass = 0; pass < passes; pass++) await read()
    },
    rows > 1_000_000 ? 1 : PASSES,
  )
}

function* chunks(header: Buffer, body: Buffer, times: number): Iterable<Buffer> {
  yield header
  for (let i = 0; i < times; i++) yield body
}

/** The least of `passes`, after one that does not count where there are several. */
async function costOf(trips: number, work: () => Promise<void>, passes = PASSES): Promise<number> {
  if (passes > 1) await work()
  let least = Infinity
  for (let pass = 0; pass < passes; pass++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / trips)
  }
  return least
}
