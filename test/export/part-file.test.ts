import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { PartFile, told } from '../../src/export/part-file.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'

const test = suite('the part file of an export')

const failure = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => String(error),
  )

test('gets its final name, and nothing is left beside it, when it is whole', async () => {
  await withTempDir(async (folder) => {
    const out = join(folder, 'x.csv')
    const part = await PartFile.open(out, 'k')
    await part.append('a\n', { after: '1', rows: 1 })
    await part.append('b\n', { after: '2', rows: 1 })
    assert.equal((await readdir(folder)).sort(), ['x.csv.part', 'x.csv.part.json'])
    await part.finish()
    assert.equal(await readdir(folder), ['x.csv'])
    assert.is(await readFile(out, 'utf8'), 'a\nb\n')
  })
})

test('goes on after the last page that was whole, and cuts off what was half written', async () => {
  await withTempDir(async (folder) => {
    const out = join(folder, 'x.csv')
    const first = await PartFile.open(out, 'k')
    await first.append('one\n', { after: '1', rows: 1 })
    await first.close()
    await appendFile(`${out}.part`, 'tw')
    const second = await PartFile.open(out, 'k')
    assert.equal(second.note, { export: 'k', after: '1', bytes: 4, rows: 1 })
    await second.append('two\n', { after: '2', rows: 1 })
    await second.finish()
    assert.is(await readFile(out, 'utf8'), 'one\ntwo\n')
  })
})

test('begins anew for another export, for a part that lost bytes, and without a note', async () => {
  const spoilings: ((out: string) => Promise<void>)[] = [
    () => Promise.resolve(),
    (out) => truncate(`${out}.part`, 2),
    (out) => writeFile(`${out}.part.json`, '{"export":"k","aft'),
    (out) => writeFile(`${out}.part.json`, '{"export":"k"}'),
  ]
  for (const [i, spoil] of spoilings.entries()) {
    await withTempDir(async (folder) => {
      const out = join(folder, 'x.csv')
      const first = await PartFile.open(out, i === 0 ? 'other' : 'k')
      await first.append('one\n', { after: '1', rows: 1 })
      await first.close()
      await spoil(out)
      const second = await PartFile.open(out, 'k')
      assert.equal(second.note, { export: 'k', after: null, bytes: 0, rows: 0 }, `spoiling ${i}`)
      await second.append('new\n', { after: '9', rows: 1 })
      await second.finish()
      assert.is(await readFile(out, 'utf8'), 'new\n')
    })
  }
})

test('never replaces a file, neither at the start nor at the end', async () => {
  await withTempDir(async (folder) => {
    const out = join(folder, 'x.csv')
    const part = await PartFile.open(out, 'k')
    await part.append('one\n', { after: '1', rows: 1 })
    await writeFile(out, 'mine')
    const expected =
      'HailstreamError: Export file x.csv: got one that is there already, expected a name that is free. Remove it, or name another with --out.'
    assert.is(await failure(part.finish()), expected)
    assert.is(await failure(PartFile.open(out, 'k')), expected)
    assert.is(await readFile(out, 'utf8'), 'mine')
  })
})

test('says what to do when the disk is full, and names no folder when something else is wrong', async () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), {
    code: 'ENOSPC',
  })
  assert.is(
    await failure(told('/some/where/x.csv', () => Promise.reject(full))),
    'HailstreamError: Export file x.csv: got no space left on the device, expected a file that can be written. Make room and give the same command again: it goes on where it was.',
  )
  await withTempDir(async (folder) => {
    const message = await failure(PartFile.open(join(folder, 'nowhere', 'x.csv'), 'k'))
    assert.match(message, /Export file x\.csv: got no such file or folder, expected/)
    assert.not.match(message, /nowhere/)
  })
})

test.run()
