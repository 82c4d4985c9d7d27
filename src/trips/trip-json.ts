/**
 * The JSON sibling of the trip record, for consumers that are read by eye. Its first byte is `{`,
 * which no binary record begins with. docs/wire-format.md is the specification.
 */
import { HailstreamError } from '../errors.ts'
import { formatEventTime } from '../time/units.ts'
import type { Place, Trip } from './trip.ts'
import { parseWallClock } from './wall-clock.ts'

export const JSON_FIRST_BYTE = 0x7b

const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Amounts in dollars and miles, times as wall-clock text, as a person would write them. */
export function encodeTripJson(trip: Trip, ordinal: number): Uint8Array {
  return encoder.encode(
    JSON.stringify({
      v: 1,
      ordinal,
      pickupTime: formatEventTime(trip.pickupTime),
      dropoffTime: Number.isNaN(trip.dropoffTime) ? null : formatEventTime(trip.dropoffTime),
      pickup: placeToJson(trip.pickup),
      dropoff: placeToJson(trip.dropoff),
      passengers: trip.passengers,
      distance: trip.distance / 100,
      fare: trip.fare / 100,
      tip: trip.tip / 100,
      total: trip.total / 100,
    }),
  )
}

/** Reads what `encodeTripJson` wrote; throws `CORRUPT` where it is something else. */
export function decodeTripJson(data: Uint8Array): Trip {
  const parsed = parseObject(decoder.decode(data))
  const pickupTime = timeFrom(parsed.pickupTime)
  if (parsed.v !== 1 || Number.isNaN(pickupTime)) {
    throw corrupt('JSON without v = 1 and a pickupTime')
  }
  return {
    pickupTime,
    dropoffTime: timeFrom(parsed.dropoffTime),
    pickup: placeFrom(parsed.pickup),
    dropoff: placeFrom(parsed.dropoff),
    passengers: Math.min(255, Math.max(0, Math.trunc(numberFrom(parsed.passengers)))),
    distance: hundredths(parsed.distance),
    fare: hundredths(parsed.fare),
    tip: hundredths(parsed.tip),
    total: hundredths(parsed.total),
  }
}

function placeToJson(place: Place): unknown {
  if (place.kind === 'zone') return { zone: place.zone }
  return Number.isNaN(place.lon) || Number.isNaN(place.lat)
    ? null
    : { lon: place.lon, lat: place.lat }
}

function placeFrom(value: unknown): Place {
  const place = isObject(value) ? value : {}
  if (typeof place.zone === 'string') return { kind: 'zone', zone: place.zone }
  return { kind: 'position', lon: orNaN(place.lon), lat: orNaN(place.lat) }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (isObject(parsed)) return parsed
  } catch (cause) {
    throw corrupt('text that is not JSON', cause)
  }
  throw corrupt('JSON that is not an object')
}

function corrupt(got: string, cause?: unknown): HailstreamError {
  return new HailstreamError(
    'CORRUPT',
    { subject: 'Trip record', got, expected: 'a JSON trip of version 1' },
    { cause },
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function timeFrom(value: unknown): number {
  return typeof value === 'string' ? parseWallClock(value) : NaN
}

function orNaN(value: unknown): number {
  return typeof value === 'number' ? value : NaN
}

function numberFrom(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

function hundredths(value: unknown): number {
  const rounded = Math.round(numberFrom(value) * 100)
  return Math.abs(rounded) < 2 ** 31 ? rounded : 0
}
