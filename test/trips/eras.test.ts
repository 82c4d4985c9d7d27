/** A few rows of each era, as they were published: dirt included. */
import * as assert from 'uvu/assert'
import type { Trip } from '../../src/trips/trip.ts'
import { suite } from '../support/suite.ts'
import { readCsv, utc, type ReadRows } from './reading.ts'

const test = suite('eras of TLC files')

function lines(...text: string[]): string {
  return text.join('\r\n') + '\r\n'
}

function only({ trips, rejections }: ReadRows): Trip {
  assert.equal(rejections, [])
  assert.is(trips.length, 1)
  return trips[0]
}

const at = (lon: number, lat: number): Trip['pickup'] => ({ kind: 'position', lon, lat })
const zone = (id: string): Trip['pickup'] => ({ kind: 'zone', zone: id })

test('yellow 2009: long decimals, text codes, a blank second line', () => {
  const trip = only(
    readCsv(
      lines(
        'vendor_name,Trip_Pickup_DateTime,Trip_Dropoff_DateTime,Passenger_Count,Trip_Distance,Start_Lon,Start_Lat,Rate_Code,store_and_forward,End_Lon,End_Lat,Payment_Type,Fare_Amt,surcharge,mta_tax,Tip_Amt,Tolls_Amt,Total_Amt',
        '',
        'CMT,2009-05-27 07:41:05,2009-05-27 07:42:28,1,0.29999999999999999,-73.974104999999994,40.742891999999998,,0,-73.973769000000004,40.746405000000003,Credit,3.2999999999999998,0,,1,0,4.2999999999999998',
      ),
    ),
  )
  assert.equal(trip, {
    pickupTime: utc('2009-05-27 07:41:05'),
    dropoffTime: utc('2009-05-27 07:42:28'),
    pickup: at(-73.974105, 40.742892),
    dropoff: at(-73.973769, 40.746405),
    passengers: 1,
    distance: 30,
    fare: 330,
    tip: 100,
    total: 430,
  })
})

test('yellow 2014: spaces behind the commas of the header', () => {
  const trip = only(
    readCsv(
      lines(
        'vendor_id, pickup_datetime, dropoff_datetime, passenger_count, trip_distance, pickup_longitude, pickup_latitude, rate_code, store_and_fwd_flag, dropoff_longitude, dropoff_latitude, payment_type, fare_amount, surcharge, mta_tax, tip_amount, tolls_amount, total_amount',
        '',
        'CMT,2014-10-01 08:55:07,2014-10-01 09:11:03,1,2.2000000000000002,-74.005866999999995,40.737569999999998,1,Y,-74.015534000000002,40.708277000000002,CRD,12,0,0.5,1,0,13.5',
      ),
    ),
  )
  assert.equal(trip.pickup, at(-74.005867, 40.73757))
  assert.equal([trip.distance, trip.fare, trip.tip, trip.total], [220, 1200, 100, 1350])
})

test('yellow 2016-07 to 12: two columns of rubbish behind those of the header', () => {
  const trip = only(
    readCsv(
      lines(
        'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount',
        '2,2016-12-31 15:15:01,2016-12-31 15:15:09,1,.00,1,N,264,264,2,1,0,0.5,0,0,0.3,1.8,,',
      ),
    ),
  )
  assert.equal([trip.pickup, trip.dropoff], [zone('264'), zone('264')])
  assert.equal([trip.distance, trip.fare, trip.total], [0, 100, 180])
})

test('yellow 2025: the congestion fee is no part of any measure but the total', () => {
  const trip = only(
    readCsv(
      lines(
        'VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount,congestion_surcharge,Airport_fee,cbd_congestion_fee',
        '1,2025-01-05 00:18:38,2025-01-05 00:26:59,1.0,1.6,1.0,N,229,237.0,1,10.0,3.5,0.5,3.0,0.0,1.0,18.75,2.5,0.0,0.75',
      ),
    ),
  )
  assert.equal([trip.pickup, trip.dropoff], [zone('229'), zone('237')])
  assert.equal([trip.passengers, trip.fare, trip.tip, trip.total], [1, 1000, 300, 1875])
})

test('green 2014: a blank second line, rubbish columns, coordinates that are zero', () => {
  const trip = only(
    readCsv(
      lines(
        'VendorID,lpep_pickup_datetime,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,Extra,MTA_tax,Tip_amount,Tolls_amount,Ehail_fee,Total_amount,Payment_type,Trip_type ',
        '',
        '2,2014-05-01 00:00:00,2014-05-01 22:05:36,N,1,0,0,-73.977714538574219,40.687541961669922,1,.95,6.5,0.5,0.5,1.4,0,,8.9,1,1,,',
      ),
    ),
  )
  assert.equal([trip.pickup, trip.dropoff], [at(0, 0), at(-73.97771453857422, 40.68754196166992)])
  assert.equal([trip.distance, trip.fare, trip.tip, trip.total], [95, 650, 140, 890])
})

test('green 2019: the same roles without rubbish', () => {
  const trip = only(
    readCsv(
      lines(
        'VendorID,lpep_pickup_datetime,lpep_dropoff_datetime,store_and_fwd_flag,RatecodeID,PULocationID,DOLocationID,passenger_count,trip_distance,fare_amount,extra,mta_tax,tip_amount,tolls_amount,ehail_fee,improvement_surcharge,total_amount,payment_type,trip_type,congestion_surcharge',
        '1,2019-10-01 00:18:11,2019-10-01 00:22:38,N,1,43,263,1,.80,5,3.25,0.5,0,0,,0.3,9.05,2,1,0',
      ),
    ),
  )
  assert.equal([trip.pickup, trip.dropoff, trip.total], [zone('43'), zone('263'), 905])
})

test('for-hire 2015: a pickup only, its zone mostly missing', () => {
  const { trips } = readCsv(
    lines(
      'Dispatching_base_num,Pickup_date,locationID',
      'B00013,2015-01-01 00:30:00,',
      'B00013,2015-01-01 01:22:00,7',
    ),
  )
  assert.equal(
    trips.map(({ pickup }) => pickup),
    [zone(''), zone('7')],
  )
  assert.ok(trips.every(({ dropoffTime }) => Number.isNaN(dropoffTime)))
  assert.equal(trips[0].dropoff, at(NaN, NaN))
})

test('for-hire 2017: more commas than columns', () => {
  const { trips, rejections } = readCsv(
    lines(
      'Dispatching_base_num,Pickup_DateTime,DropOff_datetime,PUlocationID,DOlocationID',
      'B00008,2017-03-01 00:30:00,,,,',
      'B00009,2017-03-01 00:50:00,2017-03-01 00:55:00,0,132',
    ),
  )
  assert.equal(rejections, [])
  assert.equal(
    trips.map(({ pickup, dropoff }) => [pickup, dropoff]),
    [
      [zone(''), zone('')],
      [zone('0'), zone('132')],
    ],
  )
})

test('for-hire 2018: every field in quotes', () => {
  const trip = only(
    readCsv(
      lines(
        '"Pickup_DateTime","DropOff_datetime","PUlocationID","DOlocationID","SR_Flag","Dispatching_base_number","Dispatching_base_num"',
        '"2018-04-02 17:54:25","2018-04-02 18:25:47","211","74","","B02888",""',
      ),
    ),
  )
  assert.is(trip.pickupTime, utc('2018-04-02 17:54:25'))
  assert.equal([trip.pickup, trip.dropoff], [zone('211'), zone('74')])
})

test('for-hire 2020: the affiliated base behind', () => {
  const trip = only(
    readCsv(
      lines(
        'dispatching_base_num,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,SR_Flag,Affiliated_base_number',
        'B00021,2020-06-01 00:20:57,2020-06-01 00:30:15,,265,,B00021',
      ),
    ),
  )
  assert.equal([trip.pickup, trip.dropoff], [zone(''), zone('265')])
})

test('high-volume 2025: the total is what the passenger paid', () => {
  const trip = only(
    readCsv(
      lines(
        'hvfhs_license_num,dispatching_base_num,originating_base_num,request_datetime,on_scene_datetime,pickup_datetime,dropoff_datetime,PULocationID,DOLocationID,trip_miles,trip_time,base_passenger_fare,tolls,bcf,sales_tax,congestion_surcharge,airport_fee,tips,driver_pay,shared_request_flag,shared_match_flag,access_a_ride_flag,wav_request_flag,wav_match_flag,cbd_congestion_fee',
        'HV0003,B03404,B03404,2025-01-05 00:10:00,2025-01-05 00:14:00,2025-01-05 00:15:07,2025-01-05 00:41:21,161,265,9.245,1574,31.06,6.94,0.95,2.79,2.75,2.5,5.01,24.13,N,N, ,N,N,1.5',
      ),
    ),
  )
  assert.is(trip.pickupTime, utc('2025-01-05 00:15:07'))
  assert.equal([trip.distance, trip.fare, trip.tip, trip.total], [925, 3106, 501, 5350])
})

test.run()
