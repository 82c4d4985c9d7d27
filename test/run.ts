/**
 * The test runner: `node dist/test/run.js [options] [part of a file's name …]`.
 *
 *   --root DIR         where the compiled *.test.js are            [the folder of this file]
 *   --sources DIR      where their *.test.ts are                   [test/, when --root is not given]
 *   --jobs N           files that run at the same time             [number of cores]
 *   --file-timeout MS  a file that takes longer has failed         [120000]
 *   --linger MS        time to end by itself after the last test   [3000]
 */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { DEFAULT_JOBS, DEFAULT_LIMITS, runAll } from './runner/run-all.ts'

// Assume failure: only a run that came to a good end takes this back.
process.exitCode = 1

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    root: { type: 'string' },
    sources: { type: 'string' },
    jobs: { type: 'string' },
    'file-timeout': { type: 'string' },
    linger: { type: 'string' },
  },
})

const sources =
  values.sources ??
  (values.root === undefined ? fileURLToPath(new URL('../../test', import.meta.url)) : undefined)
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    interrupt.abort()
  })
}

const good = await runAll({
  root: values.root ?? fileURLToPath(new URL('.', import.meta.url)),
  ...(sources !== undefined && existsSync(sources) && { sources }),
  filters: positionals,
  jobs: Number(values.jobs ?? DEFAULT_JOBS),
  fileTimeoutMillis: Number(values['file-timeout'] ?? DEFAULT_LIMITS.fileTimeoutMillis),
  lingerMillis: Number(values.linger ?? DEFAULT_LIMITS.lingerMillis),
  print: (line) => {
    process.stdout.write(`${line}\n`)
  },
  signal: interrupt.signal,
})
if (good) process.exitCode = 0
