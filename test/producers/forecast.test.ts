import * as assert from 'uvu/assert'
import { forecastOf, noTrips } from '../../producers/forecast.ts'
import { suite } from '../support/suite.ts'

const test = suite('the forecast of a replay')

test('of no trip needs nothing and costs nothing', () => {
  for (const speed of [1, Infinity]) {
    const { shards, seconds, onDemandDollars } = forecastOf(0, 0, speed, 'binary')
    assert.equal([shards, seconds, onDemandDollars], [0, 0, 0])
  }
  assert.ok(forecastOf(1, 0, 1, 'binary').shards > 0)
})

test('says why there is no trip', () => {
  const summary = { rowsRead: 10, rejected: 0, outsideWindow: 10 }
  assert.is(noTrips(summary), 'There is no trip in that window: all 10 rows are outside it.')
  assert.match(noTrips({ ...summary, rejected: 3, outsideWindow: 7 }), /10 rows: 3 rejected, 7 out/)
  assert.match(noTrips({ rowsRead: 0, rejected: 0, outsideWindow: 0 }), /There is no row/)
})

test.run()
