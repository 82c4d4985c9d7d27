import * as assert from 'uvu/assert'
import { parseColumns } from '../../src/trips/column-map.ts'
import { suite } from '../support/suite.ts'
import { failure, readCsv, utc } from './reading.ts'

const test = suite('--columns')

test('maps header names, however they are spelled', () => {
  const columns = parseColumns('pickupTime=started_at, pickupLon=Start Lng,pickupLat=start_lat')
  assert.ok(columns.hasHeader)
  const { trips } = readCsv(
    'ride,started_at,start_lat,START_LNG\nx,2024-05-01 10:00:00.123,40.7,-73.9\n',
    columns,
  )
  assert.is(trips.length, 1)
  assert.is(trips[0].pickupTime, utc('2024-05-01 10:00:00.123'))
  assert.equal(trips[0].pickup, { kind: 'position', lon: -73.9, lat: 40.7 })
})

test('takes only the columns it names, not those it would find by itself', () => {
  const { trips } = readCsv(
    'pickup_datetime,PULocationID,fare_amount\n2024-05-01 10:00:00,7,5\n',
    parseColumns('pickupTime=pickup_datetime'),
  )
  assert.is(trips[0].fare, 0)
  assert.is(trips[0].pickup.kind, 'position')
})

test('reads the first line as a trip when columns are given by position', () => {
  const { trips, rejections } = readCsv(
    '\uFEFF132,2024-05-01 10:00:00\r\n\r\n7.0,2024-05-01 11:00:00',
    parseColumns('pickupTime=2,pickupZone=1'),
  )
  assert.equal(rejections, [])
  assert.equal(
    trips.map(({ pickup }) => pickup),
    [
      { kind: 'zone', zone: '132' },
      { kind: 'zone', zone: '7' },
    ],
  )
})

const WRONG: readonly [string, string, RegExp][] = [
  ['an unknown key', 'pickup=1', /the key "pickup", expected one of pickupTime dropoffTime/],
  ['a key without a column', 'pickupTime', /nothing for pickupTime/],
  ['a key twice', 'pickupTime=a,pickupTime=b', /pickupTime twice/],
  ['a column twice', 'pickupTime=a,dropoffTime=A', /the column A twice/],
  ['names and positions together', 'pickupTime=1,fare=fare', /names and positions together/],
  ['no pickup time', 'fare=fare', /no pickupTime/],
  ['position 0', 'pickupTime=0', /position 0/],
  ['a position out of all reason', 'pickupTime=99999999999', /position 99999999999/],
  ['half a position', 'pickupTime=a,pickupLon=b', /pickupLon without pickupLat/],
  ['nothing at all', '', /the key ""/],
]

for (const [what, text, message] of WRONG) {
  test(`refuses ${what} as wrong usage`, async () => {
    const error = await failure(() => parseColumns(text))
    assert.is(error.code, 'USAGE')
    assert.match(error.message, message)
  })
}

test('refuses a name that the file does not have, and lists those it has', async () => {
  const error = await failure(() => readCsv('when,where\n', parseColumns('pickupTime=time')))
  assert.is(error.code, 'INPUT')
  assert.match(error.message, /a\.csv: got no column "time" among when, where/)
})

test.run()
