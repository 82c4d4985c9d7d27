/** `hailstream dashboard`: a page and an API over the counts table, for any number of browsers. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createClients } from '../src/aws/clients.ts'
import { DynamodbTable } from '../src/aws/dynamodb-table.ts'
import { Board } from '../src/dashboard/board.ts'
import { Body } from '../src/dashboard/body.ts'
import { EventStreams } from '../src/dashboard/event-streams.ts'
import { MeteredTable } from '../src/dashboard/metered-table.ts'
import { Metrics } from '../src/dashboard/metrics.ts'
import { Poller } from '../src/dashboard/poller.ts'
import { DashboardServer } from '../src/dashboard/server.ts'
import { StaticFiles } from '../src/dashboard/static-files.ts'
import { HailstreamError, messageOf } from '../src/errors.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { say } from '../src/program/program.ts'
import { resolveView } from '../src/views/view.ts'

export interface DashboardCommand extends Names {
  runId?: string
  generation?: string
  /** Undefined: the usual one, or a free one where that is taken. */
  port?: number
  host: string
  /** Folder of the package: the page and docs/openapi.json are in it. */
  home: string
}

export const USUAL_PORT = 8_787

/** Serves until it is asked to drain. */
export async function dashboard(command: DashboardCommand, program: Program): Promise<ExitCode> {
  const { clock, drain } = program
  const clients = createClients(program.environment)
  try {
    const table = new MeteredTable(new DynamodbTable(clients.dynamodb, command.table))
    const wanted = { run: command.runId, generation: command.generation }
    if (command.runId !== undefined || command.generation !== undefined) {
      await checkWanted(table, wanted)
    }
    const tell = teller(program)
    const poller: Poller = new Poller(wanted, {
      table,
      clock,
      onError: tell,
      isWatched: () => streams.open > 0,
    })
    const board: Board = new Board(poller, clock, () => ({
      pageLag: streams.lag,
      browsers: streams.open,
    }))
    const streams: EventStreams = new EventStreams(board, clock)
    poller.onPoll((seen) => void streams.tellAll(seen).catch(tell))
    const openapi = await readFile(join(command.home, 'docs', 'openapi.json'))
    const server = new DashboardServer({
      clock,
      poller,
      board,
      streams,
      metrics: new Metrics({ poller, streams, table }),
      files: await StaticFiles.in(join(command.home, 'dist', 'dashboard')),
      openapi: new Body('application/json; charset=utf-8', openapi),
      onError: tell,
    })
    const port = await listen(server, command)
    say(program, `Dashboard http://${hostInUrl(command.host)}:${port}`)
    await poller.run(drain)
    await server.close()
    return 0
  } finally {
    clients.destroy()
  }
}

/** Names that nobody has ever counted are told before anything is served. */
async function checkWanted(
  table: MeteredTable,
  wanted: { run: string | undefined; generation: string | undefined },
): Promise<void> {
  try {
    await resolveView(table, wanted)
  } catch (error) {
    const nothingYet = error instanceof HailstreamError && error.code === 'RUN'
    if (!nothingYet || wanted.run !== undefined) throw error
  }
}

async function listen(server: DashboardServer, { port, host }: DashboardCommand): Promise<number> {
  if (port !== undefined) return server.listen(port, host)
  try {
    return await server.listen(USUAL_PORT, host)
  } catch (error) {
    if (error instanceof HailstreamError && error.message.startsWith('--host')) throw error
    return server.listen(0, host)
  }
}

/** An address of IPv6 stands in brackets; one that means "all" is this machine to its own browser. */
function hostInUrl(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

const REPEAT_MILLIS = 30_000

/** Tells a trouble once, and again when it comes back after a while. */
function teller(program: Program): (error: unknown) => void {
  const toldAt = new Map<string, number>()
  return (error) => {
    const message = messageOf(error)
    const now = program.clock.monotonicMillis()
    if (now - (toldAt.get(message) ?? -Infinity) < REPEAT_MILLIS) return
    toldAt.set(message, now)
    say(program, `Dashboard: trying again: ${message}`)
  }
}
