import * as assert from 'uvu/assert'
import { ReplayDisplay } from '../../producers/replay-display.ts'
import { runOf } from '../replay/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { quietProgram } from '../support/quiet-program.ts'
import { suite } from '../support/suite.ts'

const test = suite('the display of a replay')

const SUMMARY = {
  files: ['a.csv'],
  hasZones: true,
  hasPositions: false,
  rowsRead: 100,
  trips: 100,
  rejected: 0,
  rejectedByReason: {},
  outsideWindow: 0,
  zoneTooLong: 0,
  firstTime: 0,
  lastTime: 1_000,
}

test('does not tell a few trips of the first instant as thousands a second', () => {
  const program = quietProgram({}, new FakeClock())
  const display = new ReplayDisplay(program)
  display.begin(runOf({ lanes: 1, handSize: 1 }), 1, SUMMARY, 40)
  program.heard()
  display.progress({
    trips: 43,
    eventTime: 0,
    requests: 1,
    kinesisRecords: 1,
    bytes: 1,
    throttled: 0,
    retried: 0,
    waiting: 0,
  })
  assert.match(program.heard(), /"trips":43,"tripsPerSecond":3,/)
})

test.run()
