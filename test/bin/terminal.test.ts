import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { repoRoot } from '../support/repo-root.ts'
import { suite } from '../support/suite.ts'

const test = suite('the terminal', { timeoutMillis: 90_000 })
const HAS_PYTHON = spawnSync('python3', ['-c', 'import pty, termios']).status === 0
const check = test.skipUnless(HAS_PYTHON, 'no python3 to make a terminal with')

interface Left {
  code: number
  asked: boolean
  restored: boolean
  output: string
}

/** `tail` in a terminal, with nothing behind the endpoint: the view stands, and tries again. */
async function tailUntil(how: string): Promise<Left> {
  const child = spawn(
    'python3',
    [
      join(repoRoot, 'test/bin/in-a-terminal.py'),
      how,
      process.execPath,
      join(repoRoot, 'bin/hailstream.js'),
      'tail',
    ],
    {
      env: {
        ...process.env,
        TERM: 'xterm-256color',
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'none',
        AWS_SECRET_ACCESS_KEY: 'none',
        // Nobody may listen on port 1.
        AWS_ENDPOINT_URL_DYNAMODB: 'http://127.0.0.1:1',
        AWS_ENDPOINT_URL_KINESIS: 'http://127.0.0.1:1',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await new Promise((resolve) => child.once('close', resolve))
  return JSON.parse(text) as Left
}

for (const [how, code] of [
  ['q', 0],
  ['^C', 0],
  ['SIGTERM', 0],
  ['SIGHUP', 0],
] as const) {
  check(`is given back as it was found after ${how}`, async () => {
    const left = await tailUntil(how)
    assert.ok(left.asked, left.output)
    assert.is(left.code, code, left.output)
    assert.ok(left.restored, 'the modes of the terminal are others')
    const end = left.output.slice(left.output.lastIndexOf('\u001b[?1049h'))
    for (const sequence of ['\u001b[?1049l', '\u001b[?25h', '\u001b[?7h']) {
      assert.ok(end.includes(sequence), JSON.stringify(end))
    }
    // Nothing of the view is drawn after it has left.
    const after = end.slice(end.lastIndexOf('\u001b[?1049l') + 8)
    assert.not.match(after, /\u001b\[\?2026h|uit/) // prettier-ignore
  })
}

test.run()
