/** Where a demo's trouble is made: proxies before both emulators, and a straight way past them. */
import type { startLocalPair } from '../../localstack/local-pair.ts'
import { TcpProxy } from '../../localstack/tcp-proxy.ts'
import type { Clients } from '../../src/aws/clients.ts'
import { createClients } from '../../src/aws/clients.ts'
import { DynamodbTable } from '../../src/aws/dynamodb-table.ts'
import { KinesisStream } from '../../src/aws/kinesis-stream.ts'
import { reshard } from '../../src/aws/resharding.ts'
import { dayPk, GENERATION_PK, progressPk, statusKey } from '../../src/counts/keys.ts'
import { parseProgress } from '../../src/counts/progress.ts'
import { messageOf } from '../../src/errors.ts'
import type { Program } from '../../src/program/program.ts'
import { say, stopwatch } from '../../src/program/program.ts'
import type { Failure } from '../child.ts'
import type { DemoOptions } from '../commands/demo.ts'
import { Chaos } from './chaos.ts'
import type { Post } from './post.ts'
import { chaosSchedule } from './schedule.ts'
import { survivedLines } from './survived.ts'

type Pair = Pick<
  Awaited<ReturnType<typeof startLocalPair>>,
  'environment' | 'kinesisEndpoint' | 'dynamodbEndpoint'
>

const POLL_MILLIS = 250
/** For those who were woken or restarted last to do their worst. */
const AFTERMATH_MILLIS = 2_000
/** Trouble needs time; a replay at full speed leaves none. */
const LEAST_MILLIS = 10_000

export class ChaosStage {
  /** The pair's environment, by way of the proxies. */
  readonly environment: Record<string, string>
  /** Resolves when trouble cannot be made. */
  readonly failed: Promise<Failure>
  readonly #input: DemoOptions
  readonly #program: Program
  readonly #proxies: { kinesis: TcpProxy; dynamodb: TcpProxy }
  readonly #clients: Clients
  readonly #table: DynamodbTable
  readonly #seed: number
  readonly #enough = new AbortController()
  readonly #over = new AbortController()
  #fail: (failure: Failure) => void = () => undefined
  #chaos: Chaos | undefined
  #trouble: Promise<void> = Promise.resolve()
  #watching: Promise<void> = Promise.resolve()
  #beganAt = 0
  #noticed = 0
  #triedAgain = 0
  readonly #putAgain = new Map<number, number>()

  static async start(pair: Pair, input: DemoOptions, program: Program): Promise<ChaosStage> {
    const kinesis = await TcpProxy.start(pair.kinesisEndpoint)
    const dynamodb = await TcpProxy.start(pair.dynamodbEndpoint)
    return new ChaosStage(pair, { kinesis, dynamodb }, input, program)
  }

  private constructor(
    pair: Pair,
    proxies: { kinesis: TcpProxy; dynamodb: TcpProxy },
    input: DemoOptions,
    program: Program,
  ) {
    this.#input = input
    this.#program = program
    this.#proxies = proxies
    this.#clients = createClients(pair.environment)
    this.#table = new DynamodbTable(this.#clients.dynamodb, input.table)
    this.#seed = input.seed ?? Math.floor(program.random() * 2 ** 32)
    this.failed = new Promise((resolve) => (this.#fail = resolve))
    this.environment = {
      ...pair.environment,
      AWS_ENDPOINT_URL_KINESIS: proxies.kinesis.endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: proxies.dynamodb.endpoint,
    }
  }

  /** The replay is about to send; only the first time counts. */
  begin(plannedMillis: number, workers: readonly Post[], replay: Post): void {
    if (this.#chaos !== undefined) return
    const { clock } = this.#program
    const { minutes, failover, stream } = this.#input
    const durationMillis = Math.max(
      LEAST_MILLIS,
      minutes === undefined ? plannedMillis : minutes * 60_000,
    )
    const kinesis = new KinesisStream(this.#clients.kinesis, stream)
    const seed = this.#seed
    const schedule = chaosSchedule({ seed, durationMillis, failoverMillis: failover })
    this.#beganAt = clock.monotonicMillis()
    say(
      this.#program,
      `Chaos of seed ${seed}: ${schedule.length} troubles within ${stopwatch(durationMillis)}.`,
    )
    this.#chaos = new Chaos(schedule, {
      table: this.#table,
      listShards: () => kinesis.listShards(),
      reshard: (request) => reshard(this.#clients.kinesis, stream, request),
      proxies: this.#proxies,
      workers,
      replay,
      clock,
      tell: (text) => this.#tell(text),
    })
    const fail = (error: unknown): void => {
      this.#fail({ message: `hailstream: chaos: ${messageOf(error)}`, exitCode: 1 })
    }
    this.#trouble = this.#chaos.run(this.#enough.signal, this.#over.signal).catch(fail)
    this.#watching = this.#chaos.watch(this.#over.signal).catch(fail)
  }

  /** A line of a worker's talk. */
  hear(line: string): void {
    if (line.startsWith('This process stood still')) this.#noticed++
    const times = /^Trying again(?: \((\d+) times\))?:/.exec(line)
    if (times !== null) this.#triedAgain += Number(times[1] ?? 1)
  }

  /** A line of data of the replay of that turn. */
  sent(turn: number, line: Record<string, unknown>): void {
    if (typeof line.retried === 'number') this.#putAgain.set(turn, line.retried)
  }

  /** Waits until the run, all sent now, is complete, and the trouble is over. */
  async end(runId: string, drain: AbortSignal): Promise<void> {
    const { clock } = this.#program
    while (!drain.aborted && !(await this.#isComplete(runId))) {
      await clock.sleep(POLL_MILLIS, drain)
    }
    if (this.#input.minutes === undefined) this.#enough.abort()
    await Promise.race([this.#trouble, aborted(drain)])
    await clock.sleep(AFTERMATH_MILLIS, drain)
    await this.calmDown()
  }

  /** Ends the trouble at once: everybody is awake, connected and at the post again. */
  async calmDown(): Promise<void> {
    this.#over.abort()
    await Promise.all([this.#trouble, this.#watching])
  }

  /** What was survived, in lines. */
  async report(runId: string): Promise<string[]> {
    if (this.#chaos === undefined) return []
    const generation = await this.#generation()
    const shards = (await this.#table.query(progressPk(generation))).map(parseProgress)
    const days = await this.#table.query(dayPk(generation, runId))
    const add = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0)
    return survivedLines({
      ...this.#chaos.tally(),
      noticed: this.#noticed,
      triedAgain: this.#triedAgain,
      putAgain: add([...this.#putAgain.values()]),
      duplicates: add(shards.map((shard) => shard.duplicates)),
      revisions: add(days.map((day) => Number(day.revision))),
    })
  }

  async stop(): Promise<void> {
    this.#clients.destroy()
    await Promise.all([this.#proxies.kinesis.stop(), this.#proxies.dynamodb.stop()])
  }

  async #isComplete(runId: string): Promise<boolean> {
    const status = await this.#table.get(statusKey(await this.#generation(), runId))
    return status?.complete === true
  }

  async #generation(): Promise<string> {
    return (await this.#table.query(GENERATION_PK)).at(-1)?.sk ?? ''
  }

  #tell(text: string): void {
    const { clock, stdout } = this.#program
    // On a terminal the table of counts has the screen to itself.
    if (this.#input.exit !== true && stdout.isTTY === true) return
    say(this.#program, `${stopwatch(clock.monotonicMillis() - this.#beganAt)}  ${text}`)
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
