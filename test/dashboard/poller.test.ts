import * as assert from 'uvu/assert'
import { Poller } from '../../src/dashboard/poller.ts'
import { MINUTE } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { DashboardStage } from './stage.ts'

const test = suite('the poller of the dashboard')

test('looks four times a second for the first counts, once a second from then on', async () => {
  const stage = new DashboardStage()
  const { clock, table } = stage.counting
  const stop = new AbortController()
  let looks = 0
  const poller = new Poller({}, { table, clock, isWatched: () => true })
  poller.onPoll(() => looks++)
  const looksIn = async (millis: number): Promise<number> => {
    const before = looks
    await clock.advance(millis)
    return looks - before
  }
  const done = poller.run(stop.signal)
  assert.is(await looksIn(2_000), 8 + 1)
  await stage.begin()
  await stage.feed(
    [0, 1, 2].map((at) => ({ at: at * MINUTE, off: at * MINUTE })),
    40,
  )
  await looksIn(2_000)
  assert.is(await looksIn(3_000), 3)
  stop.abort()
  await done
})

test('rests when nobody watches', async () => {
  const stage = new DashboardStage()
  const { clock, table } = stage.counting
  const stop = new AbortController()
  let looks = 0
  const poller = new Poller({}, { table, clock })
  poller.onPoll(() => looks++)
  const done = poller.run(stop.signal)
  await clock.advance(20_000)
  const before = looks
  await clock.advance(600_000)
  assert.is(looks, before)
  await poller.attend()
  assert.is(looks, before + 1)
  stop.abort()
  await done
})

test.run()
