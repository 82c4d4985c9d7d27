/**
 * Those who watch a dashboard, in processes of their own, so that neither those who listen nor the
 * bench keep those who poll waiting: 200 each, as a browser asks, with `Accept-Encoding: gzip`.
 * Forked with a kind and a port; told to stop, it answers with what it saw.
 */
import { setMaxListeners } from 'node:events'
import { Agent, request } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '../../src/time/clock.ts'

export const CLIENTS = 200
export type CrowdKind = 'listeners' | 'pollers'

export interface CrowdReport {
  /** Of /api/rolling/15m, ms: from the request to the last byte of the answer. */
  latencies: number[]
  requests: number
  events: number
  errors: string[]
  /** p99 of how late this process itself was, ms: that much of a latency may be its own. */
  ownLagMillis: number
}

/** The end of every event in a compressed stream; to unpack 200 of them would be the browsers' work. */
const FLUSH = Buffer.of(0, 0, 0xff, 0xff)
const RESOLUTION_MILLIS = 5

const [kind, port] = [process.argv[2] as CrowdKind, Number(process.argv[3])]
const seen: CrowdReport = { latencies: [], requests: 0, events: 0, errors: [], ownLagMillis: 0 }
const stop = new AbortController()
setMaxListeners(0, stop.signal)
process.once('message', () => stop.abort())
// Without whoever forked us nobody wants to know.
process.once('disconnect', () => process.exit(1))

const lag = monitorEventLoopDelay({ resolution: RESOLUTION_MILLIS })
lag.enable()
const watch = kind === 'listeners' ? listen : poll
await Promise.all(
  Array.from({ length: CLIENTS }, async (_, client) => {
    // Browsers neither come nor poll in step.
    await systemClock.sleep((client * 1_000) / CLIENTS, stop.signal)
    await watch(client)
  }),
)
lag.disable()
// The histogram holds whole intervals between two ticks.
seen.ownLagMillis = Math.max(0, lag.percentile(99) / 1e6 - RESOLUTION_MILLIS)
process.send?.(seen, () => process.exit(0))

async function poll(client: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  for (let round = client; !stop.signal.aborted; round++) {
    const began = performance.now()
    await ask('/api/rolling/15m', agent)
    seen.latencies.push(performance.now() - began)
    if (round % 5 === 0) await ask('/api/status', agent)
    await systemClock.sleep(1_000 - (performance.now() - began), stop.signal)
  }
  agent.destroy()
}

function ask(path: string, agent: Agent): Promise<void> {
  seen.requests++
  return new Promise((resolve) => {
    const fail = (error: unknown): void => {
      seen.errors.push(`${path}: ${String(error)}`)
      resolve()
    }
    const headers = { 'accept-encoding': 'gzip' }
    const asked = request({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
      if (response.statusCode !== 200) seen.errors.push(`${path}: ${response.statusCode}`)
      response.resume()
      response.once('end', resolve)
      response.once('error', fail)
    })
    asked.once('error', fail)
    asked.end()
  })
}

function listen(): Promise<void> {
  return new Promise((resolve) => {
    const fail = (error: unknown): void => {
      if (!stop.signal.aborted) seen.errors.push(`/api/events: ${String(error)}`)
      resolve()
    }
    const headers = { 'accept-encoding': 'gzip' }
    const asked = request({ host: '127.0.0.1', port, path: '/api/events', agent: false, headers })
    asked.once('error', fail)
    asked.once('response', (response) => {
      if (response.statusCode !== 200) fail(response.statusCode)
      response.on('data', (part: Buffer) => {
        for (let at = part.indexOf(FLUSH); at >= 0; at = part.indexOf(FLUSH, at + 1)) seen.events++
      })
      response.once('error', fail)
      response.once('end', () => fail('the stream ended'))
    })
    stop.signal.addEventListener('abort', () => asked.destroy(), { once: true })
    asked.end()
  })
}
