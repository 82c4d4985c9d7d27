/**
 * `hailstream runs end`: gives a run up. The end is a record in every lane, so that every consumer
 * sees it at the same place of the stream; what comes after it in a lane is not counted.
 */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { KinesisStream } from '../src/aws/kinesis-stream.ts'
import { runKey } from '../src/counts/keys.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { HailstreamError } from '../src/errors.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { say } from '../src/program/program.ts'
import { endLanes } from '../src/replay/end-lanes.ts'
import type { Run } from '../src/runs/run.ts'
import { parseRun, runItem } from '../src/runs/run.ts'
import { retrying } from '../src/time/retry.ts'

const NAME_STREAM = 'Name the stream the run was sent to with --stream.'

export async function endRun(
  command: Names & { run: string },
  program: Program,
): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    const table = new DynamodbTable(clients.dynamodb, command.table)
    const kinesis = new KinesisStream(clients.kinesis, command.stream, NAME_STREAM)
    for (;;) {
      const run = await readRun(table, command.run)
      if (run.state === 'sent' || run.state === 'deleted') {
        say(program, `Run ${run.id} is over already.`)
        return 0
      }
      await checkStream(run, kinesis, command.stream)
      // The item first: from then on no producer takes the run up again. Ending twice does no harm,
      // so a command that was cut off in between is simply repeated.
      const over = runItem({ ...run, state: 'ended', finishedAt: program.clock.now() })
      // Only over the state that was read: the producer may have sent everything meanwhile.
      const asRead = { kind: 'equal', attribute: 'state', value: run.state } as const
      if ((await retrying(() => table.put(over, asRead), program)) !== 'ok') continue
      await endLanes(run, kinesis, program)
      say(program, `Run ${run.id} was ended: nothing more of it will be counted.`)
      return 0
    }
  } finally {
    clients.destroy()
  }
}

async function readRun(table: TablePort, id: string): Promise<Run> {
  const item = await table.get(runKey(id))
  if (item !== undefined) return parseRun(item)
  throw new HailstreamError('RUN', {
    subject: 'Run',
    got: id,
    expected: 'a run of this table',
    fix: 'See `hailstream runs list`.',
  })
}

async function checkStream(run: Run, kinesis: KinesisStream, name: string): Promise<void> {
  const stream = await kinesis.describe()
  if (run.streamName === name && run.streamCreationTime === stream.creationTime) return
  throw new HailstreamError('STREAM', {
    subject: `Run ${run.id}`,
    got: `stream ${name} made at ${new Date(stream.creationTime).toISOString()}`,
    expected: `${run.streamName} made at ${new Date(run.streamCreationTime).toISOString()}`,
    fix: NAME_STREAM,
  })
}
