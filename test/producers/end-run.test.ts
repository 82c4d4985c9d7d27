import * as assert from 'uvu/assert'
import { endRun } from '../../producers/end-run.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { ensureCountsTable } from '../../src/aws/provision.ts'
import { runKey } from '../../src/counts/keys.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import type { Run } from '../../src/runs/run.ts'
import { runItem } from '../../src/runs/run.ts'
import { systemClock } from '../../src/time/clock.ts'
import type { InProcessDynamodb } from '../aws/in-process-dynamodb.ts'
import { startDynamodb } from '../aws/in-process-dynamodb.ts'
import type { Reply, ScriptedKinesis } from '../aws/scripted-kinesis.ts'
import { startScriptedKinesis } from '../aws/scripted-kinesis.ts'
import { runOf } from '../replay/stage.ts'
import { quietProgram } from '../support/quiet-program.ts'
import { suite } from '../support/suite.ts'

const test = suite('a run that is ended')

let dynamodb: InProcessDynamodb
let kinesis: ScriptedKinesis
let table: DynamodbTable

const running: Run = {
  ...runOf({ lanes: 2, handSize: 5 }),
  streamName: DEFAULT_NAMES.stream,
  streamCreationTime: 1_000,
}
const described: Reply = {
  body: { StreamDescriptionSummary: { StreamCreationTimestamp: 1, OpenShardCount: 1 } },
}

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

test('is not ended over a producer that has sent everything meanwhile', async () => {
  const sent: Run = { ...running, state: 'sent', tripsSent: 99, finishedAt: 5 }
  await table.put(runItem(running))
  const calls = kinesis.play(async () => {
    // Between the read of the run and the write of its end.
    await table.put(runItem(sent))
    return described
  })
  const program = quietProgram({
    ...dynamodb.environment,
    AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint,
  })
  assert.is(await endRun({ ...DEFAULT_NAMES, run: running.id }, program), 0)
  assert.equal(await table.get(runKey(running.id)), runItem(sent))
  assert.match(program.heard(), /Run test-run is over already/)
  assert.not.ok(calls.some(({ operation }) => operation === 'PutRecords'))
})

test('may be ended again, by a command that was cut off', async () => {
  await table.put(runItem({ ...running, state: 'ended', finishedAt: 5 }))
  const calls = kinesis.play((operation) =>
    operation === 'PutRecords'
      ? { body: { Records: [{ SequenceNumber: '1' }, { SequenceNumber: '2' }] } }
      : described,
  )
  const program = quietProgram({
    ...dynamodb.environment,
    AWS_ENDPOINT_URL_KINESIS: kinesis.endpoint,
  })
  assert.is(await endRun({ ...DEFAULT_NAMES, run: running.id }, program), 0)
  assert.is((await table.get(runKey(running.id)))?.state, 'ended')
  assert.is(calls.filter(({ operation }) => operation === 'PutRecords').length, 1)
})

test.run()
