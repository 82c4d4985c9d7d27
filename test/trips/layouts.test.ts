import * as assert from 'uvu/assert'
import { COLUMN_ROLES, type ColumnRole } from '../../src/trips/column-role.ts'
import { dropoffKind, layoutOf, pickupKind } from '../../src/trips/layouts.ts'
import { suite } from '../support/suite.ts'
import { failure, HAS_SHARED_DATA, NO_SHARED_DATA, readCsv, sharedPath, untar } from './reading.ts'

const test = suite('layouts')

const PLACES = ['pickupLon', 'pickupLat', 'dropoffLon', 'dropoffLat'] as const
const ZONES = ['pickupZone', 'dropoffZone'] as const
const MONEY = ['passengers', 'distance', 'fare', 'tip', 'total'] as const
const TIMES = ['pickupTime', 'dropoffTime'] as const

/** The header of each era, and the roles it has. */
const ERAS: readonly [string, string, readonly ColumnRole[]][] = [
  [
    'yellow 2009',
    'vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Passenger_Count,Trip_Distance,Start_Lon,Start_Lat,Rate_Code,store_and_forward,End_Lon,End_Lat,Payment_Type,Fare_Amt,surcharge,mta_tax,Tip_Amt,Tolls_Amt,Total_Amt',
    [...TIMES, ...PLACES, ...MONEY],
  ],
  [
    'yellow 2014',
    'vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance, pickup_longitude, pickup_latitude, rate_code, store_and_fwd_flag, dropoff_longitude, dropoff_latitude, payment_type, fare_amount, surcharge, mta_tax, tip_amount, tolls_amount, total_amount',
    [...TIMES, ...PLACES, ...MONEY],
  ],
  [
    'yellow 2016-07',
    'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount',
    [...TIMES, ...ZONES, ...MONEY],
  ],
  [
    'yellow 2025',
    'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount,congestion_surcharge,Airport_fee,cbd_congestion_fee',
    [...TIMES, ...ZONES, ...MONEY],
  ],
  [
    'green 2013',
    'VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,Extra,MTA_tax,Tip_amount,Tolls_amount,Ehail_fee,Total_amount,Payment_type,Trip_type ',
    [...TIMES, ...PLACES, ...MONEY],
  ],
  ['for-hire 2015', 'Dispatching_base_num,Pickup_date,locationID', ['pickupTime', 'pickupZone']],
  [
    'for-hire 2018',
    '"Pickup_DateTime","DropOff_datetime","PUlocationID","DOlocationID","SR_Flag","Dispatching_base_number","Dispatching_base_num"',
    [...TIMES, ...ZONES],
  ],
  [
    'for-hire 2020',
    'dispatching_base_num,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,SR_Flag,Affiliated_base_number',
    [...TIMES, ...ZONES],
  ],
  [
    'high-volume 2025',
    'hvfhs_license_num,dispatching_base_num,originating_base_num,request_datetime,on_scene_datetime,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,trip_miles,trip_time,base_passenger_fare,tolls,bcf,sales_tax,congestion_surcharge,airport_fee,tips,driver_pay,shared_request_flag,shared_match_flag,access_a_ride_flag,wav_request_flag,wav_match_flag,cbd_congestion_fee',
    [...TIMES, ...ZONES, 'distance', 'fare', 'tip'],
  ],
  [
    'renamed columns',
    'vendor_id,pickup_datetime,dropoff_datetime,passenger_count,trip_distance,rate_code_id,store_and_fwd_flag,pickup_location_id,dropoff_location_id,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount,congestion_surcharge',
    [...TIMES, ...ZONES, ...MONEY],
  ],
]

for (const [era, header, roles] of ERAS) {
  test(`finds in the header of ${era} exactly what it has`, () => {
    const { layout } = readCsv(`\uFEFF${header}\r\n`)
    assert.ok(layout)
    const found = COLUMN_ROLES.filter((role) => layout.columns[role] >= 0)
    assert.equal([...found].sort(), [...roles].sort())
    // Each name says by itself what it is; none of them may be taken for another.
    const names = header.split(',')
    for (const role of found) {
      const name = names[layout.columns[role]].toLowerCase()
      const end = /dropoff|end_|dolocation/.test(name) ? 'dropoff' : 'pickup'
      if (/time|date|lon|lat|location/.test(name))
        assert.ok(role.startsWith(end), `${role} ${name}`)
    }
  })
}

test('takes the place of an end from positions, else from zones', () => {
  const kinds = (header: string): string[] => {
    const layout = layoutOf(header.split(','), 'a.csv')
    return [pickupKind(layout), dropoffKind(layout)]
  }
  assert.equal(kinds('pickup_datetime,pickup_longitude,pickup_latitude,PULocationID'), [
    'position',
    'none',
  ])
  assert.equal(kinds('pickup_datetime,pickup_longitude,PULocationID,DOLocationID'), [
    'zone',
    'zone',
  ])
})

test('makes up the total of high-volume trips only from what their passengers paid', () => {
  const header = 'pickup_datetime,base_passenger_fare,tolls,bcf,driver_pay,tips,cbd_congestion_fee'
  assert.equal(layoutOf(header.split(','), 'a.csv').charges, [2, 3, 6])
  assert.equal(layoutOf(`${header},total_amount`.split(','), 'a.csv').charges, [])
  assert.equal(layoutOf('pickup_datetime,fare_amount,tolls'.split(','), 'a.csv').charges, [])
})

test('says what it found in a header without a pickup time, and how to help', async () => {
  const error = await failure(() => readCsv('<!DOCTYPE html>,\u0007bell\n'))
  assert.is(error.code, 'INPUT')
  assert.match(
    error.message,
    /a\.csv: got the columns <!DOCTYPE html>, .bell, expected .*--columns/,
  )
  assert.not.match(error.message, /[\n\u0007]/)
})

const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

withData('recognises all 303 TLC header samples and reads their rows', () => {
  const samples = untar(sharedPath('trips/tlc_header_samples.tar.gz'))
  const names = [...samples.keys()].filter((name) => name.endsWith('.csv'))
  assert.is(names.length, 303)
  for (const name of names) {
    const [, kind, year, month] = /(\w+)_tripdata_(\d{4})-(\d{2})/.exec(name) ?? []
    const csv = samples.get(name) ?? Buffer.of()
    // The samples end in the middle of a row.
    const { trips, rejections, layout } = readCsv(csv.subarray(0, csv.lastIndexOf(10) + 1))
    assert.equal(rejections, [], name)
    assert.ok(trips.length >= 3, name)
    assert.ok(layout)
    const hasZones = kind === 'fhv' || kind === 'fhvhv' || `${year}-${month}` >= '2016-07'
    assert.is(pickupKind(layout), hasZones ? 'zone' : 'position', name)
    const monthStart = Date.UTC(Number(year), Number(month) - 1, 1)
    for (const trip of trips) {
      // Some months begin with trips that a clock put into another year.
      const plausible = Math.abs(trip.pickupTime - monthStart) < 10 * 366 * 86_400_000
      assert.ok(plausible, `${name} ${trip.pickupTime}`)
    }
    const nearby = trips.some(
      ({ pickupTime }) => Math.abs(pickupTime - monthStart) < 40 * 86_400_000,
    )
    assert.ok(nearby, name)
    if (kind === 'yellow' || kind === 'green') {
      assert.ok(
        trips.some(({ fare, total }) => fare > 0 && total >= fare),
        name,
      )
      assert.ok(
        trips.every(({ dropoffTime }) => Number.isFinite(dropoffTime)),
        name,
      )
    }
  }
})

test.run()
