import { fork } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the loopback preload')
const loopback = fileURLToPath(new URL('../../localstack/loopback.cjs', import.meta.url))

/** Every way to say where to listen, as source text, and the port that is asked for. */
const FORMS: readonly [form: string, asked: number][] = [
  ['', 0],
  ['0', 0],
  ['done', 0],
  ['4568, done', 4568],
  ['4568, "0.0.0.0", done', 4568],
  ['4568, "0.0.0.0", 511, done', 4568],
  ['4568, 511, done', 4568],
  ['"4568", "::"', 4568],
  ['undefined, done', 0],
  ['null, "0.0.0.0"', 0],
  ['{ port: 4568 }, done', 4568],
  ['{ port: 4568, host: "::", ipv6Only: false }, done', 4568],
  ['{ port: "4568", path: undefined }', 4568],
]

interface Outcome {
  messages: { asked: number; port: number }[]
  address: { address: string; port: number } | string
}

async function listenIn(folder: string, form: string, module: string): Promise<Outcome> {
  const script = join(folder, 'server.cjs')
  await writeFile(
    script,
    `const server = require('${module}').createServer()
     const done = () => {}
     server.on('listening', () => setImmediate(() => {
       process.send({ address: server.address() }, () => process.exit())
     }))
     server.listen(${form})`,
  )
  const child = fork(script, { execArgv: ['-r', loopback], stdio: 'ignore' })
  const messages: unknown[] = []
  child.on('message', (message) => messages.push(message))
  await new Promise((resolve) => child.once('close', resolve))
  const { address } = messages.pop() as Outcome
  return { messages: messages as Outcome['messages'], address }
}

for (const [form, asked] of FORMS) {
  test(`turns listen(${form}) to 127.0.0.1 and any free port, and says so`, async () => {
    await withTempDir(async (folder) => {
      const { messages, address } = await listenIn(folder, form, 'node:http')
      assert.ok(typeof address === 'object')
      assert.is(address.address, '127.0.0.1')
      assert.is.not(address.port, asked)
      assert.equal(messages, [{ asked, port: address.port }])
    })
  })
}

test('leaves a local socket where it is', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'socket')
    const { messages, address } = await listenIn(folder, JSON.stringify(path), 'node:net')
    assert.is(address, path)
    assert.equal(messages, [])
  })
})

test.run()
