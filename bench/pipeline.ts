/**
 * Blobs in memory → counts by district and pane, one core: `npm run bench:pipeline [-- --json]`.
 *
 * One operation is one trip: found in its KPL aggregate (MD5 checked), decoded, classified at both
 * ends, counted. Ours reads 1,000,000 trips of an hour as a replay puts them, 40 Kinesis records a
 * read; the naive pipeline reads the first 100,000 of them as JSON. Before anything is timed both
 * count those 100,000, and must agree on every sum of every district in every pane.
 */
import { BlockCounts } from '../src/counts/block-counts.ts'
import { DistrictSlots } from '../src/counts/district-slots.ts'
import { MEASURES, SUMS } from '../src/counts/measures.ts'
import { ShardCounter } from '../src/counts/shard-counter.ts'
import { districtsFrom } from '../src/geo/district-set.ts'
import type { KinesisRecord } from '../src/kinesis/kinesis-port.ts'
import { classify } from '../src/pipeline/classify.ts'
import { Decoder } from '../src/pipeline/decode.ts'
import { emptyProgress } from '../src/pipeline/shard-start.ts'
import { TRIP_RECORD_BYTES } from '../src/trips/trip-record.ts'
import { chooseGeometry } from '../src/windows/pane.ts'
import { readCities } from './classify/cities.ts'
import { feedOf, tripRecords, WHOLE_RANGE } from './feed.ts'
import { naivePipeline, naiveRecords } from './naive.ts'
import { benchOptions, rowsOf } from './report.ts'
import { compete } from './rounds.ts'

const TRIPS = 1_000_000
const NAIVE_TRIPS = 100_000
const RECORDS_PER_READ = 40
const PANE_MILLIS = 300_000

const { rounds, print } = benchOptions()
const [city] = readCities()
const { ids, index } = districtsFrom(city.collection, city.id)
const geometry = chooseGeometry(PANE_MILLIS, ids.length)
const trips = tripRecords(city.places, TRIPS)
const some = trips.subarray(0, NAIVE_TRIPS * TRIP_RECORD_BYTES)
const [feed] = feedOf(trips)
const naive = naivePipeline(city.collection, city.id, PANE_MILLIS)
const [jsonFeed] = feedOf(some, { codec: 'json' }).map(naiveRecords)

await checkBoth()
const standings = await compete(
  [
    { name: 'hailstream', run: () => count(feed).tripsCounted },
    { name: 'naive pipeline', run: () => naive(jsonFeed).then(() => NAIVE_TRIPS) },
  ],
  { rounds },
)
for (const row of rowsOf('pipeline', standings, { factor: 1e-6, unit: 'M trips/s' })) print(row)

function count(records: readonly KinesisRecord[]): ShardCounter {
  const slots = new DistrictSlots(ids, false)
  const decoder = new Decoder(slots, WHOLE_RANGE)
  const counter = new ShardCounter({
    generation: 'bench',
    geometry,
    slots,
    progress: emptyProgress('shard'),
    outOfOrdernessMillis: 60_000,
    fromBeginning: true,
  })
  for (let at = 0; at < records.length; at += RECORDS_PER_READ) {
    const batch = classify(decoder.decode(records.slice(at, at + RECORDS_PER_READ)), index)
    for (const ref of counter.missingBlocks(batch)) counter.install(ref)
    counter.absorb(batch)
  }
  return counter
}

/** Throws unless ours and the naive pipeline count the same. */
async function checkBoth(): Promise<void> {
  const expected = await naive(jsonFeed)
  const slots = new DistrictSlots(ids, false)
  const counter = count(feedOf(some)[0])
  let cells = 0
  for (const ref of counter.beginFlush().blocks) {
    const partial = counter.partial(ref)
    if (partial === undefined) continue
    const counts = BlockCounts.unpack(partial.counts, slots)
    for (let row = 0; row < counts.rows; row++, cells++) {
      const pane = ref.block + counts.rowPanes[row] * PANE_MILLIS
      const theirs = expected.get(`${ids[counts.rowSlots[row]]}|${pane}`)
      for (const [i, name] of SUMS.entries()) {
        const ours = counts.values[row * MEASURES + i]
        // The naive pipeline adds dollars and miles as fractions.
        const scale = i > 2 ? 100 : 1
        if (ours !== Math.round((theirs?.[name] ?? NaN) * scale)) {
          throw new Error(`${name} of ${ids[counts.rowSlots[row]]}: ours ${ours}`)
        }
      }
    }
  }
  if (cells !== expected.size) throw new Error(`${cells} districts and panes of ${expected.size}`)
}
