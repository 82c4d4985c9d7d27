import * as assert from 'uvu/assert'
import { DistrictColumn } from '../../consumers/district-column.ts'
import type { Locator } from '../../src/pipeline/classify.ts'
import { CsvPoints } from '../../src/trips/csv-points.ts'
import { suite } from '../support/suite.ts'

const test = suite('a column of districts')

/** The district is the longitude. */
const byLongitude: Locator = {
  locate: (lon) => (lon >= 0 ? lon : -1),
  locateMany(lons, _lats, out = new Int32Array(lons.length)) {
    lons.forEach((lon, i) => (out[i] = this.locate(lon, 0)))
    return out
  },
}

function appended(text: string, ids: readonly string[], name = 'district'): string {
  const points = new CsvPoints({ file: 'x.csv', columns: () => ({ lon: 0, lat: 1 }) })
  const column = new DistrictColumn(byLongitude, ids, name)
  const parts = [column.append(points.push(Buffer.from(text))), column.append(points.end())]
  return Buffer.concat(parts).toString()
}

test('stands behind every row and the header, before the line end, whatever that is', () => {
  assert.is(
    appended('lon,lat\r\n0,9\r\n\n 1,"9"\n-1,9,extra\n0', ['A', 'BB']),
    'lon,lat,district\r\n0,9,A\r\n\n 1,"9",BB\n-1,9,extra,\n0,A',
  )
})

test('is quoted where RFC 4180 asks for it', () => {
  assert.is(
    appended('lon,lat\n0,9\n1,9\n2,9\n', ['a,b', 'say "x"', ' é '], 'in,out'),
    'lon,lat,"in,out"\n0,9,"a,b"\n1,9,"say ""x"""\n2,9," é "\n',
  )
})

test('counts rows, and those that have a district', () => {
  const points = new CsvPoints({ file: 'x.csv', columns: { lon: 0, lat: 1 } })
  const column = new DistrictColumn(byLongitude, ['A'], 'district')
  column.append(points.push(Buffer.from('0,1\n-1,1\n')))
  column.append(points.push(Buffer.from('0,1')))
  column.append(points.end())
  assert.is(column.rows, 3)
  assert.is(column.found, 2)
})

test('is right for more rows than there was room for at first', () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => `${i % 3},0`)
  const text = appended(`lon,lat\n${rows.join('\n')}\n`, ['a', 'b', 'c'])
  const expected = rows.map((row, i) => `${row},${'abc'[i % 3]}`)
  assert.is(text, `lon,lat,district\n${expected.join('\n')}\n`)
})

test.run()
