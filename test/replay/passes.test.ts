import * as assert from 'uvu/assert'
import { planPasses } from '../../src/replay/passes.ts'
import { suite } from '../support/suite.ts'
import { arrivals, checkComplete, replayOf, runOf, toTheEnd } from './stage.ts'

const test = suite('the passes of a run')

const SECOND = 1_000
const LAST_YEAR = Date.UTC(9999, 0, 1)

test('are one where nothing else is asked for', () => {
  const source = { firstTime: 0, lastTime: 9 * SECOND }
  assert.equal(planPasses({ passes: 1 }, source), { passes: 1, spanMillis: 10 * SECOND })
})

test('are as many as fit before the year 9999 where the run begins again and again', () => {
  const looping = { passes: null }
  const ending = (lastTime: number) => ({ firstTime: lastTime - 9 * SECOND, lastTime })
  assert.is(planPasses(looping, ending(LAST_YEAR - 20 * SECOND)).passes, 3)
  assert.is(planPasses(looping, ending(LAST_YEAR - 19 * SECOND)).passes, 2)
  assert.is(planPasses(looping, ending(LAST_YEAR - SECOND)).passes, 1)
  // Trips of that year are sent, once.
  assert.is(planPasses(looping, ending(LAST_YEAR + 3_600_000)).passes, 1)
})

test('end before the year 9999, and the run with them', async () => {
  const deal = { lanes: 2, handSize: 3 }
  const times = Array.from({ length: 10 }, (_, i) => LAST_YEAR - (45 - i) * SECOND)
  const stage = replayOf({ run: runOf(deal, { passes: null }), times })
  const outcome = await toTheEnd(stage)
  assert.ok(outcome.complete)
  checkComplete(stage, deal, 4 * times.length)
  const sent = [...arrivals(stage.stream.puts).values()].flat().flatMap((each) => each.times)
  assert.is(Math.max(...sent), LAST_YEAR - 6 * SECOND)
})

test('that were acknowledged are passed over without being read again', async () => {
  const deal = { lanes: 2, handSize: 3 }
  const times = Array.from({ length: 12 }, (_, i) => LAST_YEAR - (45 - i) * SECOND)
  const stage = replayOf({
    run: runOf(deal, { passes: null }),
    times,
    // Two passes, and of the third the first hand of each lane.
    acknowledged: [12 + 3, 12 + 3],
  })
  const outcome = await toTheEnd(stage)
  assert.is(outcome.trips, 3 * times.length)
  assert.is(stage.readings(), 1)
})

test.run()
