/** Rows as the yellow cabs' files of 2015 have them, in no order. */
import type { Random } from '../../src/time/random.ts'

const HEADER =
  'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,' +
  'pickup_longitude,pickup_latitude,RateCodeID,store_and_fwd_flag,dropoff_longitude,' +
  'dropoff_latitude,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,' +
  'improvement_surcharge,total_amount\n'

/** `digits` writes a coordinate: short ones of 6 decimals as in 2015, unless told otherwise. */
export function yellowCsv(
  rows: number,
  random: Random,
  digits: (degrees: number) => string = (degrees) => degrees.toFixed(6),
): Buffer {
  const time = (millis: number): string => new Date(millis).toISOString().slice(0, 19)
  const parts: string[] = [HEADER]
  for (let i = 0; i < rows; i++) {
    const start = Date.UTC(2015, 0, 1) + Math.floor(random() * 31 * 86_400) * 1000
    const place = (): string => `${digits(-74 + random() / 10)},${digits(40.7 + random() / 10)}`
    const money = (most: number, places: number): string => (random() * most).toFixed(places)
    parts.push(
      `2,${time(start)},${time(start + 600_000)},1,${money(10, 2)},${place()},1,N,${place()},1,` +
        `${money(50, 1)},0.5,0.5,${money(5, 2)},0,0.3,${money(60, 2)}\n`,
    )
  }
  return Buffer.from(parts.join(''))
}
