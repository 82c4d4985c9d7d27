import { PassThrough } from 'node:stream'
import * as assert from 'uvu/assert'
import { deleteRun } from '../../consumers/runs.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import * as keys from '../../src/counts/keys.ts'
import type { Program } from '../../src/program/program.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import { runItem } from '../../src/runs/run.ts'
import { systemClock } from '../../src/time/clock.ts'
import { DAY_MILLIS } from '../../src/time/units.ts'
import type { InProcessDynamodb } from '../aws/in-process-dynamodb.ts'
import { startDynamodb } from '../aws/in-process-dynamodb.ts'
import { runOf } from '../replay/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { suite } from '../support/suite.ts'

const test = suite('a run that is deleted')

let dynamodb: InProcessDynamodb

test.before(async () => {
  dynamodb = await startDynamodb()
})

test.after(() => dynamodb.close())

test('loses its counts, keeps its name, and its status for longer than any stream', async () => {
  await ensureCountsTable(dynamodb.client, DEFAULT_NAMES.table, systemClock)
  const table = new DynamodbTable(dynamodb.client, DEFAULT_NAMES.table)
  const run = { ...runOf({ lanes: 2, handSize: 5 }), state: 'sent' as const }
  const status = { ...keys.statusKey('G', run.id), ended: true, complete: true, version: 7 }
  const counts = [
    { pk: keys.hourPk('G', run.id), sk: '2016-01-01T00' },
    { pk: keys.rollingPk('G', run.id), sk: '15m' },
    { pk: keys.partialPk('G', run.id, 0), sk: 'shard' },
    keys.frontierKey(run.id),
  ]
  const items = [keys.generationKey('G'), runItem(run), status, ...counts]
  for (const item of items) await table.put({ ...item })
  const clock = new FakeClock()
  const stderr = new PassThrough()
  const program: Program = {
    environment: dynamodb.environment,
    stdin: new PassThrough(),
    stdout: new PassThrough(),
    stderr,
    clock,
    random: () => 0,
    drain: new AbortController().signal,
    colour: false,
  }
  assert.is(await deleteRun({ ...DEFAULT_NAMES, run: run.id, yes: true }, program), 0)
  assert.equal(await table.getMany(counts), [])
  assert.is((await table.get(keys.runKey(run.id)))?.state, 'deleted')
  assert.is((await table.get(keys.runKey(run.id)))?.expiresAt, undefined)
  const left = await table.get(keys.statusKey('G', run.id))
  const expiresAt = (clock.now() + 400 * DAY_MILLIS) / 1000
  assert.equal(left, { ...status, version: 8, expiresAt })
  assert.match(String(stderr.read()), /and 3 items of its counts are gone/)
})

test.run()
