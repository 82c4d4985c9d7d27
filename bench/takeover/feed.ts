/** A day of sample trips whose pickups come one after the other in equal steps. */
import { writeFile } from 'node:fs/promises'
import { csvRow, SAMPLE_TRIPS_HEADER } from '../../samples/sample-trips-csv.ts'
import { generateTrips } from '../../samples/sample-trips.ts'
import { DAY_MILLIS, parseEventTime } from '../../src/time/units.ts'

export async function writeEvenTrips(path: string, trips: number): Promise<void> {
  const date = '2016-01-15'
  const day = parseEventTime(date, 'date')
  const lines = [SAMPLE_TRIPS_HEADER]
  for (const trip of generateTrips({ trips, date })) {
    const duration = trip.dropoffTime - trip.pickupTime
    const second = Math.floor(((lines.length - 1) / trips) * (DAY_MILLIS / 1000))
    const pickupTime = day + second * 1000
    lines.push(csvRow({ ...trip, pickupTime, dropoffTime: pickupTime + duration }))
  }
  await writeFile(path, `${lines.join('\n')}\n`)
}
