/** `hailstream tail`: the rolling counts as they come; a live view on a terminal, lines otherwise. */
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import type { TablePort } from '../src/counts/table-port.ts'
import { messageOf } from '../src/errors.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { print, say } from '../src/program/program.ts'
import { isRetryable } from '../src/time/retry.ts'
import { unlessAborted } from '../src/time/unless-aborted.ts'
import type { ShownMeasure } from '../src/views/shown-measure.ts'
import { jsonRow, plainLine } from './tail/tail-lines.ts'
import type { RowOrder } from './tail/tail-rows.ts'
import { TailSource } from './tail/tail-source.ts'
import { startOfTail } from './tail/tail-state.ts'
import { TailView } from './tail/tail-view.ts'

export interface TailCommand extends Names {
  runId?: string
  generation?: string
  /** Undefined: 15 minutes, or what there is. */
  rollingMillis?: number
  by: ShownMeasure
  /** Undefined: as many as there are. */
  top?: number
  district?: string
  json?: boolean
  /** Shown at the bottom of the live view, once it is known. */
  note?: Promise<string>
}

const POLL_MILLIS = 1_000
const RETRY_MILLIS = 3_000

export async function tail(command: TailCommand, program: Program): Promise<ExitCode> {
  const clients = createClients(program.environment)
  try {
    return await tailTable(new DynamodbTable(clients.dynamodb, command.table), command, program)
  } finally {
    clients.destroy()
  }
}

/** The same, over any table. */
export async function tailTable(
  table: TablePort,
  command: TailCommand,
  program: Program,
): Promise<ExitCode> {
  const { runId: run, generation, rollingMillis } = command
  const window = rollingMillis === undefined ? undefined : `${rollingMillis / 60_000}m`
  const source = new TailSource(table, { run, generation, window, district: command.district })
  const state = startOfTail({
    measure: command.by,
    window,
    district: command.district,
    top: command.top ?? Infinity,
    note: undefined,
    now: program.clock.monotonicMillis(),
  })
  const terminal = command.json === true ? undefined : program.openTerminal?.()
  if (terminal === undefined) {
    await tailLines(source, state, command.json === true, program)
    return 0
  }
  try {
    const view = new TailView(source, terminal, state, program)
    void command.note?.then((line) => view.note(line))
    await view.run()
    return 0
  } finally {
    terminal.close()
  }
}

/** A line whenever the counts or the verdict on them changed, until the program is drained. */
async function tailLines(
  source: TailSource,
  order: RowOrder,
  json: boolean,
  program: Program,
): Promise<void> {
  let told = ''
  while (!program.drain.aborted) {
    try {
      const snapshot = await unlessAborted(source.look(undefined), program.drain)
      if (program.drain.aborted) return
      if (snapshot === undefined) {
        if (told === '') say(program, 'Waiting for the first counts …')
        told ||= 'waiting'
      } else {
        const { run, window, version, health } = snapshot
        const seen = JSON.stringify([run, window, version, health?.complete, health?.verified])
        const line = json ? jsonRow(snapshot, order) : plainLine(snapshot, order)
        if (seen !== told) print(program, line)
        told = seen
      }
    } catch (error) {
      if (!isRetryable(error)) throw error
      say(program, `Trying again: ${messageOf(error)}`)
      await program.clock.sleep(RETRY_MILLIS, program.drain)
    }
    await program.clock.sleep(POLL_MILLIS, program.drain)
  }
}
