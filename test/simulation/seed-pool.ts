/** Simulates many seeds at a time, each in a child process that can be ended when it hangs. */
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { Verdict } from './simulation.ts'

export interface PoolOptions {
  first: number
  count: number
  /** Children at a time; the number of cores unless given. */
  jobs?: number
  /** Real time after which a seed is taken to hang, ms. */
  seedMillis?: number
  /** The guard that is broken, by its name in mutations.ts. */
  mutation?: string
  onVerdict: (verdict: Verdict) => void
  /** Begins no further seed when it says so. */
  enough?: () => boolean
}

const CHILD = fileURLToPath(new URL('./seed-worker.js', import.meta.url))
const HOOKS = new URL('./mutation-hooks-register.js', import.meta.url).href
const SEED_MILLIS = 60_000

export async function runSeeds(options: PoolOptions): Promise<void> {
  const { first, count, jobs = availableParallelism(), enough = () => false } = options
  let next = first
  const nextSeed = (): number | undefined => {
    return next < first + count && !enough() ? next++ : undefined
  }
  const work = async (): Promise<void> => {
    let child: ChildProcess | undefined
    for (let seed = nextSeed(); seed !== undefined; seed = nextSeed()) {
      child ??= start(options.mutation)
      const verdict = await ask(child, seed, options.seedMillis ?? SEED_MILLIS)
      options.onVerdict(verdict ?? hung(seed))
      if (verdict !== undefined) continue
      child.kill('SIGKILL')
      child = undefined
    }
    child?.kill('SIGKILL')
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(jobs, count)) }, work))
}

function start(mutation: string | undefined): ChildProcess {
  return fork(CHILD, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    ...(mutation !== undefined && {
      execArgv: ['--import', HOOKS],
      env: { ...process.env, HAILSTREAM_MUTATION: mutation },
    }),
  })
}

/** Undefined when the child does not answer in time, or is gone. */
function ask(child: ChildProcess, seed: number, millis: number): Promise<Verdict | undefined> {
  return new Promise((resolve) => {
    const settle = (verdict: Verdict | undefined): void => {
      clearTimeout(timer)
      child.off('message', onMessage)
      child.off('exit', onExit)
      resolve(verdict)
    }
    const onMessage = (verdict: unknown): void => {
      settle(verdict as Verdict)
    }
    const onExit = (): void => {
      settle(undefined)
    }
    const timer = setTimeout(onExit, millis)
    child.on('message', onMessage)
    child.on('exit', onExit)
    child.send(seed)
  })
}

function hung(seed: number): Verdict {
  return {
    seed,
    failure: 'it hung, or its process ended',
    virtualMillis: 0,
    events: 0,
    counts: {},
  }
}
