import * as assert from 'uvu/assert'
import type { Run, RunPlan } from '../../src/runs/run.ts'
import {
  checkResume,
  checkRunId,
  checkSameTrips,
  deriveRunId,
  parseRun,
  runItem,
} from '../../src/runs/run.ts'
import { runOf } from '../replay/stage.ts'
import { suite } from '../support/suite.ts'

const test = suite('a run')

const plan: RunPlan = {
  files: ['trips_2016-01.csv.gz'],
  inputFingerprint: 'abc',
  order: 'pickup',
  from: null,
  to: null,
  codec: 'binary',
  passes: 1,
}
const stream = { name: 's', creationTime: 0 }
const existing: Run = { ...runOf({ lanes: 4, handSize: 5 }), plan }

test('comes back from its item as it was', () => {
  const runs: Partial<Run>[] = [
    {},
    { state: 'sent', tripsSent: 99, finishedAt: 5, rowsRead: 100, rejected: 1, outsideWindow: 3 },
    {
      state: 'ended',
      plan: { ...plan, from: 1, to: -2, order: 'dropoff', codec: 'json', passes: null },
    },
    { plan: { ...plan, files: [], inputFingerprint: '' } },
  ]
  for (const changes of runs) {
    const run = { ...existing, ...changes }
    assert.equal(parseRun(structuredClone(runItem(run))), run)
  }
  assert.equal([runItem(existing).pk, runItem(existing).sk], ['run', 'test-run'])
})

test('has the id that the same input and options always get', () => {
  const id = deriveRunId(plan)
  assert.match(id, /^trips_2016-01-[0-9a-f]{8}$/)
  const { files, passes, codec, to, from, order, inputFingerprint } = plan
  assert.is(deriveRunId({ passes, codec, to, from, order, inputFingerprint, files }), id)
})

test('is another one when the input or any option differs', () => {
  const changes: Partial<RunPlan>[] = [
    {},
    { inputFingerprint: 'abd' },
    { order: 'dropoff' },
    { from: 0 },
    { to: 0 },
    { codec: 'json' },
    { passes: 2 },
    { passes: null },
    { files: ['trips_2016-01.parquet'] },
    { files: ['trips_2016-01.csv.gz', 'more.csv'] },
  ]
  const ids = changes.map((change) => deriveRunId({ ...plan, ...change }))
  assert.is(new Set(ids).size, changes.length)
})

test('has an id that keys can hold, whatever its files are called', () => {
  for (const name of ['März #1 (copy).csv', '...', '#', '-', 'x'.repeat(300) + '.csv', 'foreign']) {
    const id = deriveRunId({ ...plan, files: [name] })
    assert.is(checkRunId(id), id)
  }
  assert.match(deriveRunId({ ...plan, files: [] }), /^trips-/)
})

test('may be named by its user, within limits', () => {
  for (const id of ['a', '2016', 'my.run_1-b', 'x'.repeat(64)]) assert.is(checkRunId(id), id)
  for (const id of ['', 'a b', 'a#b', '-a', '.a', 'ä', 'x'.repeat(65), 'foreign', 'a/b', 'a\n']) {
    assert.throws(
      () => checkRunId(id),
      (error: Error & { code?: string }) =>
        error.code === 'USAGE' && error.message.startsWith('--run-id: got '),
      JSON.stringify(id),
    )
  }
})

test('goes on with the same plan on the same stream, under any name of its files', () => {
  checkResume(existing, plan, stream)
  checkResume(existing, { ...plan, files: ['renamed.csv.gz'] }, stream)
})

test('is refused with other trips, options or another stream, in words', () => {
  const refusals: [Partial<RunPlan>, Partial<typeof stream>, RegExp][] = [
    [
      { inputFingerprint: 'x' },
      {},
      /got other trips \(trips_2016-01\.csv\.gz, or the files changed\), expected the trips of trips_2016-01\.csv\.gz as they were/,
    ],
    [
      { inputFingerprint: '' },
      {},
      /got standard input, expected files, because input must be re-read/,
    ],
    [
      { order: 'dropoff' },
      {},
      /got --order dropoff, from open.*expected --order pickup, from open/,
    ],
    [{ from: Date.UTC(2016, 0, 1) }, {}, /from 2016-01-01T00:00:00 to open/],
    [{ to: 0 }, {}, /to 1970-01-01T00:00:00/],
    [{ codec: 'json' }, {}, /--codec json/],
    [{ passes: null }, {}, /endless pass/],
    [
      {},
      { creationTime: 1_000 },
      /got stream s made at 1970-01-01T00:00:01\.000Z, expected s made at/,
    ],
    [{}, { name: 'other' }, /got stream other made/],
  ]
  for (const [planned, streamed, words] of refusals) {
    assert.throws(
      () => checkResume(existing, { ...plan, ...planned }, { ...stream, ...streamed }),
      (error: Error & { code?: string; exitCode?: number }) =>
        error.code === 'RUN' &&
        error.exitCode === 1 &&
        words.test(error.message) &&
        error.message.startsWith('Run test-run: got ') &&
        error.message.endsWith('or start afresh with --new-run.'),
      String(words),
    )
  }
})

test('of standard input cannot go on even where nothing differs', () => {
  const fromStdin = { ...existing, plan: { ...plan, inputFingerprint: '' } }
  assert.throws(() => checkResume(fromStdin, fromStdin.plan, stream), /standard input/)
})

test('is refused where its files give other trips than when it began, whichever count tells', () => {
  const counts = { rowsRead: 100, rejected: 2, outsideWindow: 3 }
  const begun = { ...existing, ...counts }
  checkSameTrips(begun, { ...counts })
  for (const change of [{ rowsRead: 101 }, { rejected: 3 }, { outsideWindow: 2 }]) {
    assert.throws(
      () => checkSameTrips(begun, { ...counts, ...change }),
      (error: Error & { code?: string; exitCode?: number }) =>
        error.code === 'RUN' &&
        error.exitCode === 1 &&
        /expected 100 rows, 2 of them rejected and 3 outside the window, as when the run/.test(
          error.message,
        ) &&
        error.message.includes('runs end test-run'),
      JSON.stringify(change),
    )
  }
})

test.run()
