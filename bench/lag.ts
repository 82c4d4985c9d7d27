/**
 * Whether the dashboard's lag is right: `npm run bench:lag [-- --seconds N] [--json]`.
 *
 * A feed at the speed of the clock in which every trip begins in a zone of its own, so that each can
 * be told in the counts. Measured from outside, beside the dashboard:
 * trip → table, from the arrival that Kinesis itself notes of the record a trip is in, until the
 * rolling item, looked at all the time, has its zone; table → page, from the first look that has a
 * version of the item until a listener to the dashboard's events has it. Both are held against the
 * percentiles of the dashboard's status. Exits 1 where p50 or p99 differ by more than a tenth.
 */
import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
} from '@aws-sdk/client-kinesis'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { attributesOf, textOf } from '../src/counts/item-values.ts'
import { rollingKey } from '../src/merge/rolling-item.ts'
import { DEFAULT_NAMES } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { formatEventTime } from '../src/time/units.ts'
import { resolveView } from '../src/views/view.ts'
import { DashboardBench, percentile } from './dashboard/stage.ts'

const TRIPS_A_SECOND = 5
const LOOK_MILLIS = 25
const WINDOW = '5m'
const ZONE = /\bz\d{5}\b/g
const TOLERANCE = 0.1

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
})
const trips = Number(values.seconds) * TRIPS_A_SECOND

/** Zone → Unix ms. */
const shownAt = new Map<string, number>()
/** Version of the rolling item → Unix ms. */
const versionShownAt = new Map<number, number>()
const versionHeardAt = new Map<number, number>()

const bench = await DashboardBench.open()
try {
  const file = join(bench.folder, 'trips.csv')
  await writeFile(file, csv())
  bench.startWorkers([])
  const port = await bench.startDashboard()
  const listening = new AbortController()
  listen(port, listening.signal)
  bench.startReplay(file, ['--speed', '1', '--codec', 'json'])
  await Promise.race([watch(), bench.failure()])
  await systemClock.sleep(2_000)
  listening.abort()
  const arrivals = await arrivedAt()
  const lag = attributesOf(await statusLag(port))
  compare('trip → table', differences(arrivals, shownAt), attributesOf(lag.table))
  compare('table → page', differences(versionShownAt, versionHeardAt), attributesOf(lag.page))
} finally {
  await bench.close()
}

function csv(): string {
  const lines = [
    'vendor_id,pickup_datetime,dropoff_datetime,pickup_location_id,dropoff_location_id',
  ]
  for (let i = 0; i < trips; i++) {
    // Whole seconds in the files: five trips share one, as they do in real ones.
    const at = Date.UTC(2019, 2, 1) + Math.floor(i / TRIPS_A_SECOND) * 1_000
    const time = formatEventTime(at).replace('T', ' ')
    lines.push(`1,${time},${time},z${String(i).padStart(5, '0')},264`)
  }
  return `${lines.join('\n')}\n`
}

/** Looks at the rolling item until every trip was seen in it. */
async function watch(): Promise<void> {
  let key: ReturnType<typeof rollingKey> | undefined
  while (shownAt.size < trips) {
    const began = performance.now()
    if (key === undefined) {
      const view = await resolveView(bench.table, {}).catch(() => undefined)
      if (view !== undefined) key = rollingKey(view.generation.id, view.runId, 300_000)
    }
    const item = key === undefined ? undefined : await bench.table.get(key)
    const now = systemClock.now()
    const version = Number(item?.version ?? 0)
    if (version > 0 && !versionShownAt.has(version)) {
      versionShownAt.set(version, now)
      for (const districts of [item?.districts, attributesOf(item?.open).districts]) {
        for (const id of Object.keys(attributesOf(districts))) {
          if (id.startsWith('z') && !shownAt.has(id)) shownAt.set(id, now)
        }
      }
    }
    await systemClock.sleep(LOOK_MILLIS - (performance.now() - began))
  }
}

function listen(port: number, stop: AbortSignal): void {
  const path = `/api/events?window=${WINDOW}`
  const asked = request({ host: '127.0.0.1', port, path, agent: false })
  asked.once('error', () => undefined)
  asked.once('response', (response) => {
    const lines = createInterface(response)
    // It ends when we have heard enough.
    lines.on('error', () => undefined)
    let event = ''
    lines.on('line', (line) => {
      if (line.startsWith('event: ')) event = line.slice(7)
      else if (line.startsWith('data: ') && event === 'rolling') {
        const now = systemClock.now()
        const { version } = JSON.parse(line.slice(6)) as { version: number }
        versionHeardAt.set(version, now)
      }
    })
  })
  asked.end()
  stop.addEventListener('abort', () => asked.destroy(), { once: true })
}

/** When Kinesis took the record that each zone is in. */
async function arrivedAt(): Promise<Map<string, number>> {
  const { kinesis } = bench.clients
  const arrived = new Map<string, number>()
  const StreamName = DEFAULT_NAMES.stream
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName }))
  for (const { ShardId } of Shards) {
    const from = { StreamName, ShardId, ShardIteratorType: 'TRIM_HORIZON' } as const
    let iterator = (await kinesis.send(new GetShardIteratorCommand(from))).ShardIterator
    for (let behind = 1; behind > 0 && iterator !== undefined;) {
      const reply = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }))
      for (const { Data = new Uint8Array(), ApproximateArrivalTimestamp: time } of reply.Records ??
        []) {
        for (const [zone] of Buffer.from(Data).toString('latin1').matchAll(ZONE)) {
          if (!arrived.has(zone)) arrived.set(zone, Number(time))
        }
      }
      iterator = reply.NextShardIterator
      behind = reply.MillisBehindLatest ?? 0
    }
  }
  return arrived
}

async function statusLag(port: number): Promise<never> {
  const response = await fetch(`http://127.0.0.1:${port}/api/status`)
  const { lag } = (await response.json()) as { lag: never }
  return lag
}

/** Sorted; of what both know. */
function differences<K>(from: ReadonlyMap<K, number>, to: ReadonlyMap<K, number>): number[] {
  const found: number[] = []
  for (const [key, time] of from) {
    const end = to.get(key)
    if (end !== undefined) found.push(end - time)
  }
  return found.sort((a, b) => a - b)
}

function compare(
  what: string,
  measured: readonly number[],
  told: Readonly<Record<string, unknown>>,
): void {
  const rows = [
    ['p50', 0.5],
    ['p99', 0.99],
    ['p999', 0.999],
  ] as const
  for (const [name, share] of rows) {
    const outside = percentile(measured, share)
    const inside = Number(told[name])
    const ratio = inside / outside
    const off = Math.abs(ratio - 1)
    // Of so few trips p99.9 is the slowest of all; it is shown, not judged.
    if (!(off <= TOLERANCE) && name !== 'p999') process.exitCode = 1
    process.stdout.write(
      values.json
        ? `${JSON.stringify({ subject: 'lag', peer: `${what} ${name}`, ratio, median: inside, spread: null, unit: 'ms', outside, samples: measured.length })}\n`
        : `${what} ${name.padEnd(4)}  told ${inside.toFixed(0).padStart(6)} ms, measured ${outside.toFixed(0).padStart(6)} ms, ` +
            `${(100 * (ratio - 1)).toFixed(1).padStart(5)} % off (${measured.length} measured, ${textOf(told.samples as never)} told)\n`,
    )
  }
}
