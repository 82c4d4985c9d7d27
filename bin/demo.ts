/** `hailstream demo`: the whole picture on one machine, each part a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { counts } from '../consumers/counts.ts'
import { tail } from '../consumers/tail.ts'
import { verify } from '../consumers/verify.ts'
import type { LocalPair } from '../localstack/local-pair.ts'
import type { ExitCode, Names, Program } from '../src/program/program.ts'
import { say, stopwatch } from '../src/program/program.ts'
import { expandFiles } from '../src/trips/trip-source.ts'
import type { Post } from './chaos/post.ts'
import { ChaosStage } from './chaos/stage.ts'
import type { Failure } from './child.ts'
import type { Replaying } from './demo-posts.ts'
import { chooseInput, forecast, pairAndInput } from './demo-input.ts'
import { dashboardPost, startReplay, workerPost } from './demo-posts.ts'
import { init } from './init.ts'
import type { DemoOptions } from './commands/demo.ts'

export async function demo(options: DemoOptions, program: Program): Promise<ExitCode> {
  const beganAt = program.clock.monotonicMillis()
  const folder = await mkdtemp(join(tmpdir(), 'hailstream-demo-'))
  try {
    await expandFiles(options.files)
    if (options.dryRun) return await forecast(await chooseInput(options, folder, program), program)
    const { pair, input } = await pairAndInput(options, folder, program)
    const exitCode = await withLocalPair(pair, input, program)
    if (options.exit === true && exitCode === 0) {
      say(program, `Done in ${stopwatch(program.clock.monotonicMillis() - beganAt)}.`)
    }
    return exitCode
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function withLocalPair(
  pair: LocalPair,
  input: DemoOptions,
  program: Program,
): Promise<ExitCode> {
  const over = new AbortController()
  const posts: Post[] = []
  let stage: ChaosStage | undefined
  try {
    if (input.chaos) stage = await ChaosStage.start(pair, input, program)
    const inside: Program = {
      ...program,
      environment: localEnvironment(program.environment, stage?.environment ?? pair.environment),
      drain: AbortSignal.any([program.drain, over.signal]),
    }
    const failures = [
      pair.exited.then((error): Failure => ({
        message: `hailstream: ${error.message}`,
        exitCode: 1,
      })),
      ...(stage === undefined ? [] : [stage.failed]),
    ]
    const add = (post: Post): void => {
      posts.push(post)
      failures.push(post.failed)
    }
    const address = new Promise<string>((resolve) => {
      if (input.dashboard) add(dashboardPost(input, { inside, program }, resolve))
    })
    await init({ ...namesOf(input), shards: input.shards, reset: false, yes: false }, inside)
    const workers = Array.from({ length: input.workers }, (_, i) =>
      workerPost(i + 1, input, inside, stage),
    )
    workers.forEach(add)
    const replaying = startReplay(input, { inside, program, stage, workers })
    add(replaying.post)
    const outcome = await Promise.race([
      follow(input, { ...replaying, address }, inside, program),
      ...failures,
    ])
    if (typeof outcome === 'number') return outcome
    if (program.drain.aborted) return 130
    program.stderr.write(`${outcome.message}\n`)
    return outcome.exitCode
  } finally {
    over.abort()
    await stage?.calmDown()
    await Promise.all(posts.map((post) => post.stop()))
    await stage?.stop()
    await pair.stop()
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function namesOf({ stream, table, application }: Names): Names {
  return { stream, table, application }
}

/** The pair's environment, without what would lead the SDK to somebody's account. */
function localEnvironment(
  own: Program['environment'],
  local: Readonly<Record<string, string>>,
): Program['environment'] {
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, AWS_ENDPOINT_URL: _url, ...rest } = own
  return { ...rest, HAILSTREAM_EMULATED: 'yes', ...local }
}

/** Shows the counts while they come; with `--exit`, ends when all are in, verified. */
async function follow(
  input: DemoOptions,
  replaying: Replaying & { address: Promise<string> },
  inside: Program,
  program: Program,
): Promise<ExitCode> {
  const names = namesOf(input)
  if (input.exit !== true) {
    const { top } = input
    const note = replaying.address
    const watching = tail(
      { ...names, by: 'pickups', note, ...(top !== undefined && { top }) },
      inside,
    )
    if (replaying.stage === undefined) await watching
    // What came through trouble is verified all the same, beside the counts.
    else await Promise.race([watching, verifyAside(input, replaying, inside, program)])
    return program.drain.aborted ? 130 : 0
  }
  // With --csv nothing but the totals goes to standard output.
  const stdout = input.csv === true ? inside.stderr : inside.stdout
  const settled = await settle(input, replaying, { ...inside, stdout }, program)
  if (settled === undefined) return 130
  const format = input.csv === true ? 'csv' : 'text'
  await counts({ ...names, runId: settled.runId, format }, inside)
  return settled.equal
}

/** Rejects when that fails, and never resolves: the counts are to be looked at until Ctrl-C. */
async function verifyAside(
  input: DemoOptions,
  replaying: Replaying,
  inside: Program,
  program: Program,
): Promise<never> {
  await settle(input, replaying, { ...inside, stdout: inside.stderr }, program)
  return new Promise(() => undefined)
}

/** Waits until everything is sent and counted, and verifies it; undefined when drained before. */
async function settle(
  input: DemoOptions,
  { post, runId, stage }: Replaying,
  inside: Program,
  program: Program,
): Promise<{ runId: string; equal: ExitCode } | undefined> {
  const sent = await Promise.race([post.ended, aborted(program.drain)])
  if (program.drain.aborted) return undefined
  if (sent !== 0) return new Promise(() => undefined) // told as a failure
  const run = await runId
  await stage?.end(run, program.drain)
  const equal = await verify(
    {
      ...namesOf(input),
      files: input.files,
      order: input.order,
      runId: run,
      timeoutMillis: 600_000,
      ...(input.districts !== undefined && { districts: input.districts }),
      ...(input.districtId !== undefined && { districtId: input.districtId }),
      ...(input.columns !== undefined && { columns: input.columns.map }),
    },
    inside,
  )
  if (program.drain.aborted) return undefined
  for (const line of (await stage?.report(run)) ?? []) say(program, line)
  return { runId: run, equal }
}
