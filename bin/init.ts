/** `hailstream init` and `destroy`: make and remove the stream and the tables. */
import { createClients } from '../src/aws/clients.ts'
import type { Clients } from '../src/aws/clients.ts'
import {
  deleteStream,
  deleteTable,
  ensureCountsTable,
  ensureStream,
  listTables,
} from '../src/aws/provision.ts'
import { HailstreamError } from '../src/errors.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { say } from '../src/program/program.ts'

export interface InitCommand extends Names {
  shards: number | 'on-demand'
  reset: boolean
  yes: boolean
}

export async function init(command: InitCommand, program: Program): Promise<ExitCode> {
  if (command.reset) confirm('init --reset', command)
  const clients = createClients(program.environment)
  try {
    if (command.reset) await removeAll(command, clients, program)
    const [stream, table] = await Promise.all([
      ensureStream(
        clients.kinesis,
        command.stream,
        command.shards === 'on-demand'
          ? { kind: 'on-demand' }
          : { kind: 'provisioned', shards: command.shards },
        program.clock,
      ),
      ensureCountsTable(clients.dynamodb, command.table, program.clock),
    ])
    say(program, `Stream ${command.stream}: ${stream === 'made' ? 'made, ' : ''}active.`)
    say(program, `Table ${command.table}: ${table === 'made' ? 'made, ' : ''}active.`)
    return 0
  } finally {
    clients.destroy()
  }
}

export async function destroy(
  command: Names & { yes: boolean },
  program: Program,
): Promise<ExitCode> {
  confirm('destroy', command)
  const clients = createClients(program.environment)
  try {
    await removeAll(command, clients, program)
    return 0
  } finally {
    clients.destroy()
  }
}

function confirm(subject: string, command: Names & { yes: boolean }): void {
  if (command.yes) return
  throw new HailstreamError('USAGE', {
    subject,
    got: 'no --yes',
    expected: 'it, because all counts would be lost',
    fix: `Add --yes to remove stream ${command.stream}, table ${command.table} and lease tables ${command.application}-….`,
  })
}

const LEASE_TABLE = /-\d+(?:ms|s|m|h|d)-[0-9a-f]{8}(?:-[0-9a-f]{6})?$/

async function removeAll(command: Names, clients: Clients, program: Program): Promise<void> {
  const { clock } = program
  const prefix = `${command.application}-`
  const tables = (await listTables(clients.dynamodb, prefix)).filter(
    // A generation's lease table: the application, a name, the pane and the digits of two digests
    // (in tables made before, of one).
    (name) => name !== command.table && LEASE_TABLE.test(name),
  )
  const [stream] = await Promise.all([
    deleteStream(clients.kinesis, command.stream, clock),
    ...[command.table, ...tables].map((name) => deleteTable(clients.dynamodb, name, clock)),
  ])
  say(
    program,
    stream === 'absent'
      ? `There was no stream ${command.stream}.`
      : `Stream ${command.stream} is gone.`,
  )
  say(program, `Tables ${[command.table, ...tables].join(', ')} are gone.`)
}
