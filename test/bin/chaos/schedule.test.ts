import * as assert from 'uvu/assert'
import type { Scheduled, Trouble } from '../../../bin/chaos/schedule.ts'
import { chaosSchedule } from '../../../bin/chaos/schedule.ts'
import { suite } from '../../support/suite.ts'

const test = suite('a schedule of chaos')

const MONTH = { durationMillis: 74_000, failoverMillis: 10_000 }

function count(schedule: readonly Scheduled[], is: (trouble: Trouble) => boolean): number {
  return schedule.filter(({ trouble }) => is(trouble)).length
}

test('is a function of its seed', () => {
  assert.equal(chaosSchedule({ seed: 7, ...MONTH }), chaosSchedule({ seed: 7, ...MONTH }))
  assert.not.equal(chaosSchedule({ seed: 7, ...MONTH }), chaosSchedule({ seed: 8, ...MONTH }))
})

test('has ten kills, two freezes and two reshards in a month at 36,000×, whatever the seed', () => {
  for (let seed = 0; seed < 200; seed++) {
    const schedule = chaosSchedule({ seed, ...MONTH })
    assert.ok(count(schedule, ({ kind }) => kind === 'kill') >= 10)
    for (const whom of ['worker', 'replay', 'merger']) {
      assert.ok(count(schedule, (each) => each.kind === 'kill' && each.whom === whom) >= 2)
    }
    assert.ok(count(schedule, ({ kind }) => kind === 'freeze') >= 2)
    assert.ok(count(schedule, ({ kind }) => kind === 'reshard') >= 2)
    for (const where of ['kinesis', 'dynamodb']) {
      assert.ok(count(schedule, (each) => each.kind === 'cut' && each.where === where) >= 4)
    }
  }
})

test('has a little of everything in ten seconds, and more in more time', () => {
  for (let seed = 0; seed < 50; seed++) {
    const short = chaosSchedule({ seed, durationMillis: 10_000, failoverMillis: 1_000 })
    assert.ok(count(short, ({ kind }) => kind === 'kill') >= 3)
    assert.ok(count(short, ({ kind }) => kind === 'freeze') >= 1)
    assert.ok(count(short, ({ kind }) => kind === 'reshard') >= 2)
    const hows = new Set(
      short.flatMap(({ trouble }) => (trouble.kind === 'cut' ? [trouble.how] : [])),
    )
    assert.is(hows.size, 4)
    const long = chaosSchedule({ seed, durationMillis: 600_000, failoverMillis: 1_000 })
    assert.ok(long.length > 20 * short.length - 100 && long.length > 200)
  }
})

test('fills posts with the same and with others in turn, and the replay with the same', () => {
  for (let seed = 0; seed < 50; seed++) {
    const kills = chaosSchedule({ seed, ...MONTH }).flatMap(({ trouble }) =>
      trouble.kind === 'kill' ? [trouble] : [],
    )
    for (const whom of ['worker', 'merger']) {
      const ways = new Set(kills.filter((kill) => kill.whom === whom).map((kill) => kill.restartAs))
      assert.is(ways.size, 2)
    }
    assert.ok(kills.every(({ whom, restartAs }) => whom !== 'replay' || restartAs === 'the same'))
  }
})

test('keeps its times in order and within the duration, away from both ends', () => {
  for (let seed = 0; seed < 200; seed++) {
    let last = 74_000 * 0.06 - 1
    for (const { atMillis } of chaosSchedule({ seed, ...MONTH })) {
      assert.ok(atMillis >= last && atMillis <= 74_000 * 0.94 + 1)
      last = atMillis
    }
  }
})

test('freezes longer than a silent worker keeps its shards', () => {
  for (const failoverMillis of [500, 10_000, 60_000]) {
    for (const { trouble } of chaosSchedule({ seed: 3, durationMillis: 300_000, failoverMillis })) {
      if (trouble.kind === 'freeze') assert.ok(trouble.millis > failoverMillis * 1.1)
    }
  }
})

test.run()
