import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { fileChunks } from '../../src/trips/file-chunks.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the chunks of a file')

const bytes = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 251))

test('are all of it, each right until the next is asked for', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'file')
    await writeFile(path, bytes)
    for (const chunkBytes of [1, 7, 500, 1000, 4096]) {
      const copies: Buffer[] = []
      for await (const chunk of fileChunks(path, chunkBytes)) {
        // Time for the next one to be read: it must not be read into this one.
        if (chunkBytes > 7) await new Promise((resolve) => setTimeout(resolve, 5))
        copies.push(Buffer.from(chunk))
      }
      assert.ok(Buffer.concat(copies).equals(bytes), `${chunkBytes} bytes each`)
    }
    await writeFile(path, '')
    assert.is((await fileChunks(path).next()).done, true)
  })
})

test.skipUnless(existsSync('/proc/self/fd'), 'no /proc')(
  'leave nothing open, whoever leaves early',
  async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'file')
      await writeFile(path, bytes)
      const before = (await readdir('/proc/self/fd')).length
      for (let i = 0; i < 20; i++) {
        for await (const chunk of fileChunks(path, 10)) if (chunk.length > 0) break
      }
      await new Promise((resolve) => setTimeout(resolve, 100))
      assert.is((await readdir('/proc/self/fd')).length, before)
    })
  },
)

test.skipUnless(hasPipes(), 'no mkfifo')(
  'of a pipe that is silent do not hold up who leaves',
  async () => {
    await withTempDir(async (folder) => {
      const path = join(folder, 'pipe')
      execFileSync('mkfifo', [path])
      const writing = open(path, 'w')
      const chunks = fileChunks(path)
      const first = chunks.next()
      const writer = await writing
      await writer.write('some')
      assert.is(Buffer.from((await first).value ?? '').toString(), 'some')
      await chunks.return()
      await writer.close()
    })
  },
)

function hasPipes(): boolean {
  try {
    execFileSync('mkfifo', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

test.run()
