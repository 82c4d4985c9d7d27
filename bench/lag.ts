/**
 * Whether the dashboard's lag is right: `npm run bench:lag [-- --seconds N] [--json]`.
 *
 * A feed at the speed of the clock in which every trip begins in a zone of its own, so that each can
 * be told in the counts. Measured from outside, beside the dashboard:
 * trip → table, from when the PutRecords that first has a trip comes to a relay before Kinesis until
 * the rolling item has its zone; table → page, from when a version of the item is in the table until a
 * listener to the dashboard's events has it. The item is looked at every 25 ms, and what is new in it
 * came half way between two looks. Both are held against the percentiles of the dashboard's status:
 * the same trips and versions, by other clocks. Exits 1 where p50 or p99 differ by more than a tenth.
 * The status counts the writing of an item to both, its version can be seen only once that is over.
 */
import { GetItemCommand } from '@aws-sdk/client-dynamodb'
import { writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { attributesOf, textOf } from '../src/counts/item-values.ts'
import { GENERATION_PK, RUN_PK } from '../src/counts/keys.ts'
import type { ItemKey } from '../src/counts/table-port.ts'
import { rollingKey } from '../src/merge/rolling-item.ts'
import { DEFAULT_NAMES } from '../src/program/program.ts'
import { systemClock } from '../src/time/clock.ts'
import { formatEventTime } from '../src/time/units.ts'
import type { KinesisRelay } from '../test/support/kinesis-relay.ts'
import { startKinesisRelay } from '../test/support/kinesis-relay.ts'
import { DashboardBench, percentile } from './dashboard/stage.ts'

const TRIPS_A_SECOND = 5
const LOOK_MILLIS = 25
const WINDOW_MILLIS = 300_000
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
const putAt = new Map<string, number>()
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
  const relay = await startNoting()
  const own = { AWS_ENDPOINT_URL_KINESIS: relay.endpoint }
  bench.startReplay(file, ['--speed', '1', '--codec', 'json'], own)
  await Promise.race([watch(), bench.failure()])
  await systemClock.sleep(2_000)
  listening.abort()
  await relay.close()
  const lag = attributesOf(await statusLag(port))
  compare('trip → table', differences(putAt, shownAt), attributesOf(lag.table))
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
  const key = await keyOfRolling()
  let { version: known, at: knownAt } = await lookAt(key)
  while (shownAt.size < trips) {
    const began = performance.now()
    const { version, at } = await lookAt(key)
    if (version !== known) {
      // It came between two looks: in the middle, on average.
      const between = (knownAt + at) / 2
      versionShownAt.set(version, between)
      const item = await bench.table.get(key)
      for (const districts of [item?.districts, attributesOf(item?.open).districts]) {
        for (const id of Object.keys(attributesOf(districts))) {
          if (id.startsWith('z') && !shownAt.has(id)) shownAt.set(id, between)
        }
      }
    }
    known = version
    knownAt = at
    await systemClock.sleep(LOOK_MILLIS - (performance.now() - began))
  }
}

/** There is one generation and one run; both are known before anything is counted. */
async function keyOfRolling(): Promise<ItemKey> {
  for (;;) {
    const [generation] = await bench.table.query(GENERATION_PK)
    const [run] = await bench.table.query(RUN_PK)
    if (generation && run) return rollingKey(generation.sk, run.sk, WINDOW_MILLIS)
    await systemClock.sleep(LOOK_MILLIS)
  }
}

/** The version alone, so that looking all the time is no load; as of the middle of the call. */
async function lookAt({ pk, sk }: ItemKey): Promise<{ version: number; at: number }> {
  const sentAt = systemClock.now()
  const { Item } = await bench.clients.dynamodb.send(
    new GetItemCommand({
      TableName: DEFAULT_NAMES.table,
      Key: { pk: { S: pk }, sk: { S: sk } },
      ProjectionExpression: 'version',
      ConsistentRead: true,
    }),
  )
  return { version: Number(Item?.version?.N ?? 0), at: (sentAt + systemClock.now()) / 2 }
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

/** A Kinesis for the replay alone that notes when the trip of each zone was first put. */
function startNoting(): Promise<KinesisRelay> {
  return startKinesisRelay(bench.kinesisEndpoint, ({ operation, input }, forward) => {
    const now = systemClock.now()
    const records = operation === 'PutRecords' ? (input.Records as { Data: string }[]) : []
    for (const { Data } of records) {
      for (const [zone] of Buffer.from(Data, 'base64').toString('latin1').matchAll(ZONE)) {
        if (!putAt.has(zone)) putAt.set(zone, now)
      }
    }
    return forward(input)
  })
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
