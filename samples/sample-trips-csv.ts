import { DAY_MILLIS } from '../src/time/units.ts'
import type { SampleTrip } from './sample-trip.ts'

/** The yellow layout of January 2015 to June 2016. */
export const SAMPLE_TRIPS_HEADER =
  'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,' +
  'pickup_longitude,pickup_latitude,RatecodeID,store_and_fwd_flag,dropoff_longitude,' +
  'dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,' +
  'improvement_surcharge,total_amount'

/** Without a line end. */
export function csvRow(trip: SampleTrip): string {
  return (
    `${trip.vendorId},${csvTime(trip.pickupTime)},${csvTime(trip.dropoffTime)},` +
    `${trip.passengers},${trip.distance / 100},${trip.pickupLon},${trip.pickupLat},` +
    `${trip.rateCode},${trip.storedAndForwarded ? 'Y' : 'N'},${trip.dropoffLon},` +
    `${trip.dropoffLat},${trip.paymentType},${trip.fare / 100},${trip.extra / 100},` +
    `${trip.mtaTax / 100},${trip.tip / 100},${trip.tolls / 100},` +
    `${trip.improvementSurcharge / 100},${trip.total / 100}`
  )
}

const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'))

let lastDay = NaN
let lastDate = ''

/** `2016-01-15 07:30:05`; the date is formatted once per day, not once per time. */
function csvTime(time: number): string {
  const day = Math.floor(time / DAY_MILLIS)
  if (day !== lastDay) {
    lastDay = day
    lastDate = new Date(day * DAY_MILLIS).toISOString().slice(0, 10)
  }
  const second = (time - day * DAY_MILLIS) / 1000
  const hours = TWO_DIGITS[Math.floor(second / 3600)]
  return `${lastDate} ${hours}:${TWO_DIGITS[Math.floor(second / 60) % 60]}:${TWO_DIGITS[second % 60]}`
}
