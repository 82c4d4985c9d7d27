import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, openSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { start } from '../support/hailstream.ts'
import { repoRoot } from '../support/repo-root.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the end of a command', { timeoutMillis: 60_000 })
const FULL = '/dev/full'
const checkFull = test.skipUnless(existsSync(FULL), 'no /dev/full on this machine')

checkFull('is one line and exit code 1 where its output finds no room', async () => {
  await withTempDir(async (cwd) => {
    await writeFile(join(cwd, 'trips.csv'), 'pickup_datetime\n2016-01-01 00:00:00\n')
    const entry = join(repoRoot, 'bin/hailstream.js')
    const command = ['replay', 'trips.csv', '--dry-run']
    const child = spawn(process.execPath, [entry, ...command], {
      cwd,
      stdio: ['ignore', openSync(FULL, 'w'), 'pipe'],
    })
    let talk = ''
    child.stderr?.on('data', (chunk: Buffer) => (talk += chunk.toString()))
    const [code] = (await once(child, 'close')) as [number]
    assert.is(code, 1)
    assert.match(talk, /^hailstream: standard output: got ENOSPC, expected room for it$/m)
    assert.not.match(talk, /\n {4}at /)
  })
})

test('comes soon after Ctrl-C though nothing answers', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await withTempDir(async (cwd) => {
      const environment = {
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'a',
        AWS_SECRET_ACCESS_KEY: 'b',
      }
      const running = start(['status'], { cwd, environment })
      await once(server, 'connection')
      running.process.kill('SIGINT')
      assert.is((await running.ended).code, 130)
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
})

test.run()
