import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { replay } from '../../producers/replay.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import { runItem } from '../../src/runs/run.ts'
import { systemClock } from '../../src/time/clock.ts'
import { fingerprintFiles } from '../../src/trips/trip-source.ts'
import type { InProcessDynamodb } from '../aws/in-process-dynamodb.ts'
import { startDynamodb } from '../aws/in-process-dynamodb.ts'
import type { ScriptedKinesis } from '../aws/scripted-kinesis.ts'
import { startScriptedKinesis } from '../aws/scripted-kinesis.ts'
import { runOf } from '../replay/stage.ts'
import { quietProgram } from '../support/quiet-program.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('a replay that goes on')

let dynamodb: InProcessDynamodb
let kinesis: ScriptedKinesis

test.before(async () => {
  dynamodb = await startDynamodb()
  kinesis = await startScriptedKinesis()
})

test.after(async () => {
  await dynamodb.close()
  await kinesis.close()
})

test('puts nothing where the same files no longer give the same trips', async () => {
  await ensureCountsTable(dynamodb.client, DEFAULT_NAMES.table, systemClock)
  const table = new DynamodbTable(dynamodb.client, DEFAULT_NAMES.table)
  const calls = kinesis.play(() => ({
    body: { StreamDescriptionSummary: { StreamCreationTimestamp: 1, OpenShardCount: 1 } },
  }))
  const environment = { ...dynamodb.environment, AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint }
  await withTempDir(async (folder) => {
    const file = join(folder, 'trips.csv')
    await writeFile(file, 'pickup_datetime,PULocationID\n2016-01-01 00:00:00,1\n')
    const inputFingerprint = await fingerprintFiles([file])
    const begun = {
      ...runOf({ lanes: 1, handSize: 1 }, { inputFingerprint }),
      streamName: DEFAULT_NAMES.stream,
      streamCreationTime: 1_000,
      rowsRead: 2,
      rejected: 1,
    }
    await table.put(runItem(begun))
    const going = replay(
      {
        ...DEFAULT_NAMES,
        files: [file],
        order: 'pickup',
        loop: false,
        codec: 'binary',
        runId: begun.id,
        newRun: false,
        quarantine: join(folder, 'rejected.ndjson'),
        dryRun: false,
      },
      quietProgram(environment),
    )
    const error = await going.catch((thrown: Error & { code?: string }) => thrown)
    assert.ok(error instanceof Error)
    assert.match(error.message, /reads 1 rows, 0 of them rejected.*expected 2 rows, 1 of them/)
  })
  assert.not.ok(calls.some(({ operation }) => operation === 'PutRecords'))
})

test.run()
