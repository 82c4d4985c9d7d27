import * as assert from 'uvu/assert'
import { runFixture } from '../support/run-fixture.ts'
import { suite } from '../support/suite.ts'

const test = suite('the strict runner', { timeoutMillis: 30_000 })

/** Each of these is a way to be wrong that must turn the run red, and what must be said about it. */
const BROKEN: readonly [sentence: string, file: string, says: RegExp, lastLine: string][] = [
  [
    'a failed assertion',
    `const test = suite('s'); test('t', () => assert.is(1, 2)); test.run()`,
    /✘ x › s › t\n.*Expected values to be strictly equal/,
    '0 passed, 1 failed',
  ],
  [
    'a thrown string',
    `const test = suite('s'); test('t', () => { throw 'a string' }); test.run()`,
    /got 'a string' thrown, expected an Error/,
    '0 passed, 1 failed',
  ],
  [
    'a thrown object that only looks like an error',
    `const test = suite('s'); test('t', () => { throw { name: 'E', message: 'm' } }); test.run()`,
    /got \{ name: 'E', message: 'm' \} thrown/,
    '0 passed, 1 failed',
  ],
  [
    'an error without a stack',
    `const test = suite('s')
     test('t', () => { const e = new Error('bare'); e.stack = undefined; throw e })
     test.run()`,
    /bare/,
    '0 passed, 1 failed',
  ],
  [
    'a rejection with undefined',
    `const test = suite('s'); test('t', () => Promise.reject(undefined)); test.run()`,
    /got undefined thrown, expected an Error/,
    '0 passed, 1 failed',
  ],
  [
    'a before hook that throws',
    `const test = suite('s')
     test.before(() => { throw undefined })
     test('t', () => {})
     test('u', () => {})
     test.run()`,
    /✘ x › s › t\n.*the before hook failed/,
    '0 passed, 2 failed',
  ],
  [
    'an after hook that throws',
    `const test = suite('s'); test.after(() => { throw 1 }); test('t', () => {}); test.run()`,
    /✘ x › s › after hook/,
    '1 passed, 1 failed',
  ],
  [
    'a before.each hook that throws',
    `const test = suite('s'); test.before.each(() => { throw 1 }); test('t', () => {}); test.run()`,
    /the before\.each hook failed/,
    '0 passed, 1 failed',
  ],
  [
    'an after.each hook that throws',
    `const test = suite('s'); test.after.each(() => { throw 1 }); test('t', () => {}); test.run()`,
    /the after\.each hook failed/,
    '0 passed, 1 failed',
  ],
  [
    'an after.each hook that throws on top of a failure, which stays visible',
    `const test = suite('s')
     test.after.each(() => { throw 'hook' })
     test('t', () => { throw new Error('the real one') })
     test.run()`,
    /the real one/,
    '0 passed, 1 failed',
  ],
  [
    'a file that forgot .run()',
    `const test = suite('s'); test('t', () => {})`,
    /suite "s": \.run\(\) is missing/,
    '0 passed, 1 failed',
  ],
  [
    'one suite of two that forgot .run()',
    `const a = suite('a'); a('t', () => {}); a.run(); const b = suite('b'); b('t', () => {})`,
    /suite "b": \.run\(\) is missing/,
    '1 passed, 1 failed',
  ],
  [
    'a test that is registered after .run()',
    `const test = suite('s'); test('t', () => {}); test.run(); test('u', () => {})`,
    /got 1 tests after \.run\(\)/,
    '1 passed, 1 failed',
  ],
  [
    'an empty suite',
    `const test = suite('s'); test.run()`,
    /suite "s": got no tests/,
    '0 passed, 1 failed',
  ],
  ['an empty file', ``, /the file registers no suite/, '0 passed, 1 failed'],
  [
    "a suite of uvu's own",
    `import { suite as bare } from '${import.meta.resolve('uvu')}'
     const test = bare('s'); test('t', () => { throw undefined }); test.run()`,
    /a suite of uvu's own/,
    '0 passed, 2 failed',
  ],
  [
    'a test that never ends',
    `const test = suite('s', { timeoutMillis: 100 })
     test('t', () => new Promise(() => {}))
     test('u', () => {})
     test.run()`,
    /✘ x › s › t\n.*got no end within 100 ms/,
    '1 passed, 1 failed',
  ],
  [
    'a hook that never ends',
    `const test = suite('s', { timeoutMillis: 100 })
     test.after(() => new Promise(() => {}))
     test('t', () => {})
     test.run()`,
    /the after hook failed: got no end within 100 ms/,
    '1 passed, 1 failed',
  ],
  [
    'a test that blocks the process',
    `export const fileTimeoutMillis = 500
     const test = suite('s'); test('t', () => { for (;;) {} }); test('u', () => {}); test.run()`,
    /got no end within 500 ms \(in "s › t"\); the file was killed/,
    '0 passed, 3 failed',
  ],
  [
    'an import that waits for nothing',
    `await new Promise(() => {})`,
    /exit code 13\) before its last test/,
    '0 passed, 1 failed',
  ],
  [
    'a file that leaves with exit code 0',
    `const test = suite('s')
     test('t', () => {})
     test('u', () => process.exit(0))
     test('v', () => {})
     test.run()`,
    /ended \(exit code 0\) before its last test \(in "s › u"\)/,
    '1 passed, 3 failed',
  ],
  [
    'a file that leaves with exit code 0 while it is imported',
    `process.exit(0)`,
    /ended \(exit code 0\) before its last test/,
    '0 passed, 1 failed',
  ],
  [
    'a process that is killed',
    `const test = suite('s'); test('t', () => process.kill(process.pid, 'SIGKILL')); test.run()`,
    /ended \(SIGKILL\) before its last test/,
    '0 passed, 2 failed',
  ],
  [
    'an import of something that does not exist',
    `import './nowhere.js'`,
    /the file could not be imported/,
    '0 passed, 1 failed',
  ],
  ['a syntax error', `const`, /the file could not be imported/, '0 passed, 1 failed'],
  [
    'an import that throws undefined',
    `throw undefined`,
    /the file could not be imported\n\s+undefined/,
    '0 passed, 1 failed',
  ],
  [
    'a handle left open',
    `const test = suite('s'); test('t', () => { setInterval(() => {}, 1000) }); test.run()`,
    /does not end after its last test.*Timeout/,
    '1 passed, 1 failed',
  ],
  [
    'a process left running',
    `import { spawn } from 'node:child_process'
     const test = suite('s')
     test('t', () => { spawn('sleep', ['60'], { stdio: 'ignore' }).unref() })
     test.run()`,
    /got 1 processes left running/,
    '1 passed, 1 failed',
  ],
  [
    'a promise nobody waited for',
    `const test = suite('s')
     test('t', () => { void Promise.reject(new Error('floating')) })
     test('u', () => new Promise((resolve) => setTimeout(resolve, 50)))
     test.run()`,
    /\| .*floating/,
    '1 passed, 2 failed',
  ],
  [
    'an exit code that is not 0 after the last test',
    `const test = suite('s'); test('t', () => { process.exitCode = 7 }); test.run()`,
    /got exit code 7 after the last test/,
    '1 passed, 1 failed',
  ],
  [
    '.only',
    `const test = suite('s'); test('t', () => {}); test.only('u', () => {}); test.run()`,
    /got \.only, expected every test to run/,
    '1 passed, 1 failed, 1 skipped',
  ],
  [
    'nothing but skipped tests',
    `const test = suite('s'); test.skip('t', () => {}); test.run()`,
    /no test ran/,
    '0 passed, 0 failed, 1 skipped',
  ],
]

for (const [sentence, file, says, lastLine] of BROKEN) {
  test(`fails for ${sentence}`, async () => {
    const outcome = await runFixture({ 'x.test.js': file })
    assert.is(outcome.code, 1, outcome.output)
    assert.match(outcome.output, says)
    assert.is(outcome.lastLine, lastLine, outcome.output)
  })
}

test('fails when a single file of several is broken', async () => {
  const good = `const test = suite('s'); test('t', () => {}); test.run()`
  const outcome = await runFixture({ 'a.test.js': good, 'b.test.js': '', 'c/d.test.js': good })
  assert.is(outcome.code, 1)
  assert.is(outcome.lastLine, '2 passed, 1 failed')
})

test('fails when there is no test file', async () => {
  const outcome = await runFixture({})
  assert.is(outcome.code, 1)
  assert.match(outcome.output, /no test file found/)
  assert.is(outcome.lastLine, '0 passed, 0 failed')
})

test('fails for an import that never ends', async () => {
  const file = `setInterval(() => {}, 1000); await new Promise(() => {})`
  const outcome = await runFixture({ 'x.test.js': file }, ['--file-timeout', '1000'])
  assert.is(outcome.code, 1)
  assert.match(outcome.output, /got no end within 1000 ms/)
  assert.is(outcome.lastLine, '0 passed, 1 failed')
})

test('prints the causes of a failure', async () => {
  const outcome = await runFixture({
    'x.test.js': `const test = suite('s')
      test('t', () => {
        throw new Error('outer', { cause: new Error('middle', { cause: 'inner' }) })
      })
      test.run()`,
  })
  assert.match(outcome.output, /Error: outer[^]*caused by Error: middle[^]*caused by 'inner'/)
})

test.run()
