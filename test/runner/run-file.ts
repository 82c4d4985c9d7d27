/**
 * The process of one test file: `node run-file.js FILE LINGER_MILLIS`, started by file-process.ts
 * with an IPC channel. It imports the file, runs what it registered, tells the runner, and then
 * does nothing more: the process has to end by itself.
 */
import { pathToFileURL } from 'node:url'
import type { FileMessage, TestEvent } from './events.ts'
import { formatError } from './format-error.ts'

type UvuRun = () => Promise<[errors: string | true, passed: number, skips: number, total: number]>

const [, , file = '', lingerMillis = '5000'] = process.argv

function send(message: FileMessage): void {
  process.send?.(message)
}

let problems = 0

function problem(text: string): void {
  problems++
  process.exitCode = 1
  send({ type: 'problem', text })
}

// Without its runner this process has no reader: it goes, and takes its own children along.
process.on('disconnect', () => {
  process.kill(process.platform === 'win32' ? process.pid : -process.pid, 'SIGKILL')
})
process.channel?.unref()

// uvu looks for these when it is loaded: with them it queues suites here and starts none itself.
const queue: UvuRun[] = []
Object.assign(globalThis, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [queue] })
const { registeredSuites, reportTo } = await import('../support/suite.ts')

let passed = 0
reportTo((event: TestEvent) => {
  if (event.type === 'passed') passed++
  if (event.type !== 'failed') {
    send(event)
    return
  }
  process.exitCode = 1
  const { suite, sentence, error } = event
  send({ type: 'failed', suite, sentence, text: formatError(error) })
})

let fileTimeoutMillis: number | undefined
try {
  const loaded = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  if (typeof loaded.fileTimeoutMillis === 'number') fileTimeoutMillis = loaded.fileTimeoutMillis
} catch (thrown) {
  problem(`the file could not be imported\n${formatError(thrown)}`)
}

if (problems === 0) {
  const suites = registeredSuites()
  const tests = suites.reduce((sum, { queued }) => sum + queued, 0)
  send({ type: 'registered', tests, ...(fileTimeoutMillis && { fileTimeoutMillis }) })
  checkRegistration()
  let total = 0
  let uvuPassed = 0
  for (const run of queue) {
    const [, ran, , all] = await run()
    uvuPassed += ran
    total += all
  }
  if (total !== tests || uvuPassed !== passed) {
    problem(`got ${uvuPassed} of ${total} tests passed from uvu, expected ${passed} of ${tests}`)
  }
}
send({ type: 'done' })

setTimeout(() => {
  send({ type: 'lingering', resources: process.getActiveResourcesInfo() })
}, Number(lingerMillis)).unref()

function checkRegistration(): void {
  const suites = registeredSuites()
  const runs = suites.reduce((sum, suite) => sum + suite.runs, 0)
  if (queue.length > runs) {
    problem("got a suite of uvu's own, expected suites from test/support/suite.ts only")
  }
  if (suites.length === 0 && queue.length === 0) problem('the file registers no suite')
  for (const { name, pending, runs: own, queued, skipped, usesOnly } of suites) {
    const subject = `suite "${name}"`
    if (own === 0) {
      problem(`${subject}: .run() is missing`)
    } else if (pending.length > 0) {
      problem(`${subject}: got ${pending.length} tests after .run(), expected them before it`)
    } else if (queued + skipped === 0) {
      problem(`${subject}: got no tests, expected at least one`)
    }
    if (usesOnly) problem(`${subject}: got .only, expected every test to run`)
  }
}
