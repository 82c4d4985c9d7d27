import * as assert from 'uvu/assert'
import { withoutPaths } from '../../src/errors.ts'
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

test.run()
