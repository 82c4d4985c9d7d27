/** A small live city in processes of its own: emulated pair, worker, replay, dashboard. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { sampleCityPath } from '../../samples/city-file.ts'
import { writeSampleTrips } from '../../samples/sample-trips.ts'
import { eventually } from '../support/eventually.ts'
import type { Running } from '../support/hailstream.ts'
import { hailstream, start } from '../support/hailstream.ts'

const DISTRICTS = ['--districts', sampleCityPath(), '--district-id', 'id']

export class LiveCity {
  readonly url: string
  readonly #cwd: string
  readonly #environment: Record<string, string>
  readonly #port: number
  readonly #running = new Map<string, Running>()

  private constructor(cwd: string, environment: Record<string, string>, port: number) {
    this.#cwd = cwd
    this.#environment = environment
    this.#port = port
    this.url = `http://127.0.0.1:${port}/`
  }

  /** Resolves once the dashboard answers with counts. */
  static async found(cwd: string): Promise<LiveCity> {
    const pair = start(['local', '--write-env', '.env'], { cwd })
    const environment: Record<string, string> = {}
    await eventually(
      'the local pair to be up',
      async () => {
        const text = await readFile(join(cwd, '.env'), 'utf8').catch(() => '')
        for (const line of text.split('\n')) {
          const [name, value] = line.split(/=(.*)/s)
          if (value !== undefined) environment[name] = value.replace(/^["']|["']$/g, '')
        }
        return 'AWS_ENDPOINT_URL_DYNAMODB' in environment
      },
      60_000,
    )
    const city = new LiveCity(cwd, environment, await freePort())
    city.#running.set('pair', pair)
    await hailstream(['init', '--shards', '2'], { cwd, environment })
    city.#start('worker', ['count', ...DISTRICTS])
    await writeSampleTrips(join(cwd, 'trips.csv'), { trips: 4_000 })
    city.#start('replay', ['replay', 'trips.csv', '--duration', '300s'])
    city.startDashboard()
    return city
  }

  startDashboard(): void {
    this.#start('dashboard', ['dashboard', '--port', String(this.#port)])
  }

  /** Ends a part at once, as a crash would. */
  async kill(name: 'replay' | 'dashboard'): Promise<void> {
    const running = this.#running.get(name)
    running?.process.kill('SIGKILL')
    await running?.ended
  }

  async ask<T>(path: string): Promise<T> {
    const response = await fetch(this.url + path)
    return (await response.json()) as T
  }

  async end(): Promise<void> {
    const all = [...this.#running.values()].reverse()
    for (const { process, ended } of all) {
      process.kill('SIGTERM')
      const late = setTimeout(() => process.kill('SIGKILL'), 8_000)
      await ended
      clearTimeout(late)
    }
  }

  #start(name: string, args: readonly string[]): void {
    this.#running.set(name, start(args, { cwd: this.#cwd, environment: this.#environment }))
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
