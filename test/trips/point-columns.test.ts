import * as assert from 'uvu/assert'
import { HailstreamError } from '../../src/errors.ts'
import { hasColumn, parsePointSource, pointColumnsIn } from '../../src/trips/point-columns.ts'
import { suite } from '../support/suite.ts'

const test = suite('the columns of a point')

function refusal(work: () => unknown): HailstreamError {
  try {
    work()
  } catch (error) {
    if (error instanceof HailstreamError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

test('are two names, two positions, or left to the header', () => {
  assert.equal(parsePointSource('Start Lon', 'y'), { by: 'name', lon: 'Start Lon', lat: 'y' })
  assert.equal(parsePointSource('12', ' 3 '), { by: 'position', lon: 12, lat: 3 })
  assert.is(parsePointSource(undefined, undefined), undefined)
})

test('are refused when they are half, mixed, the same, empty or nowhere', () => {
  for (const [lon, lat, says] of [
    ['x', undefined, /got --lon without --lat/],
    [undefined, '2', /got --lat without --lon/],
    ['x', '2', /got a name and a position/],
    ['x', 'x', /got x twice/],
    ['', 'y', /--lon: got nothing/],
    ['1', '0', /--lat: got 0, expected a position from 1/],
    ['99999', '1', /--lon: got 99999/],
  ] as const) {
    const error = refusal(() => parsePointSource(lon, lat))
    assert.is(error.code, 'USAGE')
    assert.match(error.message, says)
  }
})

test('are found by name, to the letter first, else by letters and digits', () => {
  const names = ['X', 'x', 'Start_Lat', 'b']
  assert.equal(pointColumnsIn(names, { lon: 'x', lat: 'start lat' }, 'f'), { lon: 1, lat: 2 })
  const error = refusal(() => pointColumnsIn(names, { lon: 'z', lat: 'b' }, 'f.csv'))
  assert.match(error.message, /f\.csv: got no column "z" among X, x, Start_Lat, b/)
})

test('are those of the pickup where the header is known', () => {
  const names = ['dropoff_longitude', 'dropoff_latitude', 'Start_Lon', 'Start_Lat']
  assert.equal(pointColumnsIn(names, undefined, 'f'), { lon: 2, lat: 3 })
  const error = refusal(() => pointColumnsIn(names.slice(0, 2), undefined, 'f.csv'))
  assert.match(error.message, /expected a longitude and a latitude of the pickup/)
})

test('are beside any other column; a new one must not be taken for it', () => {
  assert.ok(hasColumn(['a', 'District'], 'district'))
  assert.ok(hasColumn(['***'], '***'))
  assert.not(hasColumn(['a', ''], '***'))
  assert.not(hasColumn(['a', 'district_2'], 'district'))
})

test.run()
