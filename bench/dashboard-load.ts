/**
 * The dashboard's server under many browsers: `npm run bench:dashboard [-- --seconds N] [--json]`.
 *
 * 200 listen to events, and 200 poll: /api/rolling/15m every second, /api/status every five, each
 * over a connection of its own. A latency is from the request to the last byte of the
 * answer, as the client sees it; the clients share one process, the server has its own. Table reads
 * are those the server counts, before and while it is watched. A paced replay of the sample city
 * feeds it all the time.
 */
import { setMaxListeners } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sampleCityPath } from '../samples/city-file.ts'
import { writeSampleTrips } from '../samples/sample-trips.ts'
import { systemClock } from '../src/time/clock.ts'
import { DashboardBench, percentile } from './dashboard/stage.ts'

const CLIENTS = 200
const ALONE_SECONDS = 15
const P99_BOUND_MILLIS = 50
const EVENT = Buffer.from('event: ')

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)
const latencies: number[] = []
const errors: string[] = []
let requests = 0
let events = 0

const bench = await DashboardBench.open()
try {
  const file = join(bench.folder, 'trips.csv')
  await writeSampleTrips(file)
  bench.startWorkers(['--districts', sampleCityPath(), '--district-id', 'id'])
  bench.startReplay(file, ['--duration', `${seconds + ALONE_SECONDS + 60}s`])
  const port = await bench.startDashboard()
  const measured = await Promise.race([measure(port), bench.failure()])
  report(measured)
} finally {
  await bench.close()
}

interface Measured {
  /** A second, before and while it is watched. */
  readsAlone: number
  readsWatched: number
  listeners: number
  dropped: number
}

async function measure(port: number): Promise<Measured> {
  while ((await get(port, '/api/rolling/15m')).status !== 200) await systemClock.sleep(250)
  const readsAlone = await readsASecond(port, ALONE_SECONDS)
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const listeners = Array.from({ length: CLIENTS }, () => listen(port, stop.signal))
  const pollers = Array.from({ length: CLIENTS }, (_, i) => poll(port, i, stop.signal))
  await systemClock.sleep(2_000)
  const [readsWatched, metrics] = [
    await readsASecond(port, seconds),
    (await get(port, '/metrics')).text,
  ]
  stop.abort()
  await Promise.all([...listeners, ...pollers])
  return {
    readsAlone,
    readsWatched,
    listeners: figure(metrics, 'hailstream_dashboard_event_streams'),
    dropped: figure(metrics, 'hailstream_dashboard_dropped_streams'),
  }
}

async function readsASecond(port: number, length: number): Promise<number> {
  const reads = async (): Promise<number> =>
    figure((await get(port, '/metrics')).text, 'hailstream_dashboard_table_reads')
  const before = await reads()
  const began = performance.now()
  await systemClock.sleep(length * 1_000)
  return (((await reads()) - before) * 1_000) / (performance.now() - began)
}

function figure(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN)
}

function get(port: number, path: string, agent?: Agent): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
      response.once('error', reject)
    })
    asked.once('error', reject)
    asked.end()
  })
}

async function poll(port: number, client: number, stop: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  // Browsers do not poll in step.
  await systemClock.sleep((client * 1_000) / CLIENTS, stop)
  for (let round = client; !stop.aborted; round++) {
    const began = performance.now()
    await ask('/api/rolling/15m')
    latencies.push(performance.now() - began)
    if (round % 5 === 0) await ask('/api/status')
    await systemClock.sleep(1_000 - (performance.now() - began), stop)
  }
  agent.destroy()

  async function ask(path: string): Promise<void> {
    requests++
    try {
      const { status } = await get(port, path, agent)
      if (status !== 200) errors.push(`${path}: ${status}`)
    } catch (error) {
      errors.push(`${path}: ${String(error)}`)
    }
  }
}

function listen(port: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => {
      if (!stop.aborted) errors.push(`/api/events: ${String(error)}`)
      resolve()
    }
    const asked = request({ host: '127.0.0.1', port, path: '/api/events', agent: false })
    asked.once('error', fail)
    asked.once('response', (response) => {
      if (response.statusCode !== 200) fail(response.statusCode)
      response.on('data', (part: Buffer) => {
        for (let at = part.indexOf(EVENT); at >= 0; at = part.indexOf(EVENT, at + 1)) events++
      })
      response.once('error', fail)
      response.once('end', () => fail('the stream ended'))
    })
    stop.addEventListener('abort', () => asked.destroy(), { once: true })
    asked.end()
  })
}

function report({ readsAlone, readsWatched, listeners, dropped }: Measured): void {
  latencies.sort((a, b) => a - b)
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(latencies, share))
  const ok = errors.length === 0 && dropped === 0 && p99 < P99_BOUND_MILLIS
  if (values.json) {
    const figures = { peer: null, ratio: null, median: p99, spread: null, unit: 'ms p99' }
    const more = {
      p50,
      max: most,
      requests,
      errors: errors.length,
      events,
      readsAlone,
      readsWatched,
    }
    process.stdout.write(`${JSON.stringify({ subject: 'dashboard', ...figures, ...more })}\n`)
  } else {
    const ms = (value: number): string => `${value.toFixed(1)} ms`
    process.stdout.write(
      `${listeners} listeners and ${CLIENTS} pollers for ${seconds} s: ${requests} requests, ` +
        `${events} events, ${errors.length} errors, ${dropped} dropped\n` +
        `/api/rolling/15m: p50 ${ms(p50)}, p99 ${ms(p99)} (must be below ${P99_BOUND_MILLIS}), max ${ms(most)}\n` +
        `table reads a second: ${readsAlone.toFixed(2)} alone, ${readsWatched.toFixed(2)} watched\n`,
    )
    for (const error of new Set(errors)) process.stdout.write(`${error}\n`)
  }
  if (!ok) process.exitCode = 1
}
