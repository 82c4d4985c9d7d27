import { availableParallelism } from 'node:os'
import { runFileProcess, type FileLimits, type FileResult } from './file-process.ts'
import { findTestFiles, type TestFile } from './test-files.ts'

export interface RunOptions extends FileLimits {
  /** Compiled test files are looked for here, at any depth. */
  root: string
  /** Their sources, same relative paths. Left out, every compiled file counts. */
  sources?: string
  filters: readonly string[]
  /** Files that run at the same time. */
  jobs: number
  print: (line: string) => void
  signal: AbortSignal
}

export const DEFAULT_LIMITS: FileLimits = { fileTimeoutMillis: 120_000, lingerMillis: 3_000 }
export const DEFAULT_JOBS = availableParallelism()

const OUTPUT_LINES = 40
const UVU_PROGRESS = /^ .* {2}([•✘] )*( {2}\(\d+ \/ \d+\))?$/

interface Totals {
  passed: number
  failed: number
  skipped: number
}

/**
 * Runs every file and prints what happened; the last line is `N passed, N failed[, N skipped]`.
 *
 * @returns true only when at least one test passed and nothing at all went wrong
 */
export async function runAll(options: RunOptions): Promise<boolean> {
  const { root, sources, filters, print, signal } = options
  const files = findTestFiles(root, sources, filters)
  const totals: Totals = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []

  let next = 0
  const worker = async (): Promise<void> => {
    for (let file = files[next++]; file !== undefined; file = files[next++]) {
      if (signal.aborted) return
      const result = await resultOf(file, options)
      const failed = result.failures.length + result.unreached
      totals.passed += result.passed
      totals.failed += failed
      totals.skipped += result.skipped.length
      print(summary(file.name, result, failed))
      for (const test of result.slow) print(`  slow     ${test}`)
      for (const test of result.skipped) print(`  skipped  ${test}`)
      if (failed === 0) continue
      // At once, since a run may be cut off before its end, and once more there.
      const text = details(file.name, result)
      print(text)
      failures.push(text)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, options.jobs) }, worker))

  for (const text of failures) print(`\n${text}`)
  if (signal.aborted) print('\ninterrupted')
  if (files.length === 0) {
    print(filters.length === 0 ? 'no test file found' : `no test file matches ${filters.join(' ')}`)
  }
  const nothingRan = totals.passed + totals.failed === 0
  if (nothingRan) print('no test ran, and that is a failure')
  print(`\n${totalsLine(totals)}`)
  return totals.failed === 0 && !nothingRan && !signal.aborted
}

async function resultOf(file: TestFile, options: RunOptions): Promise<FileResult> {
  if (file.compiled !== undefined) {
    return runFileProcess(file.compiled, options, options.signal)
  }
  const text = 'got a source without a compiled file, expected both (tsc -p tsconfig.json --force)'
  const failures = [{ test: undefined, text }]
  return { passed: 0, failures, unreached: 0, skipped: [], slow: [], millis: 0, output: '' }
}

function summary(name: string, { passed, millis }: FileResult, failed: number): string {
  const mark = failed === 0 ? 'ok    ' : 'FAILED'
  const counts = failed === 0 ? `${passed}` : `${passed} passed, ${failed} failed`
  return `${mark} ${name} (${counts}; ${(millis / 1_000).toFixed(1)} s)`
}

function details(name: string, { failures, unreached, output }: FileResult): string {
  const parts = failures.map(
    ({ test, text }) => `✘ ${name}${test === undefined ? '' : ` › ${test}`}\n${indent(text)}`,
  )
  if (unreached > 0) parts.push(`✘ ${name}: ${unreached} tests did not come to an end`)
  const lines = output.split('\n').filter((line) => !UVU_PROGRESS.test(line))
  const printed = lines.slice(-OUTPUT_LINES).join('\n').trimEnd()
  if (printed !== '') parts.push(`  printed by ${name}:\n${indent(printed, '  | ')}`)
  return parts.join('\n')
}

function totalsLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

function indent(text: string, by = '    '): string {
  return text.replace(/^/gm, by)
}
