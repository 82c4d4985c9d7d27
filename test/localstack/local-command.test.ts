import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { runLocal } from '../../localstack/local-command.ts'
import { HailstreamError } from '../../src/errors.ts'
import { eventually } from '../support/eventually.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('hailstream local', { timeoutMillis: 90_000 })

class Text {
  text = ''
  write(text: string): void {
    this.text += text
  }
}

interface Started {
  stdout: Text
  stderr: Text
  stop(): Promise<void>
  ended: Promise<unknown>
}

function start(options: { dataDir?: string; writeEnv?: string }): Started {
  const abort = new AbortController()
  const stdout = new Text()
  const stderr = new Text()
  const ended = runLocal({ ...options, signal: abort.signal, stdout, stderr }).then(
    () => undefined,
    (error: unknown) => error,
  )
  return {
    stdout,
    stderr,
    ended,
    async stop() {
      abort.abort()
      assert.is(await ended, undefined)
    },
  }
}

const ENVIRONMENT = new RegExp(
  '^AWS_ENDPOINT_URL_KINESIS=http://127\\.0\\.0\\.1:\\d+\\n' +
    'AWS_ENDPOINT_URL_DYNAMODB=http://127\\.0\\.0\\.1:\\d+\\n' +
    'AWS_REGION=us-east-1\\nAWS_ACCESS_KEY_ID=AKIDLOCAL\\nAWS_SECRET_ACCESS_KEY=local\\n$',
)

test('writes the environment to stdout and nothing else there', async () => {
  const local = start({})
  await eventually('the environment', () => local.stdout.text !== '', 60_000)
  await local.stop()
  assert.match(local.stdout.text, ENVIRONMENT)
  assert.match(local.stderr.text, /Data is kept in memory\. Ctrl-C stops both\.\n$/)
})

test('writes the environment to a file that is there only when both answer', async () => {
  await withTempDir(async (folder) => {
    const writeEnv = join(folder, 'E')
    // What an earlier pair left must not be taken for this one's.
    await writeFile(writeEnv, 'AWS_ENDPOINT_URL_KINESIS=http://127.0.0.1:1\n')
    const local = start({ writeEnv, dataDir: join(folder, 'data') })
    const read = (): Promise<string> => readFile(writeEnv, 'utf8').catch(() => '')
    await eventually('the old file to go', async () => !(await read()).includes(':1\n'))
    await eventually('the environment', async () => (await read()) !== '', 60_000)
    const text = await read()
    assert.match(text, ENVIRONMENT)
    const endpoint = /KINESIS=(.*)/.exec(text)?.[1] ?? ''
    assert.ok(await fetch(endpoint))
    assert.is(local.stdout.text, '')
    await local.stop()
    assert.is(await read(), text)
    assert.equal((await readdir(folder)).sort(), ['E', 'data'])
  })
})

test('ends without an error when it is stopped before it has started', async () => {
  const local = start({})
  await local.stop()
  assert.is(local.stdout.text, '')
})

test('does not replace a file of somebody else', async () => {
  await withTempDir(async (folder) => {
    const writeEnv = join(folder, '.env')
    await writeFile(writeEnv, 'AWS_REGION=us-east-1\nSECRET=1\n')
    const error = await start({ writeEnv }).ended
    assert.instance(error, HailstreamError)
    assert.match(String(error), /\.env: got a file with lines that hailstream did not write/)
    assert.is(await readFile(writeEnv, 'utf8'), 'AWS_REGION=us-east-1\nSECRET=1\n')
  })
})

test('says in one line that the file cannot be written, and stops', async () => {
  await withTempDir(async (folder) => {
    const local = start({ writeEnv: join(folder, 'nowhere', 'E') })
    const error = await local.ended
    assert.ok(error instanceof HailstreamError)
    assert.is(error.code, 'LOCAL')
    assert.match(error.message, /^E: got no such file or folder, expected/)
    assert.not.match(error.message, folder)
  })
})

test.run()
