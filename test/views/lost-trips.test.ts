import * as assert from 'uvu/assert'
import type { Item } from '../../src/counts/table-port.ts'
import type { Run } from '../../src/runs/run.ts'
import { lostTrips, tellLost } from '../../src/views/lost-trips.ts'
import { suite } from '../support/suite.ts'

const test = suite('what is told of lost trips')

const status = (changes: Partial<Item>): Item => ({ pk: 'status#g#r', sk: 'status', ...changes })
const run = (tripsSent: number | null): Run => ({
  id: 'r',
  plan: {
    files: ['a.csv'],
    inputFingerprint: 'f',
    order: 'pickup',
    from: null,
    to: null,
    codec: 'binary',
    passes: 1,
  },
  deal: { lanes: 2, handSize: 10 },
  streamName: 's',
  streamCreationTime: 0,
  state: tripsSent === null ? 'running' : 'sent',
  startedAt: 0,
  rowsRead: 0,
  rejected: 0,
  outsideWindow: 0,
  tripsSent,
  finishedAt: null,
})

test('is nothing where nothing is lost, or nothing is known', () => {
  assert.equal(tellLost(lostTrips(undefined, undefined)), [])
  assert.equal(tellLost(lostTrips(status({ gap: 0, lost: [] }), run(100))), [])
})

test('names each lane and range', () => {
  const lost = [
    { lane: 3, first: 1_200, last: 1_219 },
    { lane: 5, first: 7, last: 7 },
  ]
  assert.equal(tellLost(lostTrips(status({ gap: 21, lost }), undefined)), [
    'LOST: 21 trips are known to be missing from the stream',
    '  lane 3: trips 1,200 to 1,219 (20)',
    '  lane 5: trip 7 (1)',
  ])
})

test('says how many more there are than it can name', () => {
  const lost = [{ lane: 0, first: 0, last: 9 }]
  assert.is(
    tellLost(lostTrips(status({ gap: 1_234, lost }), undefined)).at(-1),
    '  and 1,224 more in these lanes',
  )
})

test('does not know where a lane that was cut off ends before all of the run was sent', () => {
  const lost = [{ lane: 1, first: 40, last: null }]
  const cut = status({ gap: 0, lost })
  assert.equal(lostTrips(cut, run(null)).trips, 0)
  assert.match(tellLost(lostTrips(cut, run(null))).at(-1) ?? '', /lane 1: from trip 40 on/)
  // 95 trips in hands of 10 over 2 lanes: 45 of them are lane 1's.
  assert.equal(lostTrips(cut, run(95)), { trips: 5, ranges: [{ lane: 1, first: 40, last: 44 }] })
  assert.equal(tellLost(lostTrips(cut, run(80))), [])
})

test.run()
