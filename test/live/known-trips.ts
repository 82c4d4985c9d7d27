/**
 * Trip files whose counts are known as they are written: each row says what it is to add, and
 * nothing of the pipeline is asked.
 */
import type { Random } from '../../src/time/random.ts'
import type { KnownCity } from './known-city.ts'

/**
 * What is counted: `2016-02-28T21:05 D03 fare` → cents, `2016-02-28T21:05 pickup outside` → ends.
 * Only what is not 0.
 */
export type Counts = Map<string, number>

export interface KnownTrips {
  /** Name of a file → its text. */
  files: ReadonlyMap<string, string>
  rows: number
  trips: number
  /** Reason → rows. */
  rejected: ReadonlyMap<string, number>
  counts: Counts
}

interface End {
  /** Time of the pane it is counted in, ms. */
  time: number
  /** An id, or nothing and the reason. */
  district?: string
  reason?: string
  fields: readonly [string, string]
}

interface Amounts {
  passengers: number
  distance: number
  fare: number
  tip: number
  total: number
}

const PANE_MILLIS = 300_000
const BEGIN = Date.UTC(2016, 1, 28, 21)
const SPAN_MILLIS = 6 * 3_600_000
const POSITIONS =
  'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,' +
  'pickup_longitude,pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,' +
  'dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,' +
  'improvement_surcharge,total_amount'
const ZONES =
  'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,' +
  'PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,' +
  'improvement_surcharge,total_amount'

/** `trips` readable ones, one in twenty of them with zone ids, and one bad row for every fifty. */
export function knownTrips(city: KnownCity, trips: number, random: Random): KnownTrips {
  const counts: Counts = new Map()
  const rejected = new Map<string, number>()
  const positions = [POSITIONS]
  const zones = [ZONES]
  for (let i = 0; i < trips; i++) {
    const pickupTime = BEGIN + Math.floor((random() * SPAN_MILLIS) / 1000) * 1000
    // Some meters stop before they start, and some never do.
    const stops = random() < 0.02 ? -90_000 : Math.floor(random() * 2_400) * 1000
    const dropoffTime = random() < 0.02 ? NaN : pickupTime + stops
    const zoned = i % 20 === 7
    const end = zoned ? zoneEnd : (time: number) => positionEnd(city, time, random)
    const pickup = end(pickupTime, random)
    const dropoff = end(dropoffTime, random)
    const amounts = someAmounts(random)
    addTrip(counts, pickup, timed(dropoff, pickupTime), amounts)
    const row = rowOf(pickupTime, dropoffTime, pickup, dropoff, amounts, zoned)
    if (zoned) zones.push(row)
    else positions.push(row)
    if (i % 50 === 11) {
      const [reason, bad] = badRow(row, random)
      rejected.set(reason, (rejected.get(reason) ?? 0) + 1)
      positions.push(bad)
    }
  }
  let bad = 0
  for (const rows of rejected.values()) bad += rows
  return {
    files: new Map([
      ['positions.csv', `${positions.join('\n')}\n`],
      ['zones.csv', `${zones.join('\r\n')}\r\n`],
    ]),
    rows: trips + bad,
    trips,
    rejected,
    counts,
  }
}

/** An end without a time is counted where its trip began, and is nowhere. */
function timed(end: End, pickupTime: number): End {
  if (!Number.isNaN(end.time)) return end
  return { time: pickupTime, reason: 'missing-time', fields: end.fields }
}

function positionEnd(city: KnownCity, time: number, random: Random): End {
  const kind = random()
  const nowhere = (reason: string, lon: string, lat: string): End => ({
    time,
    reason,
    fields: [lon, lat],
  })
  if (kind < 0.02) return nowhere('zero-position', '0', '0')
  if (kind < 0.03) return nowhere('missing-position', '', '50.25')
  if (kind < 0.04) return nowhere('off-planet', '212.5', '50.25')
  if (kind < 0.06) return nowhere('outside', '5.5', '40.25')
  if (kind < 0.08) {
    const [lon, lat] = city.inHole(random)
    return nowhere('outside', String(lon), String(lat))
  }
  const { district, position } = city.inside(random)
  const [lon, lat] = position.map(String)
  if (kind < 0.1) return nowhere('swapped', lat, lon)
  return { time, district, fields: [lon, lat] }
}

function zoneEnd(time: number, random: Random): End {
  if (random() < 0.1) return { time, reason: 'missing-position', fields: ['', ''] }
  const zone = String(1 + Math.floor(random() * 265))
  return { time, reason: 'zone-id-without-zones', fields: [zone, ''] }
}

function someAmounts(random: Random): Amounts {
  const fare = 250 + Math.floor(random() * 6_000)
  const tip = random() < 0.4 ? 0 : Math.floor(random() * 0.3 * fare)
  const refund = random() < 0.01 ? -1 : 1
  return {
    passengers: Math.floor(random() * 7),
    distance: Math.floor(random() * 2_500),
    fare: refund * fare,
    tip: refund * tip,
    total: refund * (fare + tip + 80),
  }
}

function addTrip(counts: Counts, pickup: End, dropoff: End, amounts: Amounts): void {
  const add = (key: string, value: number): void => {
    const sum = (counts.get(key) ?? 0) + value
    if (sum === 0) counts.delete(key)
    else counts.set(key, sum)
  }
  const pane = (time: number): string =>
    new Date(Math.floor(time / PANE_MILLIS) * PANE_MILLIS).toISOString().slice(0, 16)
  if (pickup.district === undefined) add(`${pane(pickup.time)} pickup ${pickup.reason}`, 1)
  else {
    const row = `${pane(pickup.time)} ${pickup.district}`
    add(`${row} pickups`, 1)
    for (const [measure, value] of Object.entries(amounts)) add(`${row} ${measure}`, Number(value))
  }
  if (dropoff.district === undefined) add(`${pane(dropoff.time)} dropoff ${dropoff.reason}`, 1)
  else add(`${pane(dropoff.time)} ${dropoff.district} dropoffs`, 1)
}

function rowOf(
  pickupTime: number,
  dropoffTime: number,
  pickup: End,
  dropoff: End,
  amounts: Amounts,
  zoned: boolean,
): string {
  const { passengers, distance, fare, tip, total } = amounts
  const money = (cents: number): string => (cents / 100).toFixed(2)
  const places = zoned
    ? [pickup.fields[0], dropoff.fields[0]]
    : [...pickup.fields, '1', 'N', ...dropoff.fields]
  return [
    '2',
    textOfTime(pickupTime),
    textOfTime(dropoffTime),
    passengers,
    money(distance),
    ...places,
    '1',
    money(fare),
    '0',
    '0.5',
    money(tip),
    '0',
    '0.3',
    money(total),
  ].join(',')
}

function textOfTime(time: number): string {
  if (Number.isNaN(time)) return ''
  return new Date(time).toISOString().slice(0, 19).replace('T', ' ')
}

/** The row, spoilt. */
function badRow(row: string, random: Random): [reason: string, row: string] {
  const fields = row.split(',')
  const rest = fields.slice(2).join(',')
  const kinds: [string, string][] = [
    ['missing-pickup-time', `2,,${rest}`],
    ['unreadable-pickup-time', `2,yesterday,${rest}`],
    ['too-few-fields', '2'],
    ['broken-quote', `2,"${fields[1]}"x,${rest}`],
  ]
  return kinds[Math.floor(random() * kinds.length)]
}
