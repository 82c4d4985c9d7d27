import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'

export interface TestFile {
  /** Relative path without `.test.js`, with forward slashes: `trips/csv-reader`. */
  name: string
  /** The compiled file, or undefined when the source was never compiled. */
  compiled: string | undefined
}

const COMPILED = /\.test\.js$/
const SOURCE = /\.test\.ts$/

/**
 * The test files under `root`. With `sources`, a compiled file whose source is gone is left out,
 * and a source that was not compiled is listed without a compiled file.
 *
 * @param filters parts of names; a file is taken when it contains one of them, or there are none
 */
export function findTestFiles(
  root: string,
  sources: string | undefined,
  filters: readonly string[] = [],
): TestFile[] {
  const compiled = new Map(namesUnder(root, COMPILED))
  const names =
    sources === undefined || !existsSync(sources)
      ? [...compiled.keys()]
      : namesUnder(sources, SOURCE).map(([name]) => name)
  return names
    .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
    .sort()
    .map((name) => ({ name, compiled: compiled.get(name) }))
}

function namesUnder(folder: string, pattern: RegExp): [name: string, path: string][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => pattern.test(path))
    .map((path) => [path.replace(pattern, '').split(sep).join('/'), join(folder, path)])
}
