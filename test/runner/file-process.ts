import { spawn, type ChildProcess } from 'node:child_process'
import { devNull } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { FileMessage } from './events.ts'
import { killGroup, livingMembers } from './process-group.ts'

export interface FileLimits {
  /** From start to end, unless the file exports its own `fileTimeoutMillis`. */
  fileTimeoutMillis: number
  /** How long the process may take to end by itself after its last test. */
  lingerMillis: number
}

export interface Failure {
  /** `suite › sentence`, or undefined when it is about the file as a whole. */
  test: string | undefined
  text: string
}

export interface FileResult {
  passed: number
  failures: Failure[]
  /** Tests that were registered and never came to an end; they count as failed. */
  unreached: number
  skipped: string[]
  /** Tests that passed and took long, with their time in seconds. */
  slow: string[]
  millis: number
  /** What the tests printed, its last part. */
  output: string
}

const OUTPUT_LIMIT = 20_000
const SLOW_MILLIS = 5_000
const runFile = fileURLToPath(new URL('./run-file.js', import.meta.url))

/** Runs one compiled test file in a process of its own. Never rejects. */
export async function runFileProcess(
  file: string,
  limits: FileLimits,
  signal: AbortSignal,
): Promise<FileResult> {
  const startedAt = performance.now()
  const child = spawn(
    process.execPath,
    ['--enable-source-maps', runFile, file, String(limits.lingerMillis)],
    { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: environment() },
  )
  const outcome = new FileOutcome()
  const group = child.pid
  const kill = (): void => {
    if (group !== undefined) killGroup(group)
  }
  let timer = setTimeout(timedOut, limits.fileTimeoutMillis, limits.fileTimeoutMillis)
  function timedOut(millis: number): void {
    outcome.problem(`got no end within ${millis} ms${outcome.during()}; the file was killed`)
    kill()
  }

  child.on('message', (message: FileMessage) => {
    outcome.take(message)
    if (message.type === 'registered' && message.fileTimeoutMillis !== undefined) {
      clearTimeout(timer)
      timer = setTimeout(timedOut, message.fileTimeoutMillis, message.fileTimeoutMillis)
    }
    if (message.type === 'lingering') kill()
  })
  child.stdout?.on('data', (chunk: Buffer) => {
    outcome.print(chunk)
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    outcome.print(chunk)
  })
  signal.addEventListener('abort', kill)
  try {
    const ended = await endOf(child, group, limits.lingerMillis)
    outcome.ended(ended)
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
    kill()
  }
  return outcome.result(performance.now() - startedAt)
}

interface Ended {
  code: number | null
  signal: NodeJS.Signals | null
  /** Processes the file had started and not ended. */
  left: number
  spawnError?: Error
}

async function endOf(child: ChildProcess, group = 0, graceMillis = 0): Promise<Ended> {
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const ended = await new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, left: 0 }))
    child.once('error', (spawnError) => resolve({ code: null, signal: null, left: 0, spawnError }))
  })
  if (ended.spawnError !== undefined) return ended
  // A process that was just told to stop may need a moment; one that holds our pipes is left over.
  const deadline = performance.now() + graceMillis
  let left = livingMembers(group)
  while (left.length > 0 && ended.signal === null && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    left = livingMembers(group)
  }
  if (left.length > 0) killGroup(group)
  let timer: NodeJS.Timeout | undefined
  await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, 1_000)))])
  clearTimeout(timer)
  child.stdout?.destroy()
  child.stderr?.destroy()
  return { ...ended, left: left.length }
}

class FileOutcome {
  private passed = 0
  private registered = 0
  private finished = 0
  private done = false
  private killed = false
  private output = ''
  private running: string | undefined
  private readonly failures: Failure[] = []
  private readonly skipped: string[] = []
  private readonly slow: string[] = []

  take(message: FileMessage): void {
    switch (message.type) {
      case 'registered':
        this.registered = message.tests
        return
      case 'started':
        this.running = `${message.suite} › ${message.sentence}`
        return
      case 'skipped':
        this.skipped.push(`${message.suite} › ${message.sentence}`)
        return
      case 'passed':
        this.passed++
        if (message.millis >= SLOW_MILLIS) {
          const seconds = (message.millis / 1_000).toFixed(1)
          this.slow.push(`${message.suite} › ${message.sentence} (${seconds} s)`)
        }
        this.finish()
        return
      case 'failed':
        this.failures.push({ test: `${message.suite} › ${message.sentence}`, text: message.text })
        if (this.running !== undefined) this.finish()
        return
      case 'problem':
        this.failures.push({ test: undefined, text: message.text })
        return
      case 'done':
        this.done = true
        return
      case 'lingering':
        this.problem(
          'got a process that does not end after its last test, expected every handle closed ' +
            `(open: ${message.resources.join(', ')})`,
        )
    }
  }

  /** Anything that ends the file before it could say so itself. */
  problem(text: string): void {
    this.killed = true
    this.failures.push({ test: undefined, text })
  }

  print(chunk: Buffer): void {
    this.output = (this.output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT)
  }

  during(): string {
    return this.running === undefined ? '' : ` (in "${this.running}")`
  }

  ended({ code, signal, left, spawnError }: Ended): void {
    if (spawnError !== undefined) {
      this.problem(`the process could not be started: ${spawnError.message}`)
    } else if (!this.done && !this.killed) {
      const how = signal === null ? `exit code ${code ?? 'unknown'}` : signal
      this.problem(`got the process ended (${how}) before its last test${this.during()}`)
    } else if (!this.killed && (signal !== null || (code !== 0 && this.failures.length === 0))) {
      const how = signal ?? `exit code ${code ?? 'unknown'}`
      this.problem(`got ${how} after the last test, expected exit code 0`)
    }
    if (left > 0 && !this.killed) {
      this.problem(`got ${left} processes left running, expected none after the last test`)
    }
  }

  result(millis: number): FileResult {
    return {
      passed: this.passed,
      failures: this.failures,
      unreached: Math.max(0, this.registered - this.finished),
      skipped: this.skipped,
      slow: this.slow,
      millis,
      output: this.output,
    }
  }

  private finish(): void {
    this.finished++
    this.running = undefined
  }
}

/** Nothing of the machine's AWS set-up reaches a test: no test may ever talk to a real account. */
function environment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('AWS_') && name !== 'FORCE_COLOR' && name !== 'NODE_OPTIONS',
  )
  return {
    ...Object.fromEntries(own),
    NO_COLOR: '1',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  }
}
