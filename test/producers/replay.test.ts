import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import type { ReplayCommand } from '../../producers/replay.ts'
import { replay } from '../../producers/replay.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import { RUN_PK, runKey } from '../../src/counts/keys.ts'
import { HailstreamError } from '../../src/errors.ts'
import type { ExitCode } from '../../src/program/program.ts'
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

const test = suite('a replay')

let dynamodb: InProcessDynamodb
let kinesis: ScriptedKinesis
let table: DynamodbTable

test.before(async () => {
  dynamodb = await startDynamodb()
  kinesis = await startScriptedKinesis()
  await ensureCountsTable(dynamodb.client, DEFAULT_NAMES.table, systemClock)
  table = new DynamodbTable(dynamodb.client, DEFAULT_NAMES.table)
})

test.after(async () => {
  await dynamodb.close()
  await kinesis.close()
})

/** A stream of one shard, and what is asked of it from now on. */
function playStream(): { operation: string }[] {
  return kinesis.play((operation, { Records }) => ({
    body:
      operation === 'PutRecords'
        ? { FailedRecordCount: 0, Records: listed(Records).map(() => ({ SequenceNumber: '1' })) }
        : { StreamDescriptionSummary: { StreamCreationTimestamp: 1, OpenShardCount: 1 } },
  }))
}

function listed(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function commandFor(folder: string, changes: Partial<ReplayCommand>): ReplayCommand {
  return {
    ...DEFAULT_NAMES,
    files: [],
    order: 'pickup',
    loop: false,
    codec: 'binary',
    newRun: false,
    quarantine: join(folder, 'rejected.ndjson'),
    dryRun: false,
    ...changes,
  }
}

function replayed(command: ReplayCommand): Promise<ExitCode> {
  const environment = { ...dynamodb.environment, AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint }
  return replay(command, quietProgram(environment))
}

async function failureOf(command: ReplayCommand): Promise<HailstreamError> {
  const error = await replayed(command).catch((thrown: unknown) => thrown)
  if (error instanceof HailstreamError) return error
  throw new Error('it was not refused', { cause: error })
}

test('that goes on puts nothing where the same files no longer give the same trips', async () => {
  const calls = playStream()
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
    const error = await failureOf(commandFor(folder, { files: [file], runId: begun.id }))
    assert.match(error.message, /reads 1 rows, 0 of them rejected.*expected 2 rows, 1 of them/)
  })
  assert.not.ok(calls.some(({ operation }) => operation === 'PutRecords'))
})

test('of an input without a trip begins no run: nothing is put, neither here nor there', async () => {
  const calls = playStream()
  const runsBefore = await table.query(RUN_PK)
  await withTempDir(async (folder) => {
    const header = join(folder, 'header.csv')
    await writeFile(header, 'pickup_datetime,PULocationID\n')
    const rows = join(folder, 'rows.csv')
    await writeFile(rows, 'pickup_datetime,PULocationID\nsoon,1\n2016-01-01 00:00:00,1\n')
    const from = Date.UTC(2017, 0, 1)
    const refused: [Partial<ReplayCommand>, RegExp][] = [
      [{ files: [header] }, /^header\.csv: got no row, expected at least one trip\. No run/],
      [{ files: [header], newRun: true }, /got no row/],
      [{ files: [header], runId: 'named', loop: true }, /got no row/],
      [
        { files: [rows], from },
        /in 2 rows: 1 rejected \(unreadable-pickup-time 1\), 1 outside .* rejected\.ndjson has/,
      ],
    ]
    for (const [changes, says] of refused) {
      const { message, exitCode } = await failureOf(commandFor(folder, changes))
      assert.match(message, says)
      assert.is(exitCode, 1)
    }
    assert.match(await readFile(join(folder, 'rejected.ndjson'), 'utf8'), /"raw":"soon,1"/)
  })
  assert.equal(await table.query(RUN_PK), runsBefore)
  assert.not.ok(calls.some(({ operation }) => operation === 'PutRecords'))
})

test('of such an input goes on where its run is there, and begins one where that is asked for', async () => {
  await withTempDir(async (folder) => {
    const file = join(folder, 'header.csv')
    await writeFile(file, 'pickup_datetime,PULocationID\n')
    const begun = {
      ...runOf({ lanes: 1, handSize: 1 }, { inputFingerprint: await fingerprintFiles([file]) }),
      id: 'begun-before',
      streamName: DEFAULT_NAMES.stream,
      streamCreationTime: 1_000,
    }
    await table.put(runItem(begun))
    for (const changes of [{ runId: begun.id }, { runId: 'asked-for', allowEmpty: true }]) {
      playStream()
      assert.is(await replayed(commandFor(folder, { files: [file], ...changes })), 0)
      assert.is((await table.get(runKey(changes.runId)))?.state, 'sent')
    }
  })
})

test.run()
