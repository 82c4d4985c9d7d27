import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import * as assert from 'uvu/assert'
import { startLocalPair, type LocalPair } from '../../localstack/local-pair.ts'
import { HailstreamError } from '../../src/errors.ts'
import { isRunning } from '../runner/process-group.ts'
import {
  accepts,
  createStream,
  createTable,
  isGone,
  putOnce,
  putText,
  readTexts,
} from '../support/emulated.ts'
import { eventually } from '../support/eventually.ts'
import { sdkClients, type SdkClients } from '../support/sdk.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const SLOW = { timeoutMillis: 90_000 }

async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

const running = suite('a running local pair', SLOW)
let pair: LocalPair | undefined
let sdk: SdkClients | undefined

function clients(): SdkClients {
  if (sdk === undefined) throw new Error('the pair has not started')
  return sdk
}

running.before(async () => {
  pair = await startLocalPair()
  sdk = sdkClients(pair)
})

running.after(async () => {
  sdk?.destroy()
  await pair?.stop()
})

running('keeps what the Kinesis SDK puts', async () => {
  const { kinesis } = clients()
  await createStream(kinesis, 'trips')
  await putText(kinesis, 'trips', 'one')
  await putText(kinesis, 'trips', 'two')
  assert.equal(await readTexts(kinesis, 'trips'), ['one', 'two'])
})

running('has a table at once, and heeds conditions', async () => {
  const { dynamodb } = clients()
  await createTable(dynamodb, 'counts')
  await putOnce(dynamodb, 'counts', 'a')
  const failure = await failureOf(putOnce(dynamodb, 'counts', 'a'))
  assert.ok(failure instanceof Error)
  assert.is(failure.name, 'ConditionalCheckFailedException')
})

running('tells the AWS SDK where it is and how to sign', () => {
  assert.ok(pair)
  assert.equal(pair.environment, {
    AWS_ENDPOINT_URL_KINESIS: pair.kinesisEndpoint,
    AWS_ENDPOINT_URL_DYNAMODB: pair.dynamodbEndpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'AKIDLOCAL',
    AWS_SECRET_ACCESS_KEY: 'local',
  })
})

running.skipUnless(process.platform === 'linux', 'reads /proc')(
  'listens on 127.0.0.1 and nowhere else',
  () => {
    assert.ok(pair)
    const listening = pair.pids.map(listeningAddresses)
    // kinesis-local has a port for TLS as well.
    assert.equal(
      listening.map((addresses) => addresses.length),
      [2, 1],
    )
    for (const address of listening.flat()) assert.is(address, '0100007F')
  },
)

running.run()

/** Hexadecimal local addresses of a process's listening TCP sockets (proc_pid_net(5)). */
function listeningAddresses(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1]
      } catch {
        return undefined
      }
    }),
  )
  const LISTEN = '0A'
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === LISTEN && inodes.has(fields[9]))
      .map((fields) => fields[1]?.split(':')[0] ?? ''),
  )
}

const ending = suite('the end of a local pair', SLOW)

ending('leaves no process and no port behind', async () => {
  const short = await startLocalPair()
  assert.not(await isGone(short))
  await Promise.all([short.stop(), short.stop()])
  assert.ok(await isGone(short))
})

ending('does not wait for clients to hang up', async () => {
  const short = await startLocalPair()
  const sdk = sdkClients(short)
  await createStream(sdk.kinesis, 'trips')
  await createTable(sdk.dynamodb, 'counts')
  const idle = connect({ host: '127.0.0.1', port: Number(new URL(short.kinesisEndpoint).port) })
  await new Promise((resolve) => idle.once('connect', resolve))
  idle.on('error', () => undefined)
  const startedAt = performance.now()
  await short.stop()
  // A process that had to be killed would have taken ten seconds.
  assert.ok(performance.now() - startedAt < 5_000)
  assert.ok(await isGone(short))
  sdk.destroy()
})

ending.skipUnless(process.platform === 'linux', 'reads /proc')(
  'comes with a cancelled start',
  async () => {
    const reason = new Error('changed my mind')
    const before = await childProcesses()
    const failure = await failureOf(startLocalPair({ signal: AbortSignal.abort(reason) }))
    assert.is(failure, reason)
    const abort = new AbortController()
    const starting = failureOf(startLocalPair({ signal: abort.signal }))
    await eventually('the first process', async () => (await childProcesses()) > before)
    abort.abort(reason)
    assert.is(await starting, reason)
    assert.is(await childProcesses(), before)
  },
)

ending('does not come with the signal of a start that is over', async () => {
  const abort = new AbortController()
  const short = await startLocalPair({ signal: abort.signal })
  try {
    abort.abort()
    assert.ok(await accepts(short.kinesisEndpoint))
    assert.ok(short.pids.every(isRunning))
  } finally {
    await short.stop()
  }
})

ending('is told when one of the two dies by itself', async () => {
  const short = await startLocalPair()
  try {
    process.kill(short.pids[1], 'SIGKILL')
    const error = await short.exited
    assert.instance(error, HailstreamError)
    assert.is(error.code, 'LOCAL')
    assert.match(error.message, /^dynalite: got SIGKILL, expected a running emulator/)
  } finally {
    await short.stop()
  }
  assert.ok(await isGone(short))
})

ending.run()

async function childProcesses(): Promise<number> {
  const text = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
  return text.split(' ').filter((pid) => pid !== '' && isRunning(Number(pid))).length
}

const data = suite('a local pair with a data folder', SLOW)

data('keeps items and records from one start to the next', async () => {
  await withTempDir(async (dataDir) => {
    const first = await startLocalPair({ dataDir })
    const before = sdkClients(first)
    await createStream(before.kinesis, 'trips')
    await putText(before.kinesis, 'trips', 'one')
    await createTable(before.dynamodb, 'counts')
    await putOnce(before.dynamodb, 'counts', 'a')
    before.destroy()
    await first.stop()

    const second = await startLocalPair({ dataDir })
    const after = sdkClients(second)
    try {
      const { Items } = await after.dynamodb.send(new ScanCommand({ TableName: 'counts' }))
      assert.equal(Items, [{ pk: { S: 'a' } }])
      assert.equal(await readTexts(after.kinesis, 'trips'), ['one'])
    } finally {
      after.destroy()
      await second.stop()
    }
  })
})

data('keeps acknowledged items when dynalite is killed', async () => {
  await withTempDir(async (dataDir) => {
    const first = await startLocalPair({ dataDir })
    const before = sdkClients(first)
    await createTable(before.dynamodb, 'counts')
    await putOnce(before.dynamodb, 'counts', 'a')
    before.destroy()
    process.kill(first.pids[1], 'SIGKILL')
    await first.exited
    await first.stop()

    const second = await startLocalPair({ dataDir })
    const after = sdkClients(second)
    try {
      const { Items } = await after.dynamodb.send(new ScanCommand({ TableName: 'counts' }))
      assert.equal(Items, [{ pk: { S: 'a' } }])
    } finally {
      after.destroy()
      await second.stop()
    }
  })
})

data('refuses a folder that another pair uses, and takes it when that has stopped', async () => {
  await withTempDir(async (dataDir) => {
    const first = await startLocalPair({ dataDir })
    const failure = await failureOf(startLocalPair({ dataDir }))
    await first.stop()
    assert.ok(failure instanceof HailstreamError)
    assert.match(failure.message, new RegExp(`got one that process ${process.pid} uses`))
    const second = await startLocalPair({ dataDir })
    await second.stop()
  })
})

data('refuses streams that were cut off while they were written', async () => {
  await withTempDir(async (dataDir) => {
    const first = await startLocalPair({ dataDir })
    await first.stop()
    await truncate(`${dataDir}/kinesis/kinesis-data.json`, 10)
    const failure = await failureOf(startLocalPair({ dataDir }))
    assert.ok(failure instanceof HailstreamError)
    assert.match(failure.message, /^kinesis-data\.json: got a file that was cut off/)
    // The refusal has freed the folder: the next one is for the same reason.
    const again = await failureOf(startLocalPair({ dataDir }))
    assert.is(String(again), String(failure))
  })
})

data.skipUnless(process.platform === 'linux', 'reads /proc')(
  'says in one line that a store cannot be opened, and leaves nothing running',
  async () => {
    await withTempDir(async (dataDir) => {
      await writeFile(`${dataDir}/dynamodb`, 'not a folder')
      const before = await childProcesses()
      const failure = await failureOf(startLocalPair({ dataDir }))
      assert.ok(failure instanceof HailstreamError)
      assert.is(failure.code, 'LOCAL')
      assert.match(
        failure.message,
        /^dynalite: got exit code 1 \(\w*Error: .*\), expected a running emulator\./,
      )
      assert.not.match(failure.message, '\n')
      assert.is(await childProcesses(), before)
      assert.equal(await readdir(dataDir), ['dynamodb'])
    })
  },
)

data.run()
