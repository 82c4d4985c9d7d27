import { spawn, type ChildProcess } from 'node:child_process'
import * as assert from 'uvu/assert'
import { startLocalPair, type LocalPair } from '../../localstack/local-pair.ts'
import { isRunning } from '../runner/process-group.ts'
import { createStream, isGone, putText, readTexts } from '../support/emulated.ts'
import { eventually } from '../support/eventually.ts'
import { sdkClients } from '../support/sdk.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('a local pair whose parent', { timeoutMillis: 90_000 })
const localPair = new URL('../../localstack/local-pair.js', import.meta.url).href

type Pair = Pick<LocalPair, 'pids' | 'kinesisEndpoint' | 'dynamodbEndpoint'>

const parents = new Set<ChildProcess>()

test.after.each(() => {
  for (const parent of parents) parent.kill('SIGKILL')
  parents.clear()
})

/** Starts a program that starts a pair, prints it, and then does `next`. */
async function startParent(
  next: string,
  dataDir?: string,
): Promise<{ parent: ChildProcess; pair: Pair }> {
  const program = `
    import { startLocalPair } from '${localPair}'
    process.on('SIGINT', () => {})
    const pair = await startLocalPair(${JSON.stringify({ dataDir })})
    console.log(JSON.stringify(pair))
    ${next}`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  parents.add(parent)
  let printed = ''
  parent.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString('utf8')
  })
  await eventually(
    'the pair to start',
    () => {
      if (parent.exitCode !== null && printed === '') throw new Error('the parent has ended')
      return printed.includes('\n')
    },
    60_000,
  )
  return { parent, pair: JSON.parse(printed) as Pair }
}

function ended(parent: ChildProcess): Promise<void> {
  if (parent.exitCode !== null || parent.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => parent.once('exit', () => resolve()))
}

test('is killed ends too', async () => {
  const { parent, pair } = await startParent('setInterval(() => {}, 1000)')
  assert.not(await isGone(pair))
  parent.kill('SIGKILL')
  await ended(parent)
  await eventually('both emulators to end', () => isGone(pair))
})

test('exits without stopping it ends too', async () => {
  const { parent, pair } = await startParent('process.exit(3)')
  await ended(parent)
  await eventually('both emulators to end', () => isGone(pair))
})

test('crashes ends too', async () => {
  const { parent, pair } = await startParent(
    `process.on('uncaughtException', () => process.abort()); setTimeout(() => { throw 1 }, 10)`,
  )
  await ended(parent)
  await eventually('both emulators to end', () => isGone(pair))
})

test('gets Ctrl-C is still there while that parent drains', async () => {
  const { parent, pair } = await startParent('setInterval(() => {}, 1000)')
  assert.ok(parent.pid)
  // What a terminal does: everyone in the foreground group gets it.
  process.kill(-parent.pid, 'SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 300))
  assert.ok(pair.pids.every(isRunning))
  parent.kill('SIGKILL')
  await eventually('both emulators to end', () => isGone(pair))
})

test('is killed frees its data folder for the next, and has lost no record', async () => {
  await withTempDir(async (dataDir) => {
    const { parent, pair } = await startParent('setInterval(() => {}, 1000)', dataDir)
    const before = sdkClients(pair)
    await createStream(before.kinesis, 'trips')
    await putText(before.kinesis, 'trips', 'one')
    parent.kill('SIGKILL')
    await ended(parent)
    before.destroy()
    const next = await startLocalPair({ dataDir })
    const after = sdkClients(next)
    try {
      assert.equal(await readTexts(after.kinesis, 'trips'), ['one'])
    } finally {
      after.destroy()
      await next.stop()
    }
  })
})

test.run()
