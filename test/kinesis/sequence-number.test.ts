import * as assert from 'uvu/assert'
import {
  AT_TIMESTAMP,
  compareExtended,
  compareSequenceNumbers,
  isSequenceNumber,
  LATEST,
  padSequenceNumber,
  parsePaddedSequenceNumber,
  SHARD_END,
  TRIM_HORIZON,
  unpadSequenceNumber,
} from '../../src/kinesis/sequence-number.ts'
import { suite } from '../support/suite.ts'

const test = suite('a sequence number')

/** As the service writes them: 56 digits, where a Number would see no difference. */
const EARLIER = '49590338271490256608559692538361571095921575989136588898'
const LATER = '49590338271490256608559692538361571095921575989136588899'

test('padded, sorts as text the way it sorts as a number', () => {
  const plain = ['0', '9', '10', '99', '100', EARLIER, LATER, '1'.repeat(60)]
  const padded = plain.map(padSequenceNumber)
  assert.equal([...padded].reverse().sort(), padded)
  assert.ok(padded.every((text) => text.length === 60))
})

test('is the same after padding and unpadding', () => {
  for (const plain of ['0', '7', '1000', EARLIER, '9'.repeat(60)]) {
    assert.is(unpadSequenceNumber(padSequenceNumber(plain)), plain)
  }
})

test('is refused with zeros in front, signs, letters, sentinels and more than 60 digits', () => {
  for (const text of ['', '007', '-1', '1e9', 'LATEST', ' 1', '1\n', '1'.repeat(61)]) {
    assert.not(isSequenceNumber(text))
    assert.throws(() => padSequenceNumber(text), /Sequence number: got/)
  }
})

test('read back from a table is refused unless it has exactly 60 digits', () => {
  assert.is(parsePaddedSequenceNumber(padSequenceNumber('42')), padSequenceNumber('42'))
  for (const text of ['42', '0'.repeat(59), '0'.repeat(61), `${'0'.repeat(59)}x`]) {
    assert.throws(() => parsePaddedSequenceNumber(text), /expected at most 60 decimal digits/)
  }
})

test('compares as a number beyond the precision of a double', () => {
  assert.ok(compareSequenceNumbers(EARLIER, LATER) < 0)
  assert.ok(compareSequenceNumbers(LATER, EARLIER) > 0)
  assert.is(compareSequenceNumbers(LATER, LATER), 0)
  assert.ok(compareSequenceNumbers('9', '10') < 0)
})

test('has every sentinel but SHARD_END before it, in the order of KCL', () => {
  const plain = (sequenceNumber: string) => ({ sequenceNumber, subSequenceNumber: 0 })
  const ordered = [
    AT_TIMESTAMP,
    TRIM_HORIZON,
    LATEST,
    plain('0'),
    plain('10'),
    { sequenceNumber: '10', subSequenceNumber: 1 },
    { sequenceNumber: '10', subSequenceNumber: 10 },
    plain(EARLIER),
    plain('9'.repeat(60)),
    SHARD_END,
  ]
  ordered.forEach((a, i) => {
    ordered.forEach((b, j) => {
      assert.is(Math.sign(compareExtended(a, b)), Math.sign(i - j), `${i} ${j}`)
    })
  })
})

test('cannot be compared with something that is neither a number nor a sentinel', () => {
  assert.throws(() => compareSequenceNumbers('10', 'shard_end'), /"shard_end"/)
  assert.throws(() => compareSequenceNumbers('010', '9'), /"010"/)
})

test.run()
