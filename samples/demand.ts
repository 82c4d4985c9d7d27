import type { Random } from '../src/time/random.ts'
import type { SampleCity, SampleDistrict } from './city.ts'
import { NEIGHBOURHOODS, type Pull } from './neighbourhoods.ts'
import { PURPOSES, type Purpose } from './purposes.ts'
import { LON_SCALE, type Position } from './ring.ts'

/** Miles in a degree of latitude. */
export const LAT_MILES = 69
export const LON_MILES = LAT_MILES * LON_SCALE

const MINUTES = 1440
/** Where the pull of a place has fallen to less than a half. */
const NEAR_MILES = 1.4
/** From an airport people go anywhere in the city. */
const AIRPORT_NEAR_MILES = 12
/** For a district that no neighbourhood tells anything about. */
const UNKNOWN_PULL: Pull = { home: 1, work: 1, night: 1, airport: 0 }

/** Running sums: what `pickIndex` searches. */
export function cumulate(count: number, weightOf: (index: number) => number): Float64Array {
  const sums = new Float64Array(count)
  let sum = 0
  for (let i = 0; i < count; i++) sums[i] = sum += weightOf(i)
  return sums
}

/** An index with a chance in proportion to its weight; never one of weight 0. */
export function pickIndex(sums: Float64Array, random: Random): number {
  const target = random() * sums[sums.length - 1]
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (sums[middle] > target) high = middle
    else low = middle + 1
  }
  return low
}

/** Who wants to go when, from where, to where, on one day. */
export class Demand {
  readonly #places: readonly { pull: Pull; centre: Position }[]
  readonly #starts: Float64Array
  readonly #origins = new Map<keyof Pull, Float64Array>()
  readonly #destinations = new Map<number, Float64Array>()

  /** `weekday` 0 … 6, Sunday is 0. */
  constructor(city: SampleCity, weekday: number) {
    this.#places = city.features.map(placeOf)
    this.#starts = cumulate(MINUTES * PURPOSES.length, (index) => {
      const purpose = PURPOSES[index % PURPOSES.length]
      return rateAt(purpose, (index / PURPOSES.length) | 0) * purpose.weekdays[weekday]
    })
  }

  /** Second of the day, and the indexes of two districts. */
  next(random: Random): { second: number; origin: number; destination: number } {
    const start = pickIndex(this.#starts, random)
    const purpose = start % PURPOSES.length
    const minute = (start / PURPOSES.length) | 0
    const origin = pickIndex(this.#originsFor(PURPOSES[purpose].from), random)
    const destination = pickIndex(this.#destinationsFor(purpose, origin), random)
    return { second: minute * 60 + ((random() * 60) | 0), origin, destination }
  }

  #originsFor(kind: keyof Pull): Float64Array {
    let sums = this.#origins.get(kind)
    if (sums === undefined) {
      sums = cumulate(this.#places.length, (index) => this.#places[index].pull[kind])
      // A city without an airport: its travellers start from anywhere.
      if (sums[sums.length - 1] === 0) sums = cumulate(this.#places.length, () => 1)
      this.#origins.set(kind, sums)
    }
    return sums
  }

  /** Gravity: a place draws by its pull and, but for airports, less the farther away it is. */
  #destinationsFor(purpose: number, origin: number): Float64Array {
    const key = purpose * this.#places.length + origin
    let sums = this.#destinations.get(key)
    if (sums === undefined) {
      const { from, to } = PURPOSES[purpose]
      const { centre } = this.#places[origin]
      const near = from === 'airport' ? AIRPORT_NEAR_MILES : NEAR_MILES
      sums = cumulate(this.#places.length, (index) => {
        const place = this.#places[index]
        if (to === 'airport') return place.pull.airport
        const share = milesBetween(centre, place.centre) / near
        const square = share * share
        return place.pull[to] / (1 + square + 0.15 * square * square)
      })
      if (sums[sums.length - 1] === 0) sums = cumulate(this.#places.length, () => 1)
      this.#destinations.set(key, sums)
    }
    return sums
  }
}

function placeOf({ properties: { id }, geometry }: SampleDistrict): {
  pull: Pull
  centre: Position
} {
  const known = NEIGHBOURHOODS.find((neighbourhood) => neighbourhood.id === id)
  const ring = geometry.type === 'Polygon' ? geometry.coordinates[0] : geometry.coordinates[0][0]
  return { pull: known?.pull ?? UNKNOWN_PULL, centre: known?.centres[0] ?? ring[0] }
}

/** Straight between the middles of the hours, around midnight too. */
function rateAt({ hours }: Purpose, minute: number): number {
  const position = (minute - 30 + MINUTES) / 60
  const hour = Math.floor(position)
  const share = position - hour
  return hours[hour % 24] * (1 - share) + hours[(hour + 1) % 24] * share
}

function milesBetween(a: Position, b: Position): number {
  const east = (a[0] - b[0]) * LON_MILES
  const north = (a[1] - b[1]) * LAT_MILES
  return Math.sqrt(east * east + north * north)
}
