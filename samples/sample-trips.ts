/**
 * A made-up day of New York taxi trips. The same options give the same bytes on every machine:
 * besides the seeded source of chance only + − × ÷ and the square root are used, which IEEE 754
 * defines to the last bit.
 */
import { open, rename, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { HailstreamError } from '../src/errors.ts'
import { seededRandom } from '../src/time/random.ts'
import { DAY_MILLIS, parseEventTime } from '../src/time/units.ts'
import { makeCity, type SampleCity } from './city.ts'
import { Demand } from './demand.ts'
import { addFaults } from './faults.ts'
import { journeyBetween, ride } from './ride.ts'
import { csvRow, SAMPLE_TRIPS_HEADER } from './sample-trips-csv.ts'
import type { SampleTrip } from './sample-trip.ts'
import { Spots } from './spot.ts'

export interface SampleTripsOptions {
  /** An integer; any other seed is another day. */
  seed: number
  /** How many; an integer ≥ 0. */
  trips: number
  /** Day of all pickups, YYYY-MM-DD. */
  date: string
  /** Made anew when absent. */
  city: SampleCity
}

/** What is replayed when no file is given: a Friday. */
export const DEFAULT_SAMPLE_TRIPS = { seed: 1, trips: 20_000, date: '2016-01-15' } as const

const CHUNK_CHARACTERS = 1 << 18

/**
 * A day of trips, one at a time, in no order of time (as in the files of the TLC).
 *
 * @throws HailstreamError USAGE for a date or a number of trips that is none
 */
export function generateTrips(options: Partial<SampleTripsOptions> = {}): Iterable<SampleTrip> {
  const { seed, trips, date } = { ...DEFAULT_SAMPLE_TRIPS, ...options }
  if (!Number.isSafeInteger(trips) || trips < 0) {
    throw new HailstreamError('USAGE', {
      subject: 'Sample trips',
      got: `${trips} trips`,
      expected: 'a whole number, 0 or more',
    })
  }
  const day = Math.floor(parseEventTime(date, 'Sample date') / DAY_MILLIS) * DAY_MILLIS
  return tripsOf(options.city ?? makeCity(), day, trips, seed)
}

function* tripsOf(
  city: SampleCity,
  day: number,
  trips: number,
  seed: number,
): Generator<SampleTrip> {
  const random = seededRandom(seed)
  const weekday = new Date(day).getUTCDay()
  const workday = weekday >= 1 && weekday <= 5
  const demand = new Demand(city, weekday)
  const spots = new Spots(city)
  for (let i = 0; i < trips; i++) {
    const { second, origin, destination } = demand.next(random)
    const journey = journeyBetween(
      city.features[origin],
      city.features[destination],
      spots.spotIn(origin, random),
      spots.spotIn(destination, random),
      random,
    )
    const hour = Math.floor(second / 3600)
    const trip = ride(journey, day + second * 1000, { hour, workday }, random)
    addFaults(trip, random)
    yield trip
  }
}

/**
 * Writes a CSV file in the layout of the TLC's yellow files of 2015 and 2016. The file gets its
 * name only when it is complete.
 *
 * @throws HailstreamError USAGE as `generateTrips`, INPUT where the file cannot be written
 */
export async function writeSampleTrips(
  path: string,
  options: Partial<SampleTripsOptions> = {},
): Promise<void> {
  const trips = generateTrips(options)
  const unfinished = `${path}.${process.pid}.unfinished`
  try {
    await writeCsv(unfinished, trips)
    await rename(unfinished, path)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    throw new HailstreamError(
      'INPUT',
      {
        subject: basename(path),
        got: cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error',
        expected: 'a file that can be written',
        fix: 'Choose a folder that exists, is writable and has room.',
      },
      { cause },
    )
  }
}

async function writeCsv(path: string, trips: Iterable<SampleTrip>): Promise<void> {
  const file = await open(path, 'w')
  try {
    let chunk = `${SAMPLE_TRIPS_HEADER}\n`
    for (const trip of trips) {
      chunk += `${csvRow(trip)}\n`
      if (chunk.length > CHUNK_CHARACTERS) {
        await file.writeFile(chunk)
        chunk = ''
      }
    }
    await file.writeFile(chunk)
  } finally {
    await file.close()
  }
}
