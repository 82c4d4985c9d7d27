import { spawn } from 'node:child_process'
import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { lockDataDir } from '../../localstack/data-lock.ts'
import { identify } from '../../localstack/process-identity.ts'
import { HailstreamError } from '../../src/errors.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the lock of a data folder')

/** A process id that nobody has: its process has ended and was waited for. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise((resolve) => child.once('exit', resolve))
  assert.ok(child.pid)
  return child.pid
}

async function refusal(dataDir: string): Promise<HailstreamError> {
  try {
    await lockDataDir(dataDir)
  } catch (error) {
    assert.instance(error, HailstreamError)
    return error as HailstreamError
  }
  throw new Error('got a lock, expected a refusal')
}

test('makes the folder, and is gone once released', async () => {
  await withTempDir(async (folder) => {
    const dataDir = join(folder, 'a', 'b')
    const lock = await lockDataDir(dataDir)
    await access(join(dataDir, 'local.lock'))
    await lock.release()
    const again = await lockDataDir(dataDir)
    await again.release()
  })
})

test('is refused while a living process holds it', async () => {
  await withTempDir(async (dataDir) => {
    const lock = await lockDataDir(dataDir)
    const error = await refusal(dataDir)
    await lock.release()
    assert.is(error.code, 'LOCAL')
    assert.match(error.message, new RegExp(`got one that process ${process.pid} uses`))
    assert.not.match(error.message, dataDir)
  })
})

test('is taken over from a process that has ended', async () => {
  await withTempDir(async (dataDir) => {
    const dead = [{ pid: await deadPid(), startedAt: '' }]
    await writeFile(join(dataDir, 'local.lock'), JSON.stringify(dead))
    const lock = await lockDataDir(dataDir)
    await lock.release()
  })
})

test.skipUnless(process.platform === 'linux', 'reads /proc')(
  'is taken over when another process has got the id of its owner',
  async () => {
    await withTempDir(async (dataDir) => {
      const { pid, startedAt } = identify(process.pid)
      assert.match(startedAt, /^\d+$/)
      const earlier = [{ pid, startedAt: String(Number(startedAt) - 1) }]
      await writeFile(join(dataDir, 'local.lock'), JSON.stringify(earlier))
      const lock = await lockDataDir(dataDir)
      await lock.release()
    })
  },
)

test('waits for emulators that have outlived their parent', async () => {
  await withTempDir(async (dataDir) => {
    const orphan = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 400)'], { stdio: 'ignore' })
    assert.ok(orphan.pid)
    let orphanEnded = false
    orphan.once('exit', () => {
      orphanEnded = true
    })
    const owners = [{ pid: await deadPid(), startedAt: '' }, identify(orphan.pid)]
    await writeFile(join(dataDir, 'local.lock'), JSON.stringify(owners))
    const lock = await lockDataDir(dataDir)
    assert.ok(orphanEnded)
    await lock.release()
  })
})

test('is taken over when it was cut off while it was written', async () => {
  await withTempDir(async (dataDir) => {
    await writeFile(join(dataDir, 'local.lock'), '[{"pid":')
    const lock = await lockDataDir(dataDir)
    await lock.release()
  })
})

test('says in one line, without the path, that a folder cannot be written', async () => {
  await withTempDir(async (folder) => {
    const file = join(folder, 'taken')
    await writeFile(file, '')
    const error = await refusal(join(file, 'data'))
    assert.is(error.code, 'LOCAL')
    assert.match(
      error.message,
      /^data folder data: got a path through a file that is no folder, expected/,
    )
    assert.not.match(error.message, folder)
    assert.not.match(error.message, '\n')
  })
})

test.run()
