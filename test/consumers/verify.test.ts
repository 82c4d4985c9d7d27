import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { verify } from '../../consumers/verify.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import { generationItem, makeGeneration, ZONES_ONLY } from '../../src/counts/generation.ts'
import { attributesOf } from '../../src/counts/item-values.ts'
import { statusKey } from '../../src/counts/keys.ts'
import type { Item } from '../../src/counts/table-port.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import { runItem } from '../../src/runs/run.ts'
import { systemClock } from '../../src/time/clock.ts'
import { fingerprintFiles } from '../../src/trips/trip-source.ts'
import type { InProcessDynamodb } from '../aws/in-process-dynamodb.ts'
import { startDynamodb } from '../aws/in-process-dynamodb.ts'
import { runOf } from '../replay/stage.ts'
import { quietProgram } from '../support/quiet-program.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('a verdict')

let dynamodb: InProcessDynamodb

test.before(async () => {
  dynamodb = await startDynamodb()
})

test.after(() => dynamodb.close())

test('is written into the status only of a complete run, and against its own files', async () => {
  await ensureCountsTable(dynamodb.client, DEFAULT_NAMES.table, systemClock)
  const table = new DynamodbTable(dynamodb.client, DEFAULT_NAMES.table)
  const generation = makeGeneration({
    districts: ZONES_ONLY,
    paneMillis: 300_000,
    stream: { name: 's', creationTime: 0 },
    table: DEFAULT_NAMES.table,
    application: 'a',
    startTimestamp: null,
    now: 5,
  })
  const run = runOf({ lanes: 1, handSize: 1 })
  const key = statusKey(generation.id, run.id)
  const status = { ...key, trips: 0, deadLetters: 0, verified: null, version: 1 }
  await table.put(generationItem(generation))
  await withTempDir(async (folder) => {
    const file = join(folder, 'trips.csv')
    await writeFile(file, 'pickup_datetime,PULocationID\n2016-01-01 00:00:00,1\n')
    const other = join(folder, 'other.csv')
    await writeFile(other, 'pickup_datetime,PULocationID\n2016-01-02 00:00:00,1\n')
    const plan = { ...run.plan, inputFingerprint: await fingerprintFiles([file]) }
    await table.put(runItem({ ...run, plan, state: 'sent', tripsSent: 1 }))
    const judge = async (
      complete: boolean,
      trips: { file: string; from?: number } = { file },
    ): Promise<Item | undefined> => {
      await table.put({ ...status, complete })
      const program = quietProgram(dynamodb.environment)
      const window = trips.from === undefined ? {} : { from: trips.from }
      const of = { files: [trips.file], ...window, runId: run.id, generation: generation.id }
      assert.is(await verify({ ...DEFAULT_NAMES, ...of, timeoutMillis: 0 }, program), 1)
      assert.match(program.heard(), /NOT EQUAL/)
      return table.get(key)
    }
    assert.is((await judge(false))?.verified, null)
    assert.is((await judge(true, { file: other }))?.verified, null)
    assert.is((await judge(true, { file, from: 0 }))?.verified, null)
    assert.is(attributesOf((await judge(true))?.verified).equal, false)
  })
})

test.run()
