import { existsSync } from 'node:fs'
import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { Quarantine, type QuarantinedRow } from '../../src/trips/quarantine.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import { failure } from './reading.ts'

const test = suite('the quarantine')

const row = (line: number, raw: string): QuarantinedRow => ({
  file: 'a.csv',
  line,
  reason: 'broken-quote',
  raw,
})

test('makes no file while there is nothing to put in', async () => {
  await withTempDir(async (folder) => {
    const quarantine = new Quarantine(join(folder, 'q.ndjson'))
    await quarantine.relieve()
    await quarantine.close()
    assert.equal(await readdir(folder), [])
  })
})

test('holds every row, one a line, whatever is in it', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'q.ndjson')
    const quarantine = new Quarantine(path)
    const rows = [
      row(2, 'a,"b\nc",🚕'),
      row(3, ''),
      ...Array.from({ length: 500 }, (_, i) => i),
    ].map((given) => (typeof given === 'number' ? row(given, 'x'.repeat(10_000)) : given))
    for (const one of rows) {
      quarantine.add(one)
      await quarantine.relieve()
    }
    assert.equal(await readdir(folder), ['q.ndjson.part'], 'not there before it is whole')
    await quarantine.close()
    assert.equal(await readdir(folder), ['q.ndjson'])
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
    assert.equal(
      lines.map((line) => JSON.parse(line) as unknown),
      rows,
    )
  })
})

test('replaces an older file, and keeps it when the reading was given up', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'q.ndjson')
    await writeFile(path, 'old')
    const given = new Quarantine(path)
    for (let i = 0; i < 200; i++) given.add(row(i, 'x'.repeat(10_000)))
    await given.relieve()
    await given.abandon()
    assert.equal(await readdir(folder), ['q.ndjson'])
    assert.is(await readFile(path, 'utf8'), 'old')
    const whole = new Quarantine(path)
    whole.add(row(1, 'x'))
    await whole.close()
    assert.match(await readFile(path, 'utf8'), /^\{"file":"a.csv","line":1,/)
  })
})

test('says in one line that it cannot be written', async () => {
  const quarantine = new Quarantine('/nowhere/at/all/q.ndjson')
  quarantine.add(row(1, 'x'))
  const error = await failure(() => quarantine.close())
  assert.match(error.message, /^Quarantine file q\.ndjson: got no such file or folder, expected/)
})

test('writes to what is not a file as it is, and takes nothing away', async () => {
  await withTempDir(async (folder) => {
    const path = join(folder, 'q.ndjson')
    await symlink('/dev/null', path)
    const quarantine = new Quarantine(path)
    quarantine.add(row(1, 'x'))
    await quarantine.close()
    assert.equal(await readdir(folder), ['q.ndjson'])
    assert.ok((await stat(path)).isCharacterDevice())
  })
})

const withFullDisk = test.skipUnless(existsSync('/dev/full'), 'no /dev/full')

withFullDisk('says that the disk is full, and leaves nothing behind', async () => {
  await withTempDir(async (folder) => {
    await symlink('/dev/full', join(folder, 'q.ndjson.part'))
    const quarantine = new Quarantine(join(folder, 'q.ndjson'))
    quarantine.add(row(1, 'x'))
    const error = await failure(() => quarantine.close())
    assert.match(
      error.message,
      /^Quarantine file q\.ndjson: got no space left on the device, expected/,
    )
    await quarantine.abandon()
    assert.equal(await readdir(folder), [])
  })
})

test.run()
