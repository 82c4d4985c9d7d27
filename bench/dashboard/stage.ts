/** Everything a dashboard stands on, in processes of their own, for the benches of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child } from '../../bin/child.ts'
import { init } from '../../bin/init.ts'
import type { LocalPair } from '../../localstack/local-pair.ts'
import { startLocalPair } from '../../localstack/local-pair.ts'
import type { Clients } from '../../src/aws/clients.ts'
import { createClients } from '../../src/aws/clients.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import type { Program } from '../../src/program/program.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import { benchProgram } from '../program.ts'

export class DashboardBench {
  readonly folder: string
  readonly clients: Clients
  readonly table: DynamodbTable
  readonly #pair: LocalPair
  readonly #program: Program
  readonly #children: Child[] = []

  private constructor(folder: string, pair: LocalPair) {
    this.folder = folder
    this.#pair = pair
    this.#program = benchProgram(pair)
    this.clients = createClients(this.#program.environment)
    this.table = new DynamodbTable(this.clients.dynamodb, DEFAULT_NAMES.table)
  }

  static async open(): Promise<DashboardBench> {
    const folder = await mkdtemp(join(tmpdir(), 'hailstream-bench-'))
    const bench = new DashboardBench(folder, await startLocalPair())
    await init({ ...DEFAULT_NAMES, shards: 4, reset: false, yes: false }, bench.#program)
    return bench
  }

  get kinesisEndpoint(): string {
    return this.#pair.kinesisEndpoint
  }

  /** `own`: what this one has otherwise in its environment. */
  start(name: string, args: readonly string[], own: Record<string, string> = {}): Child {
    const child = new Child(name, args, { ...this.#program.environment, ...own })
    this.#children.push(child)
    return child
  }

  startWorkers(districts: readonly string[]): void {
    const letters = ['--dead-letters', join(this.folder, 'dead-letters.ndjson')]
    for (const name of ['a', 'b']) {
      this.start(`worker ${name}`, ['count', ...districts, ...letters, '--worker', name])
    }
  }

  startReplay(file: string, args: readonly string[], own: Record<string, string> = {}): Child {
    const quarantine = ['--quarantine', join(this.folder, 'rejected.ndjson')]
    return this.start('the replay', ['replay', ...args, ...quarantine, file], own)
  }

  /** Resolves with the port, once it answers. */
  startDashboard(): Promise<number> {
    return new Promise((resolve) => {
      const listeners = {
        onTalk: (line: string): void => {
          const port = /^Dashboard http:\/\/127\.0\.0\.1:(\d+)$/.exec(line)?.[1]
          if (port !== undefined) resolve(Number(port))
        },
      }
      const args = ['dashboard', '--port', '0']
      this.#children.push(new Child('the dashboard', args, this.#program.environment, listeners))
    })
  }

  /** Rejects when a process ends by itself with a failure. */
  async failure(): Promise<never> {
    const { message } = await Promise.race(this.#children.map((child) => child.failed()))
    throw new Error(message)
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()))
    this.clients.destroy()
    await this.#pair.stop()
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** The value of `sorted` that `share` of all do not exceed. */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? NaN
}
