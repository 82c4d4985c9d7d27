/** `hailstream demo`: the whole picture on one machine, each part a process of its own. */
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { counts } from '../consumers/counts.ts'
import { tail } from '../consumers/tail.ts'
import { verify } from '../consumers/verify.ts'
import { startLocalPair } from '../localstack/local-pair.ts'
import { sampleCityPath } from '../samples/city-file.ts'
import { DEFAULT_SAMPLE_TRIPS, writeSampleTrips } from '../samples/sample-trips.ts'
import { HailstreamError } from '../src/errors.ts'
import type { ExitCode, Program } from '../src/program/program.ts'
import { count, DEFAULT_NAMES, say, stopwatch } from '../src/program/program.ts'
import { formatDuration, formatEventTime } from '../src/time/units.ts'
import { init } from './init.ts'
import type { DemoOptions } from './main.ts'

/** A day of the samples then passes in a minute and a half. */
const SAMPLE_SPEED = 960

export async function demo(options: DemoOptions, program: Program): Promise<ExitCode> {
  const beganAt = program.clock.monotonicMillis()
  const folder = await mkdtemp(join(tmpdir(), 'hailstream-demo-'))
  const children: Child[] = []
  const over = new AbortController()
  const drain = AbortSignal.any([program.drain, over.signal])
  const pair = await startLocalPair({
    signal: program.drain,
    log: (line) => say(program, line),
    ...(options.dataDir !== undefined && { dataDir: options.dataDir }),
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true })
    throw error
  })
  try {
    const input = await chooseInput(options, folder, program)
    const inside: Program = {
      ...program,
      environment: localEnvironment(program.environment, pair.environment),
      drain,
    }
    const start = (args: readonly string[]): Child => {
      const child = new Child(args, inside.environment)
      children.push(child)
      return child
    }
    await init({ ...DEFAULT_NAMES, shards: options.shards, reset: false, yes: false }, inside)
    const failures: Promise<HailstreamError>[] = [pair.exited]
    for (let i = 1; i <= options.workers; i++) {
      const args = [
        ...countArgs(input),
        '--worker',
        `worker-${i}`,
        '--dead-letters',
        'dead-letters.ndjson',
      ]
      failures.push(start(['count', ...args]).failed(`Worker ${i}`, drain, program))
    }
    const replaying = start(['replay', ...input.files, ...replayArgs(input, folder)])
    failures.push(replaying.failed('Replay', drain, program))
    const outcome = follow(input, replaying, inside, program, over.signal, beganAt)
    const failure = await Promise.race([outcome, ...failures])
    if (failure instanceof HailstreamError) throw failure
    return failure
  } finally {
    over.abort()
    await Promise.all(children.map((child) => child.stop()))
    await pair.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The pair's environment, without what would lead the SDK to somebody's account. */
function localEnvironment(
  own: Program['environment'],
  local: Readonly<Record<string, string>>,
): Program['environment'] {
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, AWS_ENDPOINT_URL: _url, ...rest } = own
  return { ...rest, ...local }
}

interface Input extends DemoOptions {
  sample: boolean
}

async function chooseInput(options: DemoOptions, folder: string, program: Program): Promise<Input> {
  if (options.files.length > 0) return { ...options, sample: false }
  const { trips, date } = DEFAULT_SAMPLE_TRIPS
  const file = join(folder, `sample-trips-${date}.csv`)
  await writeSampleTrips(file)
  say(
    program,
    `No files given: ${count(trips)} made-up trips of ${date} in an approximate New York. ` +
      'README says where the real ones are.',
  )
  return {
    ...options,
    sample: true,
    files: [file],
    speed: options.speed === 1 ? SAMPLE_SPEED : options.speed,
    ...(options.districts === undefined && { districts: sampleCityPath(), districtId: 'id' }),
  }
}

function countArgs(input: Input): string[] {
  const args = [
    ...flag('--districts', input.districts),
    ...flag('--district-id', input.districtId),
    '--pane',
    formatDuration(input.pane),
    '--out-of-orderness',
    formatDuration(input.outOfOrderness),
    '--flush',
    formatDuration(input.flush),
    '--failover',
    formatDuration(input.failover),
    ...flag('--write-units', input.writeUnits),
    ...flag('--merge-units', input.mergeUnits),
    '--start',
    typeof input.start === 'number' ? new Date(input.start).toISOString() : input.start,
  ]
  return args
}

function replayArgs(input: Input, folder: string): string[] {
  return [
    '--speed',
    input.speed === Infinity ? 'max' : String(input.speed),
    '--order',
    input.order,
    '--codec',
    input.codec,
    ...flag('--columns', input.columns?.text),
    ...flag('--from', input.from === undefined ? undefined : formatEventTime(input.from)),
    ...flag('--to', input.to === undefined ? undefined : formatEventTime(input.to)),
    ...flag('--run-id', input.runId),
    ...flag('--lanes', input.lanes),
    ...(input.loop ? ['--loop'] : []),
    ...(input.newRun ? ['--new-run'] : []),
    ...flag(
      '--quarantine',
      input.quarantine ?? (input.sample ? join(folder, 'rejected.ndjson') : undefined),
    ),
  ]
}

function flag(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [name, String(value)]
}

/** Shows the counts while they come; with --exit, ends when all are in, verified. */
async function follow(
  input: Input,
  replaying: Child,
  inside: Program,
  program: Program,
  over: AbortSignal,
  beganAt: number,
): Promise<ExitCode> {
  const names = DEFAULT_NAMES
  const quiet = input.csv === true || input.exit === true
  const showing = quiet
    ? replaying.progress((line) => say(program, line))
    : tail(
        { ...names, rollingMillis: 900_000, by: 'pickups', top: input.top },
        { ...inside, drain: AbortSignal.any([program.drain, over]) },
      )
  const runId = await replaying.runId
  if (input.exit !== true) {
    await showing
    return program.drain.aborted ? 130 : 0
  }
  const sent = await replaying.exited
  if (sent !== 0) return 1
  const equal = await verify(
    {
      ...names,
      files: input.files,
      order: input.order,
      ...(input.districts !== undefined && { districts: input.districts }),
      ...(input.districtId !== undefined && { districtId: input.districtId }),
      ...(input.columns !== undefined && { columns: input.columns.map }),
      ...(input.from !== undefined && { from: input.from }),
      ...(input.to !== undefined && { to: input.to }),
      ...(runId !== undefined && { runId }),
      timeoutMillis: 120_000,
    },
    { ...inside, stdout: input.csv === true ? inside.stderr : inside.stdout },
  )
  await counts(
    {
      ...names,
      ...(runId !== undefined && { runId }),
      totals: true,
      format: input.csv === true ? 'csv' : 'text',
    },
    inside,
  )
  say(program, `Done in ${stopwatch(program.clock.monotonicMillis() - beganAt)}.`)
  return equal
}

/** A hailstream command in a process of its own. */
class Child {
  readonly exited: Promise<number>
  readonly runId: Promise<string | undefined>
  readonly #process: ChildProcess
  readonly #talk: string[] = []
  readonly #lines: ((line: string) => void)[] = []
  #stopping = false

  constructor(args: readonly string[], environment: Program['environment']) {
    const entry = fileURLToPath(new URL('../../bin/hailstream.js', import.meta.url))
    this.#process = spawn(process.execPath, [entry, ...args], {
      env: { ...environment },
      // The channel tells the child when we are gone, however we went.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Not in our group: Ctrl-C reaches us alone, and we stop the parts in order.
      detached: true,
    })
    this.exited = new Promise((resolve) => {
      this.#process.once('exit', (code) => resolve(code ?? 1))
    })
    const { stdout, stderr } = this.#process
    if (stderr !== null) {
      createInterface(stderr).on('line', (line) => {
        this.#talk.push(line)
        if (this.#talk.length > 50) this.#talk.shift()
      })
    }
    this.runId = new Promise((resolve) => {
      if (stdout === null) return resolve(undefined)
      createInterface(stdout).on('line', (line) => {
        for (const listen of this.#lines) listen(line)
        const parsed = parseLine(line)
        if (parsed.type === 'run') resolve(String(parsed.run))
      })
      void this.exited.then(() => resolve(undefined))
    })
  }

  /** Tells the replay's progress in a line every few seconds until it ends. */
  async progress(tell: (line: string) => void): Promise<void> {
    let toldAt = 0
    this.#lines.push((line) => {
      const parsed = parseLine(line)
      const now = performance.now()
      if (parsed.type !== 'progress' || now - toldAt < 3_000) return
      toldAt = now
      tell(
        `${String(parsed.eventTime)}  ${count(Number(parsed.trips))} trips sent, ${count(Number(parsed.tripsPerSecond))}/s`,
      )
    })
    await this.exited
  }

  /** Resolves to an error when the process fails by itself. */
  async failed(name: string, drain: AbortSignal, program: Program): Promise<HailstreamError> {
    const code = await this.exited
    if (code === 0 || this.#stopping || drain.aborted) {
      if (code === 0 || this.#stopping)
        for (const line of this.#talk)
          if (/reject|accounting|rows read/.test(line)) say(program, line)
      return new Promise(() => undefined)
    }
    const reason = this.#talk.filter((line) => line.startsWith('hailstream: ')).at(-1)
    return new HailstreamError('LOCAL', {
      subject: name,
      got: reason?.replace('hailstream: ', '') ?? `exit code ${code}`,
      expected: 'it to go on',
    })
  }

  async stop(): Promise<void> {
    this.#stopping = true
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    this.#process.kill('SIGTERM')
    const late = setTimeout(() => this.#process.kill('SIGKILL'), 10_000)
    await this.exited
    clearTimeout(late)
  }
}

function parseLine(line: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
