import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as assert from 'uvu/assert'
import { eventually } from '../support/eventually.ts'
import { outcomeOf, runFixture, startRunner, writeFixture } from '../support/run-fixture.ts'
import { suite } from '../support/suite.ts'
import { withTempDir } from '../support/temp-dir.ts'
import { isRunning } from './process-group.ts'

const test = suite('the runner', { timeoutMillis: 30_000 })

const GOOD = `const test = suite('s'); test('t', () => {}); test.run()`

test('is green when every test passes', async () => {
  const outcome = await runFixture({ 'x.test.js': GOOD })
  assert.is(outcome.code, 0, outcome.output)
  assert.is(outcome.lastLine, '1 passed, 0 failed')
})

test('names every skipped test, and why', async () => {
  const outcome = await runFixture({
    'x.test.js': `const test = suite('s')
      test.before(() => { throw new Error('no test runs, so no hook does') })
      test.skip('waits for rain', () => { throw 1 })
      test.skipUnless(false, 'no umbrella')('walks', () => { throw 1 })
      test.run()
      const other = suite('o')
      other.skipUnless(true, 'no umbrella')('swims', () => {})
      other.run()`,
  })
  assert.is(outcome.code, 0, outcome.output)
  assert.match(outcome.output, /skipped {2}s › waits for rain\n.*s › walks \(no umbrella\)\n/)
  assert.is(outcome.lastLine, '1 passed, 0 failed, 2 skipped')
})

test('runs hooks around the tests in their order', async () => {
  const outcome = await runFixture({
    'x.test.js': `const seen = []
      const test = suite('s')
      test.before(() => seen.push('before'))
      test.before.each(async () => { seen.push('(') })
      test.after.each(() => seen.push(')'))
      test('t', () => seen.push('t'))
      test('u', () => seen.push('u'))
      test.after(() => assert.equal(seen, ['before', '(', 't', ')', '(', 'u', ')']))
      test.run()`,
  })
  assert.is(outcome.lastLine, '2 passed, 0 failed', outcome.output)
})

test('gives every file a process of its own', async () => {
  const alone = `const test = suite('s')
    test('t', () => { assert.is(globalThis.seen, undefined); globalThis.seen = 1 })
    test.run()`
  const outcome = await runFixture({ 'a.test.js': alone, 'b.test.js': alone }, ['--jobs', '1'])
  assert.is(outcome.lastLine, '2 passed, 0 failed', outcome.output)
})

test('lets no AWS set-up of the machine into a test', async () => {
  const before = process.env.AWS_PROFILE
  process.env.AWS_PROFILE = 'production'
  try {
    const outcome = await runFixture({
      'x.test.js': `const test = suite('s')
        test('t', () => {
          assert.is(process.env.AWS_PROFILE, undefined)
          assert.is(process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED, 'true')
        })
        test.run()`,
    })
    assert.is(outcome.lastLine, '1 passed, 0 failed', outcome.output)
  } finally {
    if (before === undefined) delete process.env.AWS_PROFILE
    else process.env.AWS_PROFILE = before
  }
})

test('runs only the files whose names hold a filter', async () => {
  const files = { 'geo/ring.test.js': GOOD, 'trips/csv.test.js': GOOD, 'other.test.js': '' }
  const outcome = await runFixture(files, ['geo', 'trips/csv'])
  assert.is(outcome.code, 0, outcome.output)
  assert.is(outcome.lastLine, '2 passed, 0 failed')
})

test('fails when a filter matches nothing', async () => {
  const outcome = await runFixture({ 'x.test.js': GOOD }, ['y'])
  assert.is(outcome.code, 1)
  assert.match(outcome.output, /no test file matches y/)
})

test('leaves out a compiled file whose source is gone', async () => {
  await withTempDir(async (folder) => {
    const root = join(folder, 'compiled')
    const sources = join(folder, 'sources')
    await writeFixture(root, { 'kept.test.js': GOOD, 'stale.test.js': 'throw new Error()' })
    await writeFixture(sources, { 'kept.test.ts': '' })
    const outcome = await outcomeOf(startRunner(root, ['--sources', sources]))
    assert.is(outcome.code, 0, outcome.output)
    assert.is(outcome.lastLine, '1 passed, 0 failed')
  })
})

test('fails for a source that was not compiled', async () => {
  await withTempDir(async (folder) => {
    const root = join(folder, 'compiled')
    const sources = join(folder, 'sources')
    await writeFixture(root, { 'kept.test.js': GOOD })
    await writeFixture(sources, { 'kept.test.ts': '', 'new.test.ts': '' })
    const outcome = await outcomeOf(startRunner(root, ['--sources', sources]))
    assert.is(outcome.code, 1)
    assert.match(outcome.output, /✘ new\n.*without a compiled file/)
  })
})

const HANGS = `import { spawn } from 'node:child_process'
  import { writeFileSync, renameSync } from 'node:fs'
  const test = suite('s')
  test('t', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' })
    writeFileSync('pids.part', process.pid + ' ' + child.pid)
    renameSync('pids.part', 'pids')
    await new Promise(() => {})
  })
  test.run()`

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
  test(`leaves no process behind when it gets ${signal}`, async () => {
    await withTempDir(async (folder) => {
      const root = join(folder, 'tests')
      await mkdir(root)
      await writeFixture(root, { 'x.test.js': HANGS })
      const runner = startRunner(root, [], folder)
      const outcome = outcomeOf(runner)
      const read = async (): Promise<string> =>
        readFile(join(folder, 'pids'), 'utf8').catch(() => '')
      await eventually('the test to start', async () => (await read()) !== '')
      const pids = (await read()).split(' ').map(Number)
      assert.is(pids.filter(isRunning).length, 2)
      runner.kill(signal)
      const { code } = await outcome
      assert.is.not(code, 0)
      await eventually('both processes to end', () => !pids.some(isRunning))
    })
  })
}

test.run()
