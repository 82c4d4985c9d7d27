/**
 * uvu's suites, made strict. Bare uvu reports success when a test throws something that is not an
 * Error, when a hook throws, and when `.run()` is forgotten, and it waits for ever for a test that
 * hangs. Here every one of those is a failure.
 *
 *     const test = suite('a ring', { timeoutMillis: 5_000 })
 *     test.before(() => …)              // and .after, .before.each, .after.each
 *     test('holds its own centre', () => …)
 *     test('is slow', async () => …, { timeoutMillis: 60_000 })
 *     test.skip('waits for issue 7', () => …)            // counted, and printed with its name
 *     test.skipUnless(existsSync(file), 'no ../shared/data')('reads it', async () => …)
 *     test.only('…', () => …)           // runs alone, and the run fails: it is not for committing
 *     test.run()
 *
 * A file that takes longer than two minutes in all says so: `export const fileTimeoutMillis = …`.
 */
import { inspect } from 'node:util'
import { suite as uvuSuite } from 'uvu'
import type { TestEvent } from '../runner/events.ts'

export type Handler = () => void | Promise<void>

export interface SuiteOptions {
  /** For each test and each hook that does not bring its own. Default 20 s. */
  timeoutMillis?: number
}

export interface Hook {
  (handler: Handler): void
  each(handler: Handler): void
}

export interface Suite {
  (sentence: string, handler: Handler, options?: SuiteOptions): void
  only(sentence: string, handler: Handler, options?: SuiteOptions): void
  skip(sentence: string, handler?: Handler, options?: SuiteOptions): void
  /** Registers the test when `condition` holds, else a visible skip that says why. */
  skipUnless(
    condition: boolean,
    why: string,
  ): (sentence: string, handler: Handler, options?: SuiteOptions) => void
  before: Hook
  after: Hook
  run(): void
}

interface Registered {
  kind: 'test' | 'only' | 'skip'
  sentence: string
  handler: Handler
  timeoutMillis: number
}

/** What the runner needs to know about the suites of the file it has just imported. */
export interface SuiteState {
  readonly name: string
  /** Tests registered and not yet handed to uvu by `.run()`. */
  pending: Registered[]
  runs: number
  /** Tests handed to uvu. */
  queued: number
  skipped: number
  usesOnly: boolean
}

const DEFAULT_TIMEOUT_MILLIS = 20_000

const suites: SuiteState[] = []
let report: (event: TestEvent) => void = () => undefined

/** Every suite made so far in this process. */
export function registeredSuites(): readonly SuiteState[] {
  return suites
}

/** The runner listens here. Without a listener (a file run by hand) uvu's own output remains. */
export function reportTo(listener: (event: TestEvent) => void): void {
  report = listener
}

export function suite(name: string, options: SuiteOptions = {}): Suite {
  const state: SuiteState = {
    name,
    pending: [],
    runs: 0,
    queued: 0,
    skipped: 0,
    usesOnly: false,
  }
  suites.push(state)
  const hooks = { before: [], beforeEach: [], after: [], afterEach: [] } as Record<
    'before' | 'beforeEach' | 'after' | 'afterEach',
    Handler[]
  >
  const hookTimeout = options.timeoutMillis ?? DEFAULT_TIMEOUT_MILLIS

  const register =
    (kind: Registered['kind']) =>
    (sentence: string, handler: Handler = () => undefined, own: SuiteOptions = {}): void => {
      const timeoutMillis = own.timeoutMillis ?? hookTimeout
      state.pending.push({ kind, sentence, handler, timeoutMillis })
    }

  const run = (): void => {
    state.runs++
    const tests = state.pending.splice(0)
    const only = tests.filter((test) => test.kind === 'only')
    state.usesOnly ||= only.length > 0
    const chosen = only.length > 0 ? only : tests.filter((test) => test.kind === 'test')
    state.queued += chosen.length
    for (const { sentence } of tests.filter((test) => !chosen.includes(test))) {
      state.skipped++
      report({ type: 'skipped', suite: name, sentence })
    }
    queueInUvu(name, chosen, hooks, hookTimeout)
  }

  return Object.assign(register('test'), {
    only: register('only'),
    skip: register('skip'),
    skipUnless(condition: boolean, why: string) {
      const add = register(condition ? 'test' : 'skip')
      return (sentence: string, handler: Handler, own?: SuiteOptions): void => {
        add(condition ? sentence : `${sentence} (${why})`, handler, own)
      }
    },
    before: hookInto(hooks.before, hooks.beforeEach),
    after: hookInto(hooks.after, hooks.afterEach),
    run,
  })
}

function hookInto(once: Handler[], each: Handler[]): Hook {
  return Object.assign(
    (handler: Handler): void => {
      once.push(handler)
    },
    {
      each(handler: Handler): void {
        each.push(handler)
      },
    },
  )
}

/**
 * uvu keeps the order and nothing else: its hooks get handlers that cannot throw, and its tests
 * throw well-formed Errors only, because it loses everything else.
 */
function queueInUvu(
  name: string,
  tests: readonly Registered[],
  hooks: Record<'before' | 'beforeEach' | 'after' | 'afterEach', readonly Handler[]>,
  hookTimeout: number,
): void {
  const inner = uvuSuite(name)
  let broken: Error | undefined
  if (tests.length > 0) {
    inner.before(async () => {
      broken = await firstFailure(hooks.before, hookTimeout, 'before')
    })
    inner.after(async () => {
      const failure = await firstFailure(hooks.after, hookTimeout, 'after')
      if (failure !== undefined) {
        report({ type: 'failed', suite: name, sentence: 'after hook', error: failure })
      }
    })
  }
  for (const { sentence, handler, timeoutMillis } of tests) {
    inner(sentence, async () => {
      report({ type: 'started', suite: name, sentence })
      const startedAt = performance.now()
      const failure =
        broken ??
        (await firstFailure(hooks.beforeEach, hookTimeout, 'before.each')) ??
        (await failureOf(handler, timeoutMillis))
      // The hooks that clean up run in any case, and are heard in any case.
      const cleanUp = await firstFailure(hooks.afterEach, hookTimeout, 'after.each')
      const millis = performance.now() - startedAt
      const error = failure ?? cleanUp
      if (error === undefined) {
        report({ type: 'passed', suite: name, sentence, millis })
      } else {
        report({ type: 'failed', suite: name, sentence, error })
        throw error
      }
    })
  }
  inner.run()
}

async function firstFailure(
  handlers: readonly Handler[],
  timeoutMillis: number,
  hook: string,
): Promise<Error | undefined> {
  let first: Error | undefined
  for (const handler of handlers) {
    const failure = await failureOf(handler, timeoutMillis)
    if (failure === undefined) continue
    first ??= new Error(`the ${hook} hook failed: ${failure.message}`, { cause: failure })
    if (hook.startsWith('before')) break
  }
  return first
}

async function failureOf(handler: Handler, timeoutMillis: number): Promise<Error | undefined> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<Error>((resolve) => {
    timer = setTimeout(() => {
      resolve(new Error(`got no end within ${timeoutMillis} ms`))
    }, timeoutMillis)
  })
  const outcome = (async () => handler())().then(
    () => undefined,
    (thrown: unknown) => asError(thrown),
  )
  try {
    return await Promise.race([outcome, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** uvu needs a name and a stack to print a failure; whatever lacks them becomes a cause. */
function asError(thrown: unknown): Error {
  if (
    thrown instanceof Error &&
    typeof thrown.name === 'string' &&
    typeof thrown.stack === 'string'
  ) {
    return thrown
  }
  return new Error(`got ${inspect(thrown)} thrown, expected an Error`)
}
