import * as assert from 'uvu/assert'
import { createDistrictIndex } from '../../src/geo/district-index.ts'
import { suite } from '../support/suite.ts'
import {
  DISTRICT_FILES,
  HAS_SHARED_DATA,
  NO_SHARED_DATA,
  readSharedCsv,
  readSharedJson,
  readSharedLines,
} from './shared-data.ts'

const test = suite('classification against an independent program', { timeoutMillis: 60_000 })
const withData = test.skipUnless(HAS_SHARED_DATA, NO_SHARED_DATA)

/** With the answer for every row. */
const TRIPS_BY_ROW = [
  'trips_2016-01_20k_sorted',
  'yellow_2009-2015_fares_50k',
  'yellow_2014_sample_10k',
]
/** With totals only. */
const TRIPS_BY_TOTAL = ['green_2016-01_sample_10k', 'yellow_2016-01_sample_10k']

for (const { layer, file, id } of DISTRICT_FILES) {
  withData(`every point of three trip files is in the right ${layer}`, () => {
    const index = createDistrictIndex(readSharedJson(file), { id })
    for (const trips of TRIPS_BY_ROW) {
      const points = readSharedCsv(`trips/${trips}.csv.gz`)
      const truth = readSharedCsv(`truth/${trips}-rows.csv.gz`)
      assert.is(truth.length, points.length)
      for (const end of ['pickup', 'dropoff']) {
        const found = locateColumn(index, points, end)
        const wrong = truth.filter((row, i) => (found[i] ?? '') !== row[`${end}_${layer}`])
        assert.equal(wrong.slice(0, 3), [], `${wrong.length} wrong: ${trips}, ${end}`)
      }
    }
  })

  withData(`the totals of two trip files per ${layer} are right`, () => {
    const index = createDistrictIndex(readSharedJson(file), { id })
    for (const trips of TRIPS_BY_TOTAL) {
      const points = readSharedCsv(`trips/${trips}.csv.gz`)
      const totals = new Map([...index.ids, 'NONE'].map((each) => [each, [0, 0]]))
      for (const [position, end] of ['pickup', 'dropoff'].entries()) {
        for (const found of locateColumn(index, points, end)) {
          const total = totals.get(found ?? 'NONE')
          if (total !== undefined) total[position]++
        }
      }
      const lines = [...totals].map(([each, counts]) => [each, ...counts].join())
      assert.equal(lines, readSharedLines(`truth/${trips}-${layer}.csv`))
    }
  })
}

function locateColumn(
  index: ReturnType<typeof createDistrictIndex>,
  rows: readonly Record<string, string>[],
  end: string,
): (string | undefined)[] {
  const column = (name: string): Float64Array =>
    Float64Array.from(rows, (row) => (row[name] === '' ? NaN : Number(row[name])))
  const found = index.locateMany(column(`${end}_longitude`), column(`${end}_latitude`))
  return Array.from(found, (position) => index.ids[position])
}

test.run()
