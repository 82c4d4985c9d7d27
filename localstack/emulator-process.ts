import { spawn, type ChildProcess } from 'node:child_process'
import { request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { HailstreamError } from '../src/errors.ts'
import { systemClock } from '../src/time/clock.ts'

/** One of the two emulators: how it is started, and how to see that it answers. */
export interface EmulatorOptions {
  /** What messages call it. */
  name: string
  /** The script Node runs, and what comes after it. */
  script: string
  args: readonly string[]
  nodeFlags: readonly string[]
  environment: Readonly<Record<string, string>>
  /** The port it asks for; it gets another one (see loopback.cts). */
  asksForPort: number
  /** `X-Amz-Target` of a request without parameters that a working emulator answers with 200. */
  probe: string
  signal: AbortSignal | undefined
}

export interface EmulatorProcess {
  endpoint: string
  pid: number
  /** Resolves when the process has ended by itself; never after `stop`. */
  died: Promise<HailstreamError>
  /** SIGTERM, then SIGKILL for one that does not listen. Resolves when the process is gone. */
  stop(): Promise<void>
}

const START_TIMEOUT_MILLIS = 60_000
/** Longer than kinesis-local takes to write its data. */
const STOP_TIMEOUT_MILLIS = 10_000
const KEPT_LINES = 20

const loopback = fileURLToPath(new URL('./loopback.cjs', import.meta.url))

/** Starts an emulator and waits until it answers. Throws `LOCAL`, or the signal's reason. */
export async function startEmulator(options: EmulatorOptions): Promise<EmulatorProcess> {
  const { name, signal } = options
  signal?.throwIfAborted()
  // A session of its own: Ctrl-C in a terminal is for the program that uses the pair, which may
  // still need it to drain.
  const child = spawn(
    process.execPath,
    [...options.nodeFlags, '-r', loopback, options.script, ...options.args],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: options.environment },
  )
  const output = lastLines(child)
  let stopping: Promise<void> | undefined
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    // Not `exit`: what it said last may still be on its way then.
    child.once('close', (code, by) => resolve(by ?? `exit code ${code ?? 'unknown'}`))
  })
  const died = new Promise<HailstreamError>((resolve) => {
    void ended.then((how) => {
      if (stopping === undefined) resolve(failure(name, how, output()))
    })
  })
  const stop = (): Promise<void> => (stopping ??= terminate(child, ended))

  const port = new Promise<number>((resolve) => {
    child.on('message', (message: { asked: number; port: number }) => {
      if (message.asked === options.asksForPort) resolve(message.port)
    })
  })
  const given = new AbortController()
  const answering = port.then(async (number) => {
    await untilAnswered(number, options.probe, given.signal)
    return number
  })
  try {
    const outcome = await Promise.race([
      answering,
      died,
      systemClock.sleep(START_TIMEOUT_MILLIS, given.signal),
      aborted(signal, given.signal),
    ])
    signal?.throwIfAborted()
    if (outcome instanceof Error) throw outcome
    if (outcome === undefined || child.pid === undefined) {
      throw failure(name, `no answer within ${START_TIMEOUT_MILLIS / 1_000} s`, output())
    }
    return { endpoint: `http://127.0.0.1:${outcome}`, pid: child.pid, died, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    given.abort()
  }
}

async function terminate(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MILLIS)
  await ended
  clearTimeout(kill)
}

/** Asks until the emulator answers with 200: an open port says nothing about what is behind it. */
async function untilAnswered(port: number, probe: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await answers(port, probe))) {
    await systemClock.sleep(20, signal)
  }
}

function answers(port: number, probe: string): Promise<boolean> {
  const isKinesis = probe.startsWith('Kinesis')
  return new Promise((resolve) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        agent: false,
        timeout: 5_000,
        headers: {
          'Content-Type': `application/x-amz-json-1.${isKinesis ? 1 : 0}`,
          'X-Amz-Target': probe,
          'X-Amz-Date': '20160101T000000Z',
          // Both want to see a signature and neither checks it.
          Authorization:
            'AWS4-HMAC-SHA256 Credential=AKIDLOCAL/20160101/us-east-1/' +
            `${isKinesis ? 'kinesis' : 'dynamodb'}/aws4_request, SignedHeaders=host, Signature=0`,
        },
      },
      (response) => {
        response.resume()
        response.once('close', () => resolve(response.statusCode === 200))
      },
    )
    asked.once('error', () => resolve(false))
    asked.once('timeout', () => asked.destroy())
    asked.end('{}')
  })
}

/** Resolves when `signal` aborts; forgets it when `done` does. */
function aborted(signal: AbortSignal | undefined, done: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal?.addEventListener('abort', () => resolve(undefined), { once: true, signal: done })
  })
}

/** The end of what the process prints; reading it also keeps its pipes from filling up. */
function lastLines(child: ChildProcess): () => string[] {
  let lines: string[] = []
  const take = (chunk: Buffer): void => {
    lines = [...lines, ...chunk.toString('utf8').split('\n')]
      .filter((line) => line.trim() !== '' && !line.includes('starv'))
      .slice(-KEPT_LINES)
  }
  child.stdout?.on('data', take)
  child.stderr?.on('data', take)
  return () => lines
}

function failure(name: string, how: string, output: readonly string[]): HailstreamError {
  // Node prints the source line before the error, and the frames after it.
  const named = output.find((line) => /^\s*[\w.]*(Error|Exception)\b[^:]*: ./.test(line))
  const said = (named ?? output.at(-1))?.replace(/\/\S*\//g, '').trim()
  return new HailstreamError('LOCAL', {
    subject: name,
    got: said === undefined ? how : `${how} (${said.slice(0, 200)})`,
    expected: 'a running emulator',
    fix: 'Start it again; with a data folder, try an empty one.',
  })
}
