/** Records of producers that know nothing of lanes: plain, aggregated, and not trips at all. */
import { encodeAggregate } from '../../src/kinesis/encode-aggregate.ts'
import type { PutEntry } from '../../src/kinesis/kinesis-port.ts'
import type { Random } from '../../src/time/random.ts'
import { FIELD, TRIP_RECORD_BYTES } from '../../src/trips/trip-record.ts'
import { makeTrips, recordsOf } from './city.ts'
import type { TripFact } from './city.ts'

/** Adds the trips to `facts`; each record's ordinal is its place there. */
export function foreignEntries(count: number, facts: TripFact[], random: Random): PutEntry[] {
  const entries: PutEntry[] = []
  for (let i = 0; i < count; i++) {
    const partitionKey = `foreign ${Math.floor(random() * 20)}`
    const chance = random()
    if (chance < 0.1) {
      entries.push({ partitionKey, data: Buffer.from(`not a trip, number ${i}`) })
      continue
    }
    const trips = makeTrips(
      {
        count: chance < 0.6 ? 1 : 1 + Math.floor(random() * 5),
        firstTime: Date.UTC(2016, 0, 1, 18),
        spanMillis: 6 * 3_600_000,
        order: 'pickup',
        longestMillis: 3_600_000,
        unreadable: 0.02,
      },
      random,
    )
    const bytes = recordsOf(trips)
    const view = new DataView(bytes.buffer)
    const records = trips.map((fact, at) => {
      view.setFloat64(at * TRIP_RECORD_BYTES + FIELD.ordinal, facts.length, true)
      facts.push(fact)
      return bytes.subarray(at * TRIP_RECORD_BYTES, (at + 1) * TRIP_RECORD_BYTES)
    })
    const data = chance < 0.6 ? records[0] : encodeAggregate(partitionKey, records)
    entries.push({ partitionKey, data })
  }
  return entries
}
