import * as assert from 'uvu/assert'
import type { DeadLetter } from '../../src/counts/trip-batch.ts'
import { padSequenceNumber } from '../../src/kinesis/sequence-number.ts'
import type { Letter } from '../../src/letters/letter.ts'
import { letterLine, letterOf, parseLetter, placeOf } from '../../src/letters/letter.ts'
import { StoredLetters } from '../../src/letters/stored-letters.ts'
import { suite } from '../support/suite.ts'

const test = suite('a dead letter')

const FROM = { shardId: 'shardId-000000000003', generation: 'city-5m-bf7c8b46' }
const dead = (changes: Partial<DeadLetter> = {}): DeadLetter => ({
  seq: padSequenceNumber('49680420183749627969'),
  index: 7,
  run: 'r',
  row: 0,
  reason: '9 bytes that begin with 9 are not a trip',
  data: Uint8Array.of(9, 0, 255, 10),
  ...changes,
})
const inLane = (ordinal: number, seq = '5'): Letter =>
  letterOf(dead({ seq: padSequenceNumber(seq), place: { lane: 2, ordinal } }), FROM)

test('comes back from its line as it was', () => {
  const foreign = letterOf(dead(), FROM)
  assert.is(foreign.sequenceNumber, '49680420183749627969')
  for (const letter of [foreign, inLane(12), { ...inLane(12), cut: true }]) {
    const line = letterLine(letter)
    assert.not.match(line, /\n/)
    assert.equal(parseLetter(line), letter)
  }
})

test('is known by its place in the lane, wherever its record landed', () => {
  assert.is(placeOf(inLane(12, '5')), placeOf(inLane(12, '99')))
  assert.is.not(placeOf(inLane(12)), placeOf(inLane(13)))
  assert.is.not(placeOf(inLane(12)), placeOf(letterOf(dead(), FROM)))
  const other = { ...FROM, shardId: 'shardId-000000000004' }
  assert.is.not(placeOf(letterOf(dead(), FROM)), placeOf(letterOf(dead(), other)))
})

test('that was written twice is one', () => {
  const stored = new StoredLetters()
  for (const letter of [inLane(1, '5'), inLane(2, '5'), inLane(1, '99')]) {
    stored.add(letterLine(letter))
  }
  stored.add(letterLine({ ...inLane(1), run: 'other' }))
  stored.add('')
  const feeds = stored
    .feeds()
    .map(({ generation, run, letters }) => [generation, run, letters.size])
  assert.equal(feeds, [
    ['city-5m-bf7c8b46', 'r', 2],
    ['city-5m-bf7c8b46', 'other', 1],
  ])
  assert.equal([stored.repeated, stored.unreadable], [1, 0])
})

test('that is only the beginning of a line is none, and said so', () => {
  const stored = new StoredLetters()
  const line = letterLine(inLane(1))
  stored.add(line.slice(0, 40))
  stored.add('"text"')
  stored.add(line.replace('"shard"', '"shart"'))
  stored.add(line)
  assert.equal([stored.unreadable, stored.feeds().length], [3, 1])
})

test.run()
