import * as assert from 'uvu/assert'
import { noTrips, nothingToReplay } from '../../producers/no-trips.ts'
import { suite } from '../support/suite.ts'

const test = suite('an input without a trip')

const NOTHING = {
  files: ['a.csv'],
  rowsRead: 0,
  rejected: 0,
  rejectedByReason: {},
  outsideWindow: 0,
}

test('is told why', () => {
  const summary = { rowsRead: 10, rejected: 0, outsideWindow: 10 }
  assert.is(noTrips(summary), 'There is no trip in that window: all 10 rows are outside it.')
  assert.match(noTrips({ ...summary, rejected: 3, outsideWindow: 7 }), /10 rows: 3 rejected, 7 out/)
  assert.match(noTrips({ rowsRead: 0, rejected: 0, outsideWindow: 0 }), /There is no row/)
})

test('is refused with what was read of it, and what to do', () => {
  const refused = (changes: Partial<typeof NOTHING>): string =>
    nothingToReplay({ ...NOTHING, ...changes }, '/some/where/rejected-a.ndjson').message
  assert.is(
    refused({}),
    'a.csv: got no row, expected at least one trip. No run was begun, nothing was sent. ' +
      'Check that it is the right input, and whole.',
  )
  assert.is(
    refused({ files: ['a.csv', 'b.csv', 'c.csv'], rowsRead: 1, outsideWindow: 1 }),
    'a.csv and 2 more: got no trip in 1 row: 1 outside the window, expected at least one trip. ' +
      'No run was begun, nothing was sent. Choose another --from or --to.',
  )
  const rejectedByReason = { 'unreadable-pickup-time': 2_000, 'too-few-fields': 1 }
  const rejected = { rowsRead: 2_001, rejected: 2_001, rejectedByReason }
  assert.is(
    refused(rejected),
    'a.csv: got no trip in 2,001 rows: 2,001 rejected (unreadable-pickup-time 2,000, ' +
      'too-few-fields 1), expected at least one trip. No run was begun, nothing was sent. ' +
      'rejected-a.ndjson has the rejected rows; --columns says which column is which.',
  )
  const both = refused({ ...rejected, rowsRead: 2_005, outsideWindow: 4 })
  assert.match(both, /in 2,005 rows: 2,001 rejected \(.*\), 4 outside the window, expected/)
  assert.match(both, /rejected-a\.ndjson has .* Choose another --from or --to\.$/)
})

test.run()
