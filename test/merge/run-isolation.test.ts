import * as assert from 'uvu/assert'
import { hourPk, mergerStateKey, rollingPk, statusKey, stuckKey } from '../../src/counts/keys.ts'
import { stuckNow } from '../../src/counts/stuck.ts'
import type { StuckRun } from '../../src/counts/stuck.ts'
import { HailstreamError } from '../../src/errors.ts'
import { inParallel } from '../../src/merge/in-parallel.ts'
import { runMergerRole } from '../../src/merge/merger-role.ts'
import type { SegmentSpec } from '../counts/batches.ts'
import { suite } from '../support/suite.ts'
import { MINUTE, T0 } from './counting.ts'
import { generation, MergeStage } from './merging.ts'

const test = suite('a run that cannot be merged')

const G = generation.id
const tooLarge = errorOf(false)

/** Two hours of a run that ends. */
const run = (runId: string, seq: number): SegmentSpec => ({
  seq,
  control: { runId, firstOrdinal: 0, watermark: T0 + 70 * MINUTE, ended: true },
  trips: [1, 62].map((at) => ({ at: at * MINUTE, off: at * MINUTE })),
})

async function staged(): Promise<{
  stage: MergeStage
  /** What the table throws at the first hour of the bad run. */
  trouble: { error: Error | undefined; met: number }
}> {
  const stage = new MergeStage()
  const trouble = { error: tooLarge as Error | undefined, met: 0 }
  await stage.count([run('bad', 1), run('good', 2)])
  stage.table.onCall = (call, { pk, sk }) => {
    if (call !== 'put' || pk !== hourPk(G, 'bad') || sk !== '2016-01-01T00') return
    if (trouble.error === undefined) return
    trouble.met++
    throw trouble.error
  }
  return { stage, trouble }
}

const complete = (stage: MergeStage, runId: string): unknown => {
  const { pk, sk } = statusKey(G, runId)
  return stage.table.item(pk, sk)?.complete
}

function noted({ table }: MergeStage, runId: string): StuckRun | undefined {
  const note = stuckKey(G, runId)
  const status = statusKey(G, runId)
  return stuckNow(table.item(note.pk, note.sk), table.item(status.pk, status.sk))
}

test('keeps no other run, and none of its own items, from being merged', async () => {
  const { stage } = await staged()
  const merger = stage.merger()
  for (let i = 0; i < 3; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
  assert.is(complete(stage, 'good'), true)
  assert.ok(stage.table.item(rollingPk(G, 'good'), '15m'))
  assert.is(complete(stage, 'bad'), undefined)
  assert.ok(stage.table.item(hourPk(G, 'bad'), '2016-01-01T01'), 'the hour that can be written')
  assert.equal(merger.state().pending.get('bad')?.includes(T0), true)
})

test('is noted, and goes on by itself once the cause is gone', async () => {
  const { stage, trouble } = await staged()
  const merger = stage.merger()
  const begun = stage.clock.now()
  await merger.tick()
  assert.equal(noted(stage, 'bad'), {
    run: 'bad',
    statusAt: 0,
    since: begun,
    attempts: 1,
    reason: tooLarge.message,
  })
  assert.is(noted(stage, 'good'), undefined)
  for (let i = 0; i < 300; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
  assert.ok(trouble.met >= 10 && trouble.met <= 16, `${trouble.met} attempts`)
  assert.equal([noted(stage, 'bad')?.attempts, noted(stage, 'bad')?.since], [trouble.met, begun])
  trouble.error = undefined
  for (let i = 0; i < 33; i++) {
    stage.clock.jump(1_000)
    await merger.tick()
  }
  assert.is(complete(stage, 'bad'), true)
  assert.is(noted(stage, 'bad'), undefined)
})

test('is told of as long as it was, by the next merger too', async () => {
  const { stage } = await staged()
  const begun = stage.clock.now()
  await stage.merger().tick()
  stage.clock.jump(60_000)
  await stage.merger().tick()
  assert.equal([noted(stage, 'bad')?.attempts, noted(stage, 'bad')?.since], [2, begun])
})

test('does not keep the role from saying how far it merged', async () => {
  const { stage } = await staged()
  const stop = new AbortController()
  const stuck: string[] = []
  const errors: unknown[] = []
  let over = false
  void runMergerRole(
    {
      generation,
      tickMillis: 1_000,
      rollingMillis: [900_000],
      concurrency: 3,
      workerId: 'w',
      failoverMillis: 10_000,
    },
    {
      table: stage.table,
      clock: stage.clock,
      mayWrite: () => true,
      onStuck: (runId) => stuck.push(runId),
      onError: (error) => errors.push(error),
    },
    stop.signal,
  ).then(() => (over = true))
  await stage.clock.advance(5_000)
  stop.abort()
  await stage.clock.advanceUntil(() => over, 10_000)
  const { pk, sk } = mergerStateKey(G)
  assert.equal(stage.table.item(pk, sk)?.pending, { bad: ['2016-01-01T00'] })
  assert.equal([new Set(stuck), errors], [new Set(['bad']), []])
})

test('is no such run where the failure passes, or concerns all', async () => {
  const { stage, trouble } = await staged()
  for (const error of [errorOf(true), errorOf(false, 'TABLE')]) {
    trouble.error = error
    await stage
      .merger()
      .tick()
      .then(
        () => assert.unreachable(),
        (thrown: unknown) => assert.is(thrown, error),
      )
    assert.is(noted(stage, 'bad'), undefined)
  }
})

const parallel = suite('work in parallel')

parallel('is done for all others where it fails for one, and then says so', async () => {
  const done: number[] = []
  const work = async (item: number): Promise<void> => {
    await Promise.resolve()
    if (item === 2) throw tooLarge
    done.push(item)
  }
  await fails(inParallel([1, 2, 3, 4, 5], 2, work), tooLarge)
  assert.equal(done, [1, 3, 4, 5])
})

parallel('is given up where it would fail for the others too', async () => {
  const throttled = errorOf(true)
  let tried = 0
  const work = (): Promise<void> => {
    tried++
    return Promise.reject(throttled)
  }
  await fails(inParallel([1, 2, 3, 4, 5], 2, work), throttled)
  assert.is(tried, 2)
})

function fails(work: Promise<void>, expected: Error): Promise<void> {
  return work.then(
    () => assert.unreachable(),
    (error: unknown) => assert.is(error, expected),
  )
}

function errorOf(retryable: boolean, code: 'ITEM_SIZE' | 'TABLE' = 'ITEM_SIZE'): HailstreamError {
  return new HailstreamError(code, { subject: 's', got: 'g', expected: 'e' }, { retryable })
}

test.run()
parallel.run()
