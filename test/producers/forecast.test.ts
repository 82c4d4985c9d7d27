import * as assert from 'uvu/assert'
import { forecastOf } from '../../producers/forecast.ts'
import { suite } from '../support/suite.ts'

const test = suite('the forecast of a replay')

test('of no trip needs nothing and costs nothing', () => {
  for (const speed of [1, Infinity]) {
    const { shards, seconds, onDemandDollars } = forecastOf(0, 0, speed, 'binary')
    assert.equal([shards, seconds, onDemandDollars], [0, 0, 0])
  }
  assert.ok(forecastOf(1, 0, 1, 'binary').shards > 0)
})

test.run()
