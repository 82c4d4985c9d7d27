/**
 * An emulated pair, a feed that never pauses, and workers that come and go, each a process of its
 * own and with all defaults; and a look at the tables, as often as it can be had.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Child } from '../../bin/child.ts'
import { init } from '../../bin/init.ts'
import { verify } from '../../consumers/verify.ts'
import type { LocalPair } from '../../localstack/local-pair.ts'
import { startLocalPair } from '../../localstack/local-pair.ts'
import { sampleCityPath } from '../../samples/city-file.ts'
import type { Clients } from '../../src/aws/clients.ts'
import { createClients } from '../../src/aws/clients.ts'
import { DynamoDBLeaseStore } from '../../src/aws/dynamodb-lease-store.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { textOf } from '../../src/counts/item-values.ts'
import { GENERATION_PK, mergerKey, progressPk, statusKey } from '../../src/counts/keys.ts'
import type { Names, Program } from '../../src/program/program.ts'
import { DEFAULT_NAMES } from '../../src/program/program.ts'
import { systemClock } from '../../src/time/clock.ts'
import type { KinesisRelay } from '../../test/support/kinesis-relay.ts'
import { benchProgram } from '../program.ts'
import { Deliveries } from './deliveries.ts'
import { writeEvenTrips } from './feed.ts'

export const SHARDS = 10
const CITY = { districts: sampleCityPath(), districtId: 'id' }
const LOOK_MILLIS = 40

export interface StageWorker {
  name: string
  child: Child
  /** Monotonic ms at which the process was started. */
  startedAt: number
}

/** What the tables said at one moment. */
export interface Sight {
  /** Monotonic ms at which the answer was there. */
  at: number
  /** Shard → who owns its lease. */
  owners: ReadonlyMap<string, string>
  /** Shard → who last made its counts durable, up to which record, and the trips skipped so far. */
  progress: ReadonlyMap<string, { worker: string; seq: string; duplicates: number }>
}

export class Stage {
  readonly deliveries = new Deliveries()
  readonly #pair: LocalPair
  readonly #folder: string
  readonly #clients: Clients
  readonly #program: Program
  readonly #children: Child[] = []
  readonly #relays: KinesisRelay[] = []
  #workersStarted = 0
  #generation: { id: string; leaseTable: string } | undefined
  #feed: Child | undefined
  #run = ''

  private constructor(pair: LocalPair, folder: string) {
    this.#pair = pair
    this.#folder = folder
    this.#program = benchProgram(pair)
    this.#clients = createClients(this.#program.environment)
  }

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'hailstream-takeover-'))
    const stage = new Stage(await startLocalPair(), folder)
    await stage.initTables(DEFAULT_NAMES)
    return stage
  }

  async close(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.stop()))
    await Promise.all(this.#relays.map((relay) => relay.close()))
    this.#clients.destroy()
    await this.#pair.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** Makes the stream (where it is not there yet) and a counts table. */
  async initTables(names: Names): Promise<void> {
    const stderr = new PassThrough().resume()
    await init({ ...names, shards: SHARDS, reset: false, yes: false }, { ...this.#program, stderr })
  }

  /** Begins a replay of `seconds` at `perSecond` trips a second; resolves when it has begun. */
  async startFeed(perSecond: number, seconds: number): Promise<void> {
    const file = this.#feedFile()
    await writeEvenTrips(file, perSecond * seconds)
    await new Promise<void>((resolve) => {
      this.#feed = this.#child(
        'the replay',
        this.#replay(['--duration', `${seconds}s`]),
        (line) => {
          if (line.type !== 'run') return
          this.#run = String(line.run)
          resolve()
        },
      )
    })
  }

  /** Stops the feed, sends the rest of it at once, and says what `verify` says. */
  async finishFeed(): Promise<string> {
    await this.#feed?.stop()
    const rest = this.#child('the replay', this.#replay(['--speed', 'max']))
    if ((await rest.exited) !== 0) throw new Error(rest.talk.join('\n'))
    const lines: string[] = []
    const verifying = {
      ...this.#program,
      stdout: new PassThrough().on('data', (chunk: Buffer) => lines.push(String(chunk))),
    }
    await verify(
      { files: [this.#feedFile()], ...CITY, ...DEFAULT_NAMES, timeoutMillis: 120_000 },
      verifying,
    )
    return lines.join('').trim().split('\n').at(-1) ?? ''
  }

  async startWorker(names: Names = DEFAULT_NAMES): Promise<StageWorker> {
    const name = `worker-${++this.#workersStarted}`
    const relay = await this.deliveries.relay(this.#pair.kinesisEndpoint)
    this.#relays.push(relay)
    const letters = join(this.#folder, `${name}.ndjson`)
    const startedAt = performance.now()
    const child = new Child(
      name,
      [
        'count',
        '--districts',
        CITY.districts,
        '--district-id',
        CITY.districtId,
        '--worker',
        name,
        '--dead-letters',
        letters,
        ...namesArguments(names),
      ],
      { ...this.#program.environment, AWS_ENDPOINT_URL_KINESIS: relay.endpoint },
    )
    this.#children.push(child)
    return { name, child, startedAt }
  }

  table(names: Names = DEFAULT_NAMES): DynamodbTable {
    return new DynamodbTable(this.#clients.dynamodb, names.table)
  }

  async sight(): Promise<Sight> {
    const { id, leaseTable } = await this.#knownGeneration()
    const store = new DynamoDBLeaseStore({
      client: this.#clients.dynamodb,
      tableName: leaseTable,
      clock: systemClock,
    })
    const [leases, progress] = await Promise.all([
      store.list().catch(() => []),
      this.table().query(progressPk(id)),
    ])
    return {
      at: performance.now(),
      owners: new Map(leases.map(({ leaseKey, leaseOwner }) => [leaseKey, leaseOwner ?? ''])),
      progress: new Map(
        progress.map((item) => [
          item.sk,
          {
            worker: textOf(item.worker),
            seq: textOf(item.seq),
            duplicates: Number(item.duplicates),
          },
        ]),
      ),
    }
  }

  /** Looks again and again until `seen` says that all was seen. */
  async watch(what: string, seen: (sight: Sight) => boolean, limitMillis = 60_000): Promise<void> {
    await this.until(what, async () => seen(await this.sight()), limitMillis)
  }

  /** Repeats `look` until it says yes; resolves to the monotonic ms at which it did. */
  async until(what: string, look: () => Promise<boolean>, limitMillis = 60_000): Promise<number> {
    const deadline = performance.now() + limitMillis
    while (!(await look())) {
      if (performance.now() > deadline) throw new Error(`not within ${limitMillis} ms: ${what}`)
      await systemClock.sleep(LOOK_MILLIS)
    }
    return performance.now()
  }

  /** Who has the merger's role, and the version of the run's status. */
  async merger(): Promise<{ owner: string; version: number }> {
    const { id } = await this.#knownGeneration()
    const [role, status] = await Promise.all([
      this.table().get(mergerKey(id)),
      this.table().get(statusKey(id, this.#run)),
    ])
    return { owner: textOf(role?.owner), version: Number(status?.version ?? 0) }
  }

  async #knownGeneration(): Promise<{ id: string; leaseTable: string }> {
    while (this.#generation === undefined) {
      const item = (await this.table().query(GENERATION_PK)).at(0)
      if (item === undefined) await systemClock.sleep(LOOK_MILLIS)
      else this.#generation = { id: item.sk, leaseTable: textOf(item.leaseTable) }
    }
    return this.#generation
  }

  #child(
    name: string,
    args: readonly string[],
    onData: (line: Record<string, unknown>) => void = () => undefined,
  ): Child {
    const child = new Child(name, args, this.#program.environment, { onData })
    this.#children.push(child)
    return child
  }

  #replay(pace: readonly string[]): string[] {
    const quarantine = join(this.#folder, 'rejected.ndjson')
    return ['replay', ...pace, '--quarantine', quarantine, this.#feedFile()]
  }

  #feedFile(): string {
    return join(this.#folder, 'feed.csv')
  }
}

function namesArguments({ stream, table, application }: Names): string[] {
  return ['--stream', stream, '--table', table, '--application', application]
}
