import type { Random } from '../src/time/random.ts'
import type { SampleDistrict } from './city.ts'
import { LAT_MILES, LON_MILES } from './demand.ts'
import { meterExtra, meterFare, paymentType, RATE, tipFor } from './meter.ts'
import type { Position } from './ring.ts'
import type { SampleTrip } from './sample-trip.ts'
import { roundDegrees } from './spot.ts'

/** Miles an hour in short trips of a working day, by hour. */
const SPEEDS = [
  16, 18, 19, 20, 21, 20, 16, 12.5, 10.5, 10, 9.8, 9.5, 9.3, 9.4, 9.3, 9.3, 9.8, 9.6, 10, 11, 12.2,
  13, 13.5, 14.5,
]

/** Avenues run 29° east of north: its sine and cosine. */
const GRID_SINE = 0.4848
const GRID_COSINE = 0.8746

const JFK = 'QN-JFK'
/** Cents: a bridge or tunnel of the MTA with a transponder, January 2016. */
const TOLL = 554
const MTA_TAX = 50
const IMPROVEMENT_SURCHARGE = 30

/** Where the few that leave the city go. */
const OUT_OF_TOWN: readonly { at: Position; rateCode: number }[] = [
  { at: [-74.1775, 40.6905], rateCode: RATE.newark },
  { at: [-74.1775, 40.6905], rateCode: RATE.newark },
  { at: [-74.035, 40.7185], rateCode: RATE.negotiated },
  { at: [-74.031, 40.744], rateCode: RATE.negotiated },
  { at: [-73.88, 40.936], rateCode: RATE.nassauWestchester },
  { at: [-73.7, 40.665], rateCode: RATE.nassauWestchester },
]
const OUT_OF_TOWN_SHARE = 0.003

export interface Journey {
  pickup: Position
  dropoff: Position
  rateCode: number
  /** Chance of a toll on the way. */
  tollChance: number
}

/** From a place in one district to a place in another; now and then to somewhere out of town. */
export function journeyBetween(
  origin: SampleDistrict,
  destination: SampleDistrict,
  pickup: Position,
  dropoff: Position,
  random: Random,
): Journey {
  if (random() < OUT_OF_TOWN_SHARE) {
    const { at, rateCode } = OUT_OF_TOWN[Math.floor(random() * OUT_OF_TOWN.length)]
    const lon = roundDegrees(at[0] + (random() - 0.5) * 0.01)
    const lat = roundDegrees(at[1] + (random() - 0.5) * 0.01)
    return { pickup, dropoff: [lon, lat], rateCode, tollChance: 0.5 }
  }
  const boroughs = [origin.properties.borough, destination.properties.borough]
  const flat =
    boroughs.includes('Manhattan') &&
    (origin.properties.id === JFK || destination.properties.id === JFK)
  const crossing = boroughs[0] !== boroughs[1] && boroughs.includes('Queens')
  return {
    pickup,
    dropoff,
    rateCode: flat ? RATE.jfk : RATE.standard,
    tollChance: boroughs.includes('Staten Island') ? 1 : crossing ? 0.4 : 0,
  }
}

/** Rides and pays. `pickupTime` is in wall-clock milliseconds; `workday` is Monday to Friday. */
export function ride(
  { pickup, dropoff, rateCode, tollChance }: Journey,
  pickupTime: number,
  { hour, workday }: { hour: number; workday: boolean },
  random: Random,
): SampleTrip {
  const miles = streetMiles(pickup, dropoff) * (0.97 + 0.2 * random()) + 0.1
  // Highways make long trips faster, and so do empty streets at the weekend.
  const speed = SPEEDS[hour] * (1 + 0.06 * Math.min(miles, 15)) * (workday ? 1 : 1.12)
  const seconds = Math.round((miles / speed) * 3600 * (0.65 + 0.35 * (random() + random())))
  const vendorId = random() < 0.47 ? 1 : 2
  const distance = vendorId === 1 ? Math.round(miles * 10) * 10 : Math.round(miles * 100)

  const meter = { distance, minutes: seconds / 60, rateCode, hour, workday }
  const fare = meterFare(meter)
  const extra = meterExtra(meter)
  const mtaTax = rateCode === RATE.standard || rateCode === RATE.jfk ? MTA_TAX : 0
  const tolls = random() < tollChance ? TOLL : 0
  const payment = paymentType(random)
  const bill = fare + extra + mtaTax + tolls + IMPROVEMENT_SURCHARGE
  const tip = tipFor(payment, bill, random)
  return {
    vendorId,
    pickupTime,
    dropoffTime: pickupTime + seconds * 1000,
    passengers: passengersOf(vendorId, random),
    distance,
    pickupLon: pickup[0],
    pickupLat: pickup[1],
    dropoffLon: dropoff[0],
    dropoffLat: dropoff[1],
    rateCode,
    storedAndForwarded: vendorId === 1 && random() < 0.012,
    paymentType: payment,
    fare,
    extra,
    mtaTax,
    tip,
    tolls,
    improvementSurcharge: IMPROVEMENT_SURCHARGE,
    total: bill + tip,
  }
}

/** Along the avenues and across them. */
function streetMiles(from: Position, to: Position): number {
  const east = (to[0] - from[0]) * LON_MILES
  const north = (to[1] - from[1]) * LAT_MILES
  return (
    Math.abs(east * GRID_SINE + north * GRID_COSINE) +
    Math.abs(east * GRID_COSINE - north * GRID_SINE)
  )
}

/** Only the meters of vendor 2 know more than four. */
function passengersOf(vendorId: number, random: Random): number {
  const choice = random()
  if (choice < 0.71) return 1
  if (choice < 0.85) return 2
  if (choice < 0.89) return 3
  if (choice < 0.91 || vendorId === 1)
    return choice < 0.999 ? 1 + (Math.floor(choice * 400) % 4) : 0
  return choice < 0.966 ? 5 : 6
}
