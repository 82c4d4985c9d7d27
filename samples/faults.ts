import { DAY_MILLIS } from '../src/time/units.ts'
import type { Random } from '../src/time/random.ts'
import type { SampleTrip } from './sample-trip.ts'

/** A stray fix, far outside the city but on the planet; and one that is not on it. */
const OFF_THE_MAP = [
  [-81.216667, 40.766667],
  [-73.981018, 401.083332],
  [-7.335242, 4.067323],
  [-78.194427, 38.921629],
]

/** Chance of each fault, as far as real files go; one fault a trip at most. */
const FAULTS: readonly { chance: number; spoil(trip: SampleTrip, random: Random): void }[] = [
  {
    chance: 0.0085,
    spoil: (trip) => {
      trip.pickupLon = trip.pickupLat = trip.dropoffLon = trip.dropoffLat = 0
    },
  },
  {
    chance: 0.001,
    spoil: (trip) => {
      trip.pickupLon = trip.pickupLat = 0
    },
  },
  {
    chance: 0.0015,
    spoil: (trip) => {
      trip.dropoffLon = trip.dropoffLat = 0
    },
  },
  // Latitude in the place of longitude.
  {
    chance: 0.0005,
    spoil: (trip) => {
      const { pickupLon, dropoffLon } = trip
      trip.pickupLon = trip.pickupLat
      trip.pickupLat = pickupLon
      trip.dropoffLon = trip.dropoffLat
      trip.dropoffLat = dropoffLon
    },
  },
  {
    chance: 0.0005,
    spoil: (trip, random) => {
      const stray = OFF_THE_MAP[Math.floor(random() * OFF_THE_MAP.length)]
      trip.dropoffLon = stray[0]
      trip.dropoffLat = stray[1]
    },
  },
  // A meter whose clock was set back on the way.
  {
    chance: 0.001,
    spoil: (trip, random) => {
      trip.dropoffTime = trip.pickupTime - 1000 * (1 + Math.floor(random() * 600))
    },
  },
  // A meter that was switched off a day later.
  {
    chance: 0.001,
    spoil: (trip, random) => {
      trip.dropoffTime = trip.pickupTime + DAY_MILLIS - 1000 * Math.floor(random() * 600)
    },
  },
]

/** Makes a few trips as faulty as some in real files are; in place. */
export function addFaults(trip: SampleTrip, random: Random): void {
  let chance = random()
  for (const fault of FAULTS) {
    if (chance < fault.chance) {
      fault.spoil(trip, random)
      return
    }
    chance -= fault.chance
  }
}
