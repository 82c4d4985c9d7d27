/**
 * The dashboard's server under many browsers: `npm run bench:dashboard [-- --seconds N] [--json]`.
 *
 * 200 listen to events, and 200 poll: /api/rolling/15m every second, /api/status every five, each
 * over a connection of its own. A latency is from the request to the last byte of the answer, as the
 * client sees it. Listeners, pollers and the server have a process each; how late the pollers'
 * process was by itself is told, for on a busy machine that is in every latency. Table reads are
 * those the server counts, before and while it is watched. A paced replay of the sample city feeds it
 * all the time.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { sampleCityPath } from '../samples/city-file.ts'
import { writeSampleTrips } from '../samples/sample-trips.ts'
import { systemClock } from '../src/time/clock.ts'
import type { CrowdKind, CrowdReport } from './dashboard/crowd.ts'
import { DashboardBench, percentile } from './dashboard/stage.ts'

const ALONE_SECONDS = 15
const SETTLE_MILLIS = 2_000
const P99_BOUND_MILLIS = 50

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    json: { type: 'boolean', default: false },
  },
})
const seconds = Number(values.seconds)

const bench = await DashboardBench.open()
try {
  const file = join(bench.folder, 'trips.csv')
  await writeSampleTrips(file)
  bench.startWorkers(['--districts', sampleCityPath(), '--district-id', 'id'])
  bench.startReplay(file, ['--duration', `${seconds + ALONE_SECONDS + 60}s`])
  const port = await bench.startDashboard()
  const measured = await Promise.race([measure(`http://127.0.0.1:${port}`), bench.failure()])
  report(measured)
} finally {
  await bench.close()
}

interface Measured {
  /** A second, before and while it is watched. */
  readsAlone: number
  readsWatched: number
  open: number
  dropped: number
  listeners: CrowdReport
  pollers: CrowdReport
}

async function measure(url: string): Promise<Measured> {
  while ((await fetch(`${url}/api/rolling/15m`)).status !== 200) await systemClock.sleep(250)
  const readsAlone = await readsASecond(url, ALONE_SECONDS)
  const crowds = (['listeners', 'pollers'] as const).map((kind) => gather(kind, url))
  await systemClock.sleep(SETTLE_MILLIS)
  const readsWatched = await readsASecond(url, seconds)
  const metrics = await metricsOf(url)
  const [listeners, pollers] = await Promise.all(crowds.map((crowd) => crowd.leave()))
  return {
    readsAlone,
    readsWatched,
    open: figure(metrics, 'hailstream_dashboard_event_streams'),
    dropped: figure(metrics, 'hailstream_dashboard_dropped_streams'),
    listeners,
    pollers,
  }
}

/** It ends with this process, however that ends. */
function gather(kind: CrowdKind, url: string): { leave(): Promise<CrowdReport> } {
  const script = fileURLToPath(new URL('./dashboard/crowd.js', import.meta.url))
  const child = fork(script, [kind, new URL(url).port])
  const told = once(child, 'message') as Promise<[CrowdReport]>
  return {
    async leave() {
      child.send('leave')
      const [seen] = await told
      return seen
    },
  }
}

async function readsASecond(url: string, length: number): Promise<number> {
  const reads = async (): Promise<number> =>
    figure(await metricsOf(url), 'hailstream_dashboard_table_reads')
  const before = await reads()
  const began = performance.now()
  await systemClock.sleep(length * 1_000)
  return (((await reads()) - before) * 1_000) / (performance.now() - began)
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text()
}

function figure(metrics: string, name: string): number {
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? NaN)
}

function report(measured: Measured): void {
  const { readsAlone, readsWatched, open, dropped, listeners, pollers } = measured
  const latencies = pollers.latencies.sort((a, b) => a - b)
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => percentile(latencies, share))
  const errors = [...listeners.errors, ...pollers.errors]
  const ok = errors.length === 0 && dropped === 0 && p99 < P99_BOUND_MILLIS
  const { requests, ownLagMillis } = pollers
  const { events } = listeners
  if (values.json) {
    const figures = { peer: null, ratio: null, median: p99, spread: null, unit: 'ms p99' }
    const counts = { requests, errors: errors.length, events, readsAlone, readsWatched }
    const more = { p50, max: most, ownLagMillis, ...counts }
    process.stdout.write(`${JSON.stringify({ subject: 'dashboard', ...figures, ...more })}\n`)
  } else {
    const ms = (value: number): string => `${value.toFixed(1)} ms`
    process.stdout.write(
      `${open} listeners and as many pollers for ${seconds} s: ${requests} requests, ` +
        `${events} events, ${errors.length} errors, ${dropped} dropped\n` +
        `/api/rolling/15m: p50 ${ms(p50)}, p99 ${ms(p99)} (must be below ${P99_BOUND_MILLIS}), max ${ms(most)}; ` +
        `the pollers' process itself was late by ${ms(ownLagMillis)} (p99)\n` +
        `table reads a second: ${readsAlone.toFixed(2)} alone, ${readsWatched.toFixed(2)} watched\n`,
    )
    for (const error of new Set(errors)) process.stdout.write(`${error}\n`)
  }
  if (!ok) process.exitCode = 1
}
