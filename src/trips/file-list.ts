import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { glob, isDynamicPattern } from 'tinyglobby'
import { fileLabel, inputError, readError, STDIN } from './trip-file.ts'

/**
 * The files that names and glob patterns stand for: names in the order given, a pattern's matches
 * in code-unit order in its place, every file once. `-` is standard input. A name or pattern
 * without a file is an `INPUT` error.
 */
export async function expandFiles(patterns: readonly string[]): Promise<string[]> {
  const files = new Map<string, string>()
  for (const pattern of patterns) {
    for (const path of await matches(pattern)) {
      const identity = path === STDIN ? STDIN : await realpath(path)
      if (!files.has(identity)) files.set(identity, path)
    }
  }
  return [...files.values()]
}

async function matches(pattern: string): Promise<string[]> {
  if (pattern === STDIN) return [STDIN]
  // A file whose name happens to look like a pattern is that file.
  const failure = await stat(pattern).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (failure === undefined) return [pattern]
  if (!isDynamicPattern(pattern)) throw readError(fileLabel(pattern), failure)
  const found = await glob(pattern, { onlyFiles: true, expandDirectories: false })
  if (found.length === 0) {
    throw inputError(
      basename(pattern),
      'no file that matches',
      'at least one',
      'Check the pattern, and put it in quotes so that the shell leaves it alone.',
    )
  }
  return found.sort()
}

/**
 * SHA-256, in hex, over the base names and contents of files in their order: the same files give
 * the same fingerprint wherever they lie. Of standard input only the name is taken.
 */
export async function fingerprintFiles(files: readonly string[]): Promise<string> {
  const all = createHash('sha256')
  for (const path of files) {
    const content = createHash('sha256')
    if (path !== STDIN) {
      try {
        for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
          content.update(chunk as Buffer)
        }
      } catch (error) {
        throw readError(fileLabel(path), error)
      }
    }
    all.update(`${JSON.stringify(basename(path))} ${content.digest('hex')}\n`)
  }
  return all.digest('hex')
}
