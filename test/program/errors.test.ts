import * as assert from 'uvu/assert'
import { fileTrouble, withoutPaths } from '../../src/errors.ts'
import { suite } from '../support/suite.ts'

const test = suite('what an error tells others')

test('is not where files are on this machine', () => {
  const told: readonly [string, string][] = [
    ["ENOENT: no such file, open '/home/ann/letters/a.ndjson'", "ENOENT: no such file, open '…/a.ndjson'"],
    ['Dead letters in /var/lib/x/letters: got ENOSPC', 'Dead letters in …/letters: got ENOSPC'],
    ['got ECONNREFUSED of http://127.0.0.1:4567/a/b, expected 1/2', 'got ECONNREFUSED of http://127.0.0.1:4567/a/b, expected 1/2'],
    ['letters/a.ndjson and ./b/c.csv', 'letters/a.ndjson and ./b/c.csv'],
  ] // prettier-ignore
  for (const [message, expected] of told) assert.is(withoutPaths(message), expected)
})

test('is in words, whatever the system says of a file, and without its path', () => {
  const failure = (code: string, message: string): Error =>
    Object.assign(new Error(message), { code })
  const told: readonly [string, string, string][] = [
    ['ENOENT', "ENOENT: no such file or directory, open '/a/b'", 'no such file or folder'],
    ['EISDIR', 'EISDIR: illegal operation on a directory, read', 'a folder'],
    ['ENOTDIR', "ENOTDIR: not a directory, stat '/a/b'", 'a path through a file that is no folder'],
    ['EEXIST', "EEXIST: file already exists, mkdir '/a'", 'something else of that name'],
    ['EACCES', "EACCES: permission denied, open '/a'", 'no permission'],
    ['EROFS', "EROFS: read-only file system, open '/a'", 'a file system that may only be read'],
    ['ENOSPC', 'ENOSPC: no space left on device, write', 'no space left on the device'],
    ['EMFILE', "EMFILE: too many open files, open '/a'", 'too many open files'],
    ['ELOOP', "ELOOP: too many symbolic links encountered, rename '/a' -> '/b'", 'ELOOP: too many symbolic links encountered'],
  ] // prettier-ignore
  for (const [code, message, words] of told) assert.is(fileTrouble(failure(code, message)), words)
  assert.is(fileTrouble(new Error('unexpected end')), 'unexpected end')
})

test.run()
