import * as assert from 'uvu/assert'
import { DistrictSlots } from '../../src/counts/district-slots.ts'
import {
  DEAD_LETTER_BLOCK,
  dayPk,
  hourPk,
  parsePartialPk,
  partialPk,
  partialPrefix,
  rollingPk,
  statusKey,
} from '../../src/counts/keys.ts'
import { suite } from '../support/suite.ts'

const test = suite('keys of the counts table')

test('a partial names its generation, run and block, and is read back', () => {
  const blocks = [
    Date.UTC(2016, 0, 1, 7, 45),
    Date.UTC(1969, 11, 31, 23, 59),
    Date.parse('0001-01-01T00:00Z'),
    Date.UTC(9_999, 11, 31, 23, 45),
    DEAD_LETTER_BLOCK,
  ]
  for (const block of blocks) {
    assert.equal(parsePartialPk(partialPk('cd-5m-1a2b3c4d', 'trips_2016-01.x', block)), {
      run: 'trips_2016-01.x',
      block,
    })
  }
  assert.is(partialPk('g', 'r', blocks[0]), 'partial#g#r#2016-01-01T07:45')
  assert.is(partialPk('g', 'r', DEAD_LETTER_BLOCK), 'partial#g#r#dead')
})

test('a prefix finds the partials of one run and no others', () => {
  const pk = partialPk('g', 'run1', 0)
  assert.ok(pk.startsWith(partialPrefix('g')))
  assert.ok(pk.startsWith(partialPrefix('g', 'run1')))
  assert.not.ok(pk.startsWith(partialPrefix('g', 'run')))
})

test('what people poll has the keys that the documentation gives', () => {
  assert.is(hourPk('g', 'r'), 'hour#g#r')
  assert.is(dayPk('g', 'r'), 'day#g#r')
  assert.is(rollingPk('g', 'r'), 'rolling#g#r')
  assert.equal(statusKey('g', 'r'), { pk: 'status#g#r', sk: 'status' })
})

test('districts keep their slots, and new ids get the next ones', () => {
  const given = ['b', 'a']
  const slots = new DistrictSlots(given, true)
  assert.is(slots.slotOf('a'), 1)
  assert.is(slots.slotOf('z'), 2)
  assert.is(slots.slotOf('z'), 2)
  assert.is(slots.slotOf('__proto__'), 3)
  assert.equal(slots.ids, ['b', 'a', 'z', '__proto__'])
  assert.is(slots.size, 4)
  assert.equal(given, ['b', 'a'])
})

test.run()
