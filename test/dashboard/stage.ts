/** A dashboard's server over a table that is counted into for real. */
import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generationItem } from '../../src/counts/generation.ts'
import { outlineKey } from '../../src/counts/keys.ts'
import type { Item, TablePort } from '../../src/counts/table-port.ts'
import { Board } from '../../src/dashboard/board.ts'
import { Body } from '../../src/dashboard/body.ts'
import type { EventStreamLimits } from '../../src/dashboard/event-streams.ts'
import { DEFAULT_STREAM_LIMITS, EventStreams } from '../../src/dashboard/event-streams.ts'
import { MeteredTable } from '../../src/dashboard/metered-table.ts'
import { Metrics } from '../../src/dashboard/metrics.ts'
import { Poller } from '../../src/dashboard/poller.ts'
import { DashboardServer } from '../../src/dashboard/server.ts'
import { StaticFiles } from '../../src/dashboard/static-files.ts'
import { packOutline } from '../../src/outline/outline.ts'
import { runItem } from '../../src/runs/run.ts'
import { generation, MergeStage } from '../merge/merging.ts'
import { controlOf, MINUTE, T0 } from '../counts/batches.ts'
import type { TripSpec } from '../counts/batches.ts'
import { repoRoot } from '../support/repo-root.ts'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
  json: unknown
}

export interface StageOptions {
  table?: (table: TablePort) => TablePort
  limits?: Partial<EventStreamLimits>
  folder?: string
}

export class DashboardStage {
  readonly counting = new MergeStage()
  readonly poller: Poller
  readonly streams: EventStreams
  readonly metered: MeteredTable
  readonly errors: unknown[] = []
  port = 0
  readonly #merger = this.counting.merger()
  readonly #options: StageOptions
  readonly #board: Board
  #server: DashboardServer | undefined
  #seq = 0
  #ordinal = 0

  constructor(options: StageOptions = {}) {
    this.#options = options
    const { table, clock } = this.counting
    this.metered = new MeteredTable(options.table?.(table) ?? table)
    this.poller = new Poller({}, { table: this.metered, clock })
    this.#board = new Board(this.poller, clock, () => ({
      pageLag: this.streams.lag,
      browsers: this.streams.open,
    }))
    this.streams = new EventStreams(this.#board, clock, {
      ...DEFAULT_STREAM_LIMITS,
      ...options.limits,
    })
    this.poller.onPoll((seen) => void this.streams.tellAll(seen))
  }

  /** `port` 0: a free one. */
  async start(port = 0): Promise<void> {
    const openapi = await readFile(join(repoRoot, 'docs/openapi.json'))
    this.#server = new DashboardServer({
      clock: this.counting.clock,
      poller: this.poller,
      board: this.#board,
      streams: this.streams,
      metrics: new Metrics({ poller: this.poller, streams: this.streams, table: this.metered }),
      files: await StaticFiles.in(this.#options.folder ?? join(repoRoot, 'nowhere')),
      openapi: new Body('application/json; charset=utf-8', openapi),
      onError: (error) => this.errors.push(error),
    })
    this.port = await this.#server.listen(port, '127.0.0.1')
  }

  async stop(): Promise<void> {
    const closing = this.#server?.close()
    // The time that answers under way are given.
    await this.counting.clock.advance(1_000)
    await closing
  }

  /** What a run and its districts have in the table before anything is counted. */
  async begin(): Promise<void> {
    const { table } = this.counting
    await table.put(generationItem(generation))
    const plan = {
      files: ['trips.csv'],
      inputFingerprint: 'f',
      order: 'pickup',
      from: null,
      to: null,
      codec: 'binary',
      passes: 1,
    } as const
    const run = runItem({
      id: 'r',
      plan,
      deal: { lanes: 1, handSize: 1 },
      streamName: 's',
      streamCreationTime: 0,
      state: 'running',
      startedAt: 1_451_606_400_000,
      rowsRead: 0,
      rejected: 0,
      outsideWindow: 0,
      tripsSent: null,
      finishedAt: null,
    })
    await table.put(run)
  }

  /** Counts trips (minutes after midnight) up to a watermark, merges, and looks. */
  async feed(trips: readonly TripSpec[], watermarkMinutes: number, ended = false): Promise<void> {
    const { counting } = this
    const control = {
      ...controlOf({}, trips.length),
      firstOrdinal: this.#ordinal,
      watermark: T0 + watermarkMinutes * MINUTE,
      putTime: counting.clock.now(),
      ended,
    }
    this.#ordinal += trips.length
    await counting.count([{ seq: ++this.#seq, control, trips }])
    for (let i = 0; i < 8; i++) {
      counting.clock.jump(1_000)
      await this.#merger.tick()
    }
    await this.poller.poll()
  }

  async putOutline(note = ''): Promise<void> {
    const square = (x: number): Float64Array =>
      Float64Array.of(x, 40, x + 1, 40, x + 1, 41, x, 41, x, 40)
    const polygons = generation.districts.ids.map((_, i) => ({
      district: i,
      rings: [square(-74 + i)],
    }))
    const { ids } = generation.districts
    const outline = packOutline({ ids: [...ids], polygons, bbox: [-74, 40, -71, 41] })
    await this.counting.table.put({ ...outlineKey(generation.id), outline, note, version: 1 })
  }

  put(item: Item): Promise<unknown> {
    return this.counting.table.put(item)
  }

  get(
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string } = {},
  ): Promise<Reply> {
    return fetchFrom(this.port, path, options)
  }
}

/** As it is: no path is tidied up on the way, as `fetch` would. */
export function fetchFrom(
  port: number,
  path: string,
  { method = 'GET', headers = {}, body = '' }: Parameters<DashboardStage['get']>[1] & object = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false })
    asked.once('error', reject)
    asked.once('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('error', reject)
      response.once('end', () => {
        const bytes = Buffer.concat(parts)
        const text = bytes.toString('utf8')
        const isJson = response.headers['content-type']?.startsWith('application/json') === true
        const readable = isJson && text !== '' && response.headers['content-encoding'] === undefined
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          bytes,
          text,
          json: readable ? JSON.parse(text) : undefined,
        })
      })
    })
    asked.end(body)
  })
}
