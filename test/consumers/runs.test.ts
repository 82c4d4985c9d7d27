import * as assert from 'uvu/assert'
import { deleteRun } from '../../consumers/runs.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import * as keys from '../../src/counts/keys.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { HailstreamError } from '../../src/errors.ts'
import { runItem } from '../../src/runs/run.ts'
import { systemClock } from '../../src/time/clock.ts'
import { DAY_MILLIS } from '../../src/time/units.ts'
import type { InProcessDynamodb } from '../aws/in-process-dynamodb.ts'
import { startDynamodb } from '../aws/in-process-dynamodb.ts'
import { runOf } from '../replay/stage.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { quietProgram } from '../support/quiet-program.ts'
import { suite } from '../support/suite.ts'

const test = suite('a run that is deleted')

let dynamodb: InProcessDynamodb
let table: DynamodbTable

test.before(async () => {
  dynamodb = await startDynamodb()
  await ensureCountsTable(dynamodb.client, DEFAULT_NAMES.table, systemClock)
  table = new DynamodbTable(dynamodb.client, DEFAULT_NAMES.table)
})

test.after(() => dynamodb.close())

test('loses its counts, keeps its name, and its status for longer than any stream', async () => {
  const run = { ...runOf({ lanes: 2, handSize: 5 }), state: 'sent' as const }
  const status = { ...keys.statusKey('G', run.id), ended: true, complete: true, version: 7 }
  const counts = [
    { pk: keys.hourPk('G', run.id), sk: '2016-01-01T00' },
    { pk: keys.rollingPk('G', run.id), sk: '15m' },
    { pk: keys.partialPk('G', run.id, 0), sk: 'shard' },
    keys.frontierKey(run.id),
  ]
  const generation = { ...keys.generationKey('G'), streamName: 's', streamCreationTime: 0 }
  const items = [generation, runItem(run), status, ...counts]
  for (const item of items) await table.put({ ...item })
  const clock = new FakeClock()
  const program = quietProgram(dynamodb.environment, clock)
  assert.is(await deleteRun({ ...DEFAULT_NAMES, run: run.id, yes: true }, program), 0)
  assert.equal(await table.getMany(counts), [])
  assert.is((await table.get(keys.runKey(run.id)))?.state, 'deleted')
  assert.is((await table.get(keys.runKey(run.id)))?.expiresAt, undefined)
  const left = await table.get(keys.statusKey('G', run.id))
  const expiresAt = (clock.now() + 400 * DAY_MILLIS) / 1000
  assert.equal(left, { ...status, version: 8, expiresAt })
  assert.match(program.heard(), /and 3 items of its counts are gone/)
})

test('stays where a generation may still count it, though another one has', async () => {
  const run = {
    ...runOf({ lanes: 2, handSize: 5 }),
    ...{ id: 'kept', state: 'sent' as const, startedAt: 1_000_000, finishedAt: 2_000_000 },
  }
  const hour = { pk: keys.hourPk('old', run.id), sk: '2016-01-01T00' }
  const generation = (sk: string): Item => ({
    ...keys.generationKey(sk),
    ...{ streamName: 's', streamCreationTime: 0, startTimestamp: null, createdAt: 3_000_000 },
  })
  const status = (of: string, flags: object): Item => ({
    ...keys.statusKey(of, run.id),
    ...{ version: 1, ended: true, ...flags },
  })
  const items = [runItem(run), generation('old'), status('old', { complete: true }), hour]
  for (const item of items) await table.put({ ...item })
  const refused = async (): Promise<void> => {
    const deleting = deleteRun(
      { ...DEFAULT_NAMES, run: run.id, yes: true },
      quietProgram(dynamodb.environment),
    )
    const error = await deleting.catch((thrown: unknown) => thrown)
    assert.ok(error instanceof HailstreamError)
    assert.is(error.code, 'RUN')
    assert.match(error.message, /one that generation new may still count/)
    assert.ok(await table.get(hour))
  }
  // It has just begun, and knows nothing of the run yet.
  await table.put(generation('new'))
  await refused()
  // It has read the end of every lane, and has not merged it all.
  await table.put(status('new', { complete: false }))
  await refused()
  await table.put(status('new', { complete: true }))
  const program = quietProgram(dynamodb.environment)
  assert.is(await deleteRun({ ...DEFAULT_NAMES, run: run.id, yes: true }, program), 0)
  assert.is(await table.get(hour), undefined)
})

test.run()
