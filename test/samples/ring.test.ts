import * as assert from 'uvu/assert'
import { clipRing, nearerTo, parsePositions, parseRing, signedArea } from '../../samples/ring.ts'
import { suite } from '../support/suite.ts'

const test = suite('clipping a ring')

const square = parseRing('0 0, 2 0, 2 2, 0 2')
/** Two arms that point up, joined at the bottom. */
const fork = parseRing('0 0, 5 0, 5 4, 4 4, 4 1, 1 1, 1 4, 0 4')

test('keeps the part of a square on one side of a line', () => {
  const [left, ...rest] = clipRing(square, { a: 1, b: 0, c: 0.5 })
  assert.is(rest.length, 0)
  assert.is(signedArea(left), 1)
  assert.equal([...left].sort(), [
    [0, 0],
    [0, 2],
    [0.5, 0],
    [0.5, 2],
  ])
})

test('keeps all of a ring, or none, when the line misses it', () => {
  assert.equal(clipRing(square, { a: 1, b: 0, c: 3 }), [square])
  assert.equal(clipRing(square, { a: 1, b: 0, c: -1 }), [])
})

test('leaves the arms of a fork in two pieces when its joint is cut off', () => {
  const arms = clipRing(fork, { a: 0, b: -1, c: -2 })
  assert.equal(arms.map(signedArea), [2, 2])
})

test('leaves a fork in one piece when its ends are cut off', () => {
  const pieces = clipRing(fork, { a: 0, b: 1, c: 2 })
  assert.equal(pieces.map(signedArea), [7])
})

test('gives the two sides of a line the same corners', () => {
  const here = parsePositions('0.3 0.4')[0]
  const there = parsePositions('1.9 1.1')[0]
  const [mine] = clipRing(square, nearerTo(here, there))
  const [other] = clipRing(square, nearerTo(there, here))
  const shared = mine.filter(([lon, lat]) =>
    other.some(([x, y]) => Math.abs(x - lon) + Math.abs(y - lat) < 1e-12),
  )
  assert.is(shared.length, 2)
  assert.ok(Math.abs(signedArea(mine) + signedArea(other) - 4) < 1e-12)
})

test('turns a clockwise ring around, and refuses a position that is none', () => {
  assert.ok(signedArea(parseRing('0 0, 0 1, 1 1')) > 0)
  assert.throws(() => parsePositions('1 2, 3'), /got " 3", expected "lon lat"/)
})

test.run()
