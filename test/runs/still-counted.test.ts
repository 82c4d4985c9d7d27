import * as assert from 'uvu/assert'
import type { RunInGeneration } from '../../src/runs/still-counted.ts'
import { mayStillBeCounted } from '../../src/runs/still-counted.ts'
import { HOUR_MILLIS } from '../../src/time/units.ts'
import { runOf } from '../replay/stage.ts'
import { suite } from '../support/suite.ts'

const test = suite('a generation that may still count a run')

/** Sent between two and three o'clock. */
const run = {
  ...runOf({ lanes: 2, handSize: 5 }),
  startedAt: 2 * HOUR_MILLIS,
  finishedAt: 3 * HOUR_MILLIS,
}
/** Begun after that, at the trim horizon, and nothing is counted. */
const fresh: RunInGeneration = {
  generation: {
    streamName: 's',
    streamCreationTime: 0,
    startTimestamp: null,
    createdAt: 5 * HOUR_MILLIS,
  },
  complete: undefined,
  lastWrittenAt: -Infinity,
  lastCompleteBegan: -Infinity,
}

test('is one that has not begun it, or has not completed it', () => {
  assert.ok(mayStillBeCounted(run, fresh))
  assert.ok(mayStillBeCounted(run, { ...fresh, complete: false }))
  assert.ok(mayStillBeCounted({ ...run, finishedAt: null }, fresh))
  const slow = { ...fresh.generation, createdAt: HOUR_MILLIS }
  assert.ok(mayStillBeCounted(run, { ...fresh, generation: slow, lastWrittenAt: 4 * HOUR_MILLIS }))
})

test('is none that has completed it, or a run that began after its end', () => {
  assert.not.ok(mayStillBeCounted(run, { ...fresh, complete: true }))
  assert.not.ok(mayStillBeCounted(run, { ...fresh, lastCompleteBegan: 4 * HOUR_MILLIS }))
  assert.ok(mayStillBeCounted(run, { ...fresh, lastCompleteBegan: 3 * HOUR_MILLIS }))
})

test('is none of another stream, or of another life of the stream', () => {
  for (const change of [{ streamName: 'other' }, { streamCreationTime: 1 }]) {
    const generation = { ...fresh.generation, ...change }
    assert.not.ok(mayStillBeCounted(run, { ...fresh, generation, complete: false }))
  }
})

test('is none that begins behind its end', () => {
  const from = (startTimestamp: number): RunInGeneration => ({
    ...fresh,
    generation: { ...fresh.generation, startTimestamp },
  })
  assert.not.ok(mayStillBeCounted(run, from(4 * HOUR_MILLIS)))
  assert.ok(mayStillBeCounted(run, from(2 * HOUR_MILLIS)))
})

test('is none that nobody has run since before it began', () => {
  const retired = { ...fresh.generation, createdAt: 0 }
  const idle = { ...fresh, generation: retired, lastWrittenAt: HOUR_MILLIS }
  assert.not.ok(mayStillBeCounted(run, idle))
  assert.ok(mayStillBeCounted(run, { ...idle, lastWrittenAt: 2.5 * HOUR_MILLIS }))
})

test.run()
